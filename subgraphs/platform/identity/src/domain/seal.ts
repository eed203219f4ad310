/** AES-256-GCM for what identity has to store and read again. Bound to a label, so that sealed texts cannot be swapped. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const ivLength = 12;
/** Node.js would accept a shortened tag unless the length is given. */
const authTagLength = 16;

/** base64 of IV, tag and ciphertext. `key` has 32 bytes. */
export function seal(key: Buffer, label: string, text: string): string {
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength }).setAAD(Buffer.from(label));
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64");
}

/** @throws when key or label differ from those it was sealed with, or a bit was changed. */
export function unseal(key: Buffer, label: string, sealed: string): string {
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivLength), { authTagLength });
  decipher.setAAD(Buffer.from(label)).setAuthTag(bytes.subarray(ivLength, ivLength + authTagLength));
  return Buffer.concat([decipher.update(bytes.subarray(ivLength + authTagLength)), decipher.final()]).toString("utf8");
}
