/** A session: a login and the refresh tokens that follow from it. */
import { createSecret } from "@tessera/access";
import { newId, type TenantDb } from "@tessera/database";
import { platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { forgetOldSessions, insertRefreshToken, insertSession } from "../queries/sessions.js";
import type { MembershipRow, SessionRow } from "../tables.js";
import { actorOfMember, type IssuedToken, issueToken } from "./issue-token.js";
import { refreshCookie } from "./refresh-cookie.js";

const daySeconds = 24 * 3_600;
/** A refresh token that is not used for a week ends the session. */
const refreshSeconds = 7 * daySeconds;
/** How long a session is remembered after it ended. */
const keptDays = 90;
/** However busy, a session ends after a month; then the person logs in again. */
const sessionSeconds = 30 * daySeconds;

/** Opens a session in the membership's organization, sets the cookie, gives an access token. */
export async function openSession(ctx: Context, membership: MembershipRow): Promise<IssuedToken> {
  const { tenantId, userId: id } = membership;
  const session = await ctx.as({ kind: "user", id, tenantId }).transaction((tx) => storeSession(ctx, tx, membership));
  return issueToken(ctx, await actorOfMember(ctx, membership, session.id));
}

async function storeSession(ctx: Context, tx: Transaction, membership: MembershipRow): Promise<SessionRow> {
  const session = newSession(ctx, membership);
  await forgetOldSessions(tx, session.userId, new Date(ctx.now().getTime() - keptDays * daySeconds * 1000));
  await insertSession(tx, session);
  await giveRefreshToken(ctx, tx, session);
  const { id: sessionId, userId, clientAddress } = session;
  tx.publish(platformEvents.loginSucceeded, { aggregateId: userId, payload: { userId, sessionId, clientAddress } });
  return session;
}

function newSession(ctx: Context, { userId, tenantId }: MembershipRow): SessionRow {
  const now = ctx.now();
  return {
    id: newId(),
    userId,
    organizationId: tenantId,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: new Date(now.getTime() + sessionSeconds * 1000),
    revokedAt: null,
    revokedBecause: null,
    clientAddress: ctx.request.clientAddress ?? null,
    userAgent: ctx.request.userAgent?.slice(0, 300) ?? null,
  };
}

/** A new refresh token of the session, stored as a hash and set as the cookie. */
export async function giveRefreshToken(ctx: Context, tx: TenantDb, session: SessionRow): Promise<void> {
  const { secret, hash } = createSecret("tsr_");
  const now = ctx.now().getTime();
  const expiresAt = new Date(Math.min(now + refreshSeconds * 1000, session.expiresAt.getTime()));
  await insertRefreshToken(tx, { hash, sessionId: session.id, expiresAt }, ctx.now());
  ctx.setCookie(refreshCookie(secret, Math.floor((expiresAt.getTime() - now) / 1000)));
}
