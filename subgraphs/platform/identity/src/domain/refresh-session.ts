/**
 * Refreshing exchanges the cookie's token for the next one. A token that was exchanged before means that two parties
 * hold the same session, one of them by theft: the whole family of tokens ends with it. Two refreshes within a few
 * seconds are told apart from that: two tabs, or an answer that got lost. Each gets a token of its own then.
 */
import { hashSecret } from "@tessera/access";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import {
  lockRefreshToken,
  markRefreshTokenUsed,
  type RefreshTokenRow,
  revokeSessionRow,
  touchSession,
} from "../queries/sessions.js";
import type { SessionRow } from "../tables.js";
import { actorOfMember, type IssuedToken, issueToken } from "./issue-token.js";
import { membershipOf } from "./login.js";
import { giveRefreshToken } from "./open-session.js";
import { announceFailure } from "./prove-password.js";
import { noRefreshCookie, readRefreshCookie } from "./refresh-cookie.js";

const graceMs = 10_000;

type Outcome = { kind: "renewed" | "reused"; session: SessionRow } | { kind: "expired" };

/** @throws SESSION_EXPIRED, SESSION_REUSED; both remove the cookie. */
export async function refreshSession(ctx: Context): Promise<IssuedToken> {
  const secret = readRefreshCookie(ctx.request.cookie);
  const outcome: Outcome = secret === null ? { kind: "expired" } : await exchange(ctx, hashSecret(secret));
  if (outcome.kind === "renewed") return tokenFor(ctx, outcome.session);
  ctx.setCookie(noRefreshCookie);
  if (outcome.kind === "expired") throw errors.SESSION_EXPIRED();
  await announceFailure(ctx, outcome.session.userId, "refresh token used twice", 1);
  throw errors.SESSION_REUSED();
}

function exchange(ctx: Context, hash: string): Promise<Outcome> {
  const now = ctx.now();
  return ctx.withoutTenant().transaction(async (tx) => {
    const found = await lockRefreshToken(tx, hash);
    if (!found || hasEnded(found, now)) return { kind: "expired" };
    const { token, session } = found;
    if (token.usedAt !== null && now.getTime() - token.usedAt.getTime() > graceMs) {
      await revokeSessionRow(tx, session.id, "refresh token used twice", now);
      return { kind: "reused", session };
    }
    if (token.usedAt === null) await markRefreshTokenUsed(tx, hash, now);
    await touchSession(tx, session.id, now);
    await giveRefreshToken(ctx, tx, session);
    return { kind: "renewed", session };
  });
}

function hasEnded({ token, session }: { token: RefreshTokenRow; session: SessionRow }, now: Date): boolean {
  const expired = token.usedAt === null && token.expiresAt <= now;
  return expired || session.expiresAt <= now || session.revokedAt !== null;
}

/** Roles and assignments as they are today. A person who is no longer a member gets nothing. */
async function tokenFor(ctx: Context, session: SessionRow): Promise<IssuedToken> {
  const membership = await membershipOf(ctx, session.userId, session.organizationId);
  return issueToken(ctx, await actorOfMember(ctx, membership, session.id));
}
