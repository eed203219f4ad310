import { hashSecret } from "@tessera/access";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { lockRefreshToken, openSessions, reachableSession, revokeSessionRow } from "../queries/sessions.js";
import type { SessionRow } from "../tables.js";
import { noRefreshCookie, readRefreshCookie } from "./refresh-cookie.js";
import { actsInPerson, requireActor } from "./require-person.js";

/** Ends the session of the cookie and that of the token, as far as there are any. */
export async function logout(ctx: Context): Promise<boolean> {
  const secret = readRefreshCookie(ctx.request.cookie);
  const own = ctx.actor?.sessionId;
  await ctx.withoutTenant().transaction(async (tx) => {
    const found = secret === null ? null : await lockRefreshToken(tx, hashSecret(secret));
    const ids = new Set([found?.session.id, own].filter((id) => id !== undefined));
    for (const id of ids) await revokeSessionRow(tx, id, "logged out", ctx.now());
  });
  ctx.setCookie(noRefreshCookie);
  return true;
}

/** Open sessions of oneself; with identity:admin those of a member that work in this organization. */
export async function listSessions(ctx: Context, userId: string | null): Promise<SessionRow[]> {
  const actor = requireActor(ctx);
  const own = actsInPerson(actor) && (userId === null || userId === actor.id);
  if (!own) ctx.require("identity:admin");
  return openSessions(ctx.db, { userId: userId ?? actor.id, hereOnly: !own }, ctx.now());
}

/** @throws NOT_FOUND for sessions that are neither one's own nor, for an administrator, in this organization. */
export async function revokeSession(ctx: Context, id: string): Promise<boolean> {
  const actor = requireActor(ctx);
  return ctx.transaction(async (tx) => {
    const session = await reachableSession(tx, id);
    const own = actsInPerson(actor) && session?.userId === actor.id;
    const governed = actor.scopes.has("identity:admin") && session?.organizationId === actor.tenantId;
    if (!session || !(own || governed)) throw errors.NOT_FOUND({ what: "session", id });
    await revokeSessionRow(tx, id, own ? "ended by the person" : "ended by an administrator", ctx.now());
    return true;
  });
}
