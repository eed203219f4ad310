/**
 * Secrets that are shown once and kept as a hash: API keys, refresh tokens, one-time tokens. They carry 256 random
 * bits, so a plain SHA-256 is enough: there is nothing to guess, unlike with passwords.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

export interface CreatedSecret {
  /** Show once, never store. */
  readonly secret: string;
  /** The first characters, to recognise the secret by in a list. */
  readonly prefix: string;
  /** SHA-256 in hexadecimal, to store and to look up by. */
  readonly hash: string;
}

/** A new secret that starts with `prefix` (such as `tsk_`), followed by 256 random bits in base64url. */
export function createSecret(prefix: string): CreatedSecret {
  const secret = `${prefix}${randomBytes(32).toString("base64url")}`;
  return { secret, prefix: secret.slice(0, prefix.length + 8), hash: hashSecret(secret) };
}

/** SHA-256 of a presented secret in hexadecimal, as it is stored. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret, "utf8").digest("hex");
}

/** Compares in constant time. A stored hash of another length or alphabet never matches. */
export function verifySecret(secret: string, hash: string): boolean {
  const expected = Buffer.from(hash, "hex");
  const actual = createHash("sha256").update(secret, "utf8").digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
