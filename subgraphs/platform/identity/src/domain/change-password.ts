import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { personById, updatePassword } from "../queries/people.js";
import { revokeSessionsOf } from "../queries/sessions.js";
import { hashPassword } from "./password-hash.js";
import { refuseWeakPassword } from "./password-rules.js";
import { provePassword } from "./prove-password.js";
import { requirePerson } from "./require-person.js";

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

/**
 * Whoever else is logged in as this person is logged out.
 * @throws INVALID_CREDENTIALS, LOGIN_LOCKED, PASSWORD_TOO_WEAK, SESSION_REQUIRED
 */
export async function changePassword(ctx: Context, { currentPassword, newPassword }: PasswordChange): Promise<boolean> {
  const { id: userId, sessionId } = requirePerson(ctx);
  const person = await personById(ctx.db, userId);
  if (!person) throw errors.INVALID_CREDENTIALS();
  await provePassword(ctx, person.user.email, currentPassword);
  refuseWeakPassword(newPassword, person.user);
  const hash = await hashPassword(newPassword);
  await ctx.transaction(async (tx) => {
    await updatePassword(tx, userId, hash, ctx.now());
    await revokeSessionsOf(tx, { userId, hereOnly: false }, "password changed", ctx.now(), sessionId);
  });
  return true;
}
