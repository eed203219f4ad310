/**
 * Signing secrets of webhooks. A signature can only be checked by who knows the secret, so it is kept, sealed with a key
 * of the installation; it is shown once, when it is made.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { changeTrigger, lockTrigger } from "../queries/trigger-records.js";
import type { TriggerRow } from "../tables.js";

const purpose = "workflow-webhooks";
const nonceBytes = 12;
const tagBytes = 16;

/** A new secret; the one before is worth nothing from now on. @throws TRIGGER_NOT_FOUND, TRIGGER_NOT_A_WEBHOOK */
export function rotateSecret(ctx: Context, id: string): Promise<{ trigger: TriggerRow; secret: string }> {
  const secret = `whs_${randomBytes(32).toString("base64url")}`;
  return ctx.transaction(async (tx) => {
    const trigger = await lockTrigger(tx, id);
    if (!trigger) throw errors.TRIGGER_NOT_FOUND({ id });
    if (trigger.type !== "WEBHOOK") throw errors.TRIGGER_NOT_A_WEBHOOK({ id });
    const sealedSecret = seal(ctx.secrets.key(purpose), secret, id);
    return { trigger: await changeTrigger(tx, id, { sealedSecret }), secret };
  });
}

export interface Signed {
  readonly timestamp: string;
  readonly body: string;
  readonly signature: string;
}

/** `signature` is the hexadecimal HMAC-SHA-256 of `<timestamp>.<body>`, with or without `sha256=` before it. */
export function isSigned(ctx: Context, trigger: TriggerRow | null, { timestamp, body, signature }: Signed): boolean {
  const key = ctx.secrets.key(purpose);
  const sealed = trigger?.sealedSecret ?? null;
  // Whether there is such a trigger must not show in how long a refusal takes.
  const secret = trigger && sealed ? open(key, sealed, trigger.id) : key.toString("hex");
  const expected = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest();
  const given = Buffer.from(signature.replace(/^sha256=/, ""), "hex");
  const fits = given.length === expected.length && timingSafeEqual(given, expected);
  return fits && sealed !== null;
}

function seal(key: Buffer, secret: string, triggerId: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(triggerId));
  const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64");
}

function open(key: Buffer, sealed: string, triggerId: string): string {
  const bytes = Buffer.from(sealed, "base64");
  const nonce = bytes.subarray(0, nonceBytes);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce)
    .setAAD(Buffer.from(triggerId))
    .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, "utf8") + decipher.final("utf8");
}
