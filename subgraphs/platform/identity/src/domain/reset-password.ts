/**
 * A forgotten password. The one-time token is stored hashed, to look it up by, and sealed, for whoever delivers it; it
 * is never part of an answer, an event or a log line, because those reach people who are not the account's owner.
 */
import { createSecret, hashSecret } from "@tessera/access";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { type KnownPerson, personByEmail, personById, updatePassword } from "../queries/people.js";
import {
  insertPasswordReset,
  latestPasswordReset,
  openPasswordReset,
  revokeSessionsOf,
  usePasswordReset,
} from "../queries/sessions.js";
import { hashPassword } from "./password-hash.js";
import { refuseWeakPassword } from "./password-rules.js";
import { forgetAttempts, nextGridLine } from "./prove-password.js";
import { seal } from "./seal.js";

const tokenMs = 30 * 60_000;
/** A second request within this time changes nothing. */
const pauseMs = 60_000;

/** True whether or not the address is known, and after the same time. */
export async function requestPasswordReset(ctx: Context, email: string): Promise<boolean> {
  const startedAt = performance.now();
  const person = await personByEmail(ctx.withoutTenant().db, email.trim().toLowerCase());
  if (person) await storeReset(ctx, person);
  await nextGridLine(startedAt);
  return true;
}

async function storeReset(ctx: Context, { user }: KnownPerson): Promise<void> {
  const now = ctx.now();
  await ctx.withoutTenant().transaction(async (tx) => {
    const latest = await latestPasswordReset(tx, user.id);
    if (latest && latest.usedAt === null && now.getTime() - latest.createdAt.getTime() < pauseMs) return;
    const { secret, hash } = createSecret("tsp_");
    const sealedToken = seal(ctx.secrets.key("identity/password-resets"), hash, secret);
    const expiresAt = new Date(now.getTime() + tokenMs);
    await insertPasswordReset(tx, { hash, userId: user.id, sealedToken, createdAt: now, expiresAt });
  });
}

/** Ends every session of the person and lifts a lock. @throws TOKEN_INVALID, PASSWORD_TOO_WEAK */
export async function resetPassword(ctx: Context, token: string, newPassword: string): Promise<boolean> {
  const { db } = ctx.withoutTenant();
  const reset = await openPasswordReset(db, hashSecret(token), ctx.now());
  const person = reset && (await personById(db, reset.userId));
  if (!reset || !person) throw errors.TOKEN_INVALID();
  refuseWeakPassword(newPassword, person.user);
  const hash = await hashPassword(newPassword);
  await ctx.withoutTenant().transaction(async (tx) => {
    if (!(await usePasswordReset(tx, reset, ctx.now()))) throw errors.TOKEN_INVALID();
    await updatePassword(tx, reset.userId, hash, ctx.now());
    await revokeSessionsOf(tx, { userId: reset.userId, hereOnly: false }, "password reset", ctx.now());
  });
  await forgetAttempts(ctx, person.user.email);
  return true;
}
