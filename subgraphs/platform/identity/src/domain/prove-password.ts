/**
 * Proof by password, for everything that asks for one. An attempt is counted before it is judged, so that many at once
 * gain nothing; an unknown address is counted, locked and answered like a known one, and takes as long.
 */
import { createHmac } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { ownMemberships } from "../queries/memberships.js";
import { type KnownPerson, personByEmail } from "../queries/people.js";
import { clearAttempts, forgetOldAttempts, lockAttempts, saveAttempts } from "../queries/sessions.js";
import { afterFailure, forgottenAfterMs, secondsLocked } from "./lock-out.js";
import { passwordMatches } from "./password-hash.js";

/** Refusals are answered at the next full multiple of this time after the request. */
const refusalGridMs = 250;

/** @throws INVALID_CREDENTIALS, LOGIN_LOCKED, LOGIN_BUSY */
export async function provePassword(ctx: Context, email: string, password: string): Promise<KnownPerson> {
  const startedAt = performance.now();
  const failures = await countAttempt(ctx, email);
  const person = await personByEmail(ctx.withoutTenant().db, email);
  const matches = await passwordMatches(password, person?.passwordHash ?? null);
  if (person && matches) {
    await forgetAttempts(ctx, email);
    return person;
  }
  if (person) await announceFailure(ctx, person.user.id, "wrong password", failures);
  await nextGridLine(startedAt);
  throw errors.INVALID_CREDENTIALS();
}

/** Waits so that the time of an answer does not tell what was found. */
export async function nextGridLine(startedAt: number): Promise<void> {
  const elapsed = performance.now() - startedAt;
  await setTimeout(refusalGridMs - (elapsed % refusalGridMs));
}

export async function forgetAttempts(ctx: Context, email: string): Promise<void> {
  await ctx.withoutTenant().transaction((tx) => clearAttempts(tx, emailHash(ctx, email)));
}

/** Counts the attempt as a failure until it succeeds. @throws LOGIN_LOCKED */
async function countAttempt(ctx: Context, email: string): Promise<number> {
  const hash = emailHash(ctx, email);
  const now = ctx.now();
  return ctx.withoutTenant().transaction(async (tx) => {
    await forgetOldAttempts(tx, new Date(now.getTime() - forgottenAfterMs));
    const attempts = await lockAttempts(tx, hash, now);
    const retryAfterSeconds = secondsLocked(attempts, now);
    if (retryAfterSeconds > 0) throw errors.LOGIN_LOCKED({ retryAfterSeconds });
    const counted = afterFailure(attempts, now);
    await saveAttempts(tx, hash, counted);
    return counted.failures;
  });
}

/** Keyed, so that the table does not tell which addresses were tried. */
function emailHash(ctx: Context, email: string): string {
  return createHmac("sha256", ctx.secrets.key("identity/login-attempts")).update(email).digest("hex");
}

/** Told in the organization the person joined first; to nobody when they belong to none. */
export async function announceFailure(ctx: Context, userId: string, reason: string, attempts: number): Promise<void> {
  const [first] = await ownMemberships(ctx.withoutTenant(userId).db, userId);
  if (!first) return;
  const clientAddress = ctx.request.clientAddress ?? null;
  const payload = { userId, reason, attempts, clientAddress };
  await ctx.as({ kind: "user", id: userId, tenantId: first.tenantId }).transaction(async (tx) => {
    tx.publish(platformEvents.loginFailed, { aggregateId: userId, payload });
  });
}
