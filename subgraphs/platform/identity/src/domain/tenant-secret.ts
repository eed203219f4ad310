/**
 * Secrets that say which organization they belong to, so that they can be looked up inside it: API keys (`tsk_`) and
 * invitation tokens (`tsi_`). The organization's id is no secret; the 256 random bits after it are.
 */
import { type CreatedSecret, createSecret } from "@tessera/access";

type Prefix = "tsk_" | "tsi_";

export function createTenantSecret(prefix: Prefix, tenantId: string): CreatedSecret {
  const tenant = Buffer.from(tenantId.replaceAll("-", ""), "hex").toString("base64url");
  return createSecret(`${prefix}${tenant}_`);
}

/** The organization a presented secret names, or null when it is no such secret. */
export function tenantOfSecret(prefix: Prefix, secret: string): string | null {
  const match = new RegExp(`^${prefix}([A-Za-z0-9_-]{22})_[A-Za-z0-9_-]{43}$`).exec(secret);
  const hex = match?.[1] && Buffer.from(match[1], "base64url").toString("hex");
  return hex ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") : null;
}
