/**
 * The keys that sign access tokens. One is current; a retired one stays published until the last token it signed has
 * expired. Private parts are sealed under the installation's secret.
 */
import { createSigner, generateSigningKey, type Signer } from "@tessera/access";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import {
  currentSigningKey,
  insertSigningKey,
  publishedKeys,
  retireSigningKey,
  type SigningKeyRow,
  withdrawOldKeys,
} from "../queries/keys.js";
import { operatorOf } from "../queries/organizations.js";
import { seal, unseal } from "./seal.js";

/** Lifetime of an access token and a minute for clocks that differ. */
const lastTokenExpiresAfterMs = 16 * 60_000;
/** A key is replaced by itself after this time. */
const rotationMs = 90 * 24 * 3_600_000;
const shortestLifeMs = 10 * 60_000;

const sealingKey = (ctx: Context): Buffer => ctx.secrets.key("identity/signing-keys");

/** Signs with the current key; makes one when there is none, and another when it is 90 days old. */
export async function currentSigner(ctx: Context): Promise<Signer> {
  const key = await freshKey(ctx);
  const privateJwk = JSON.parse(unseal(sealingKey(ctx), key.kid, key.sealedPrivateJwk));
  return createSigner({ key: { kid: key.kid, privateJwk }, now: () => ctx.now().getTime() });
}

/** Public keys, as an RFC 7517 key set. */
export async function jsonWebKeySet(ctx: Context): Promise<{ keys: Record<string, unknown>[] }> {
  await freshKey(ctx);
  return { keys: await publishedKeys(ctx.withoutTenant().db, ctx.now()) };
}

/** For administrators of the operating organization. With `revoke`, every token signed so far stops counting. */
export async function rotateSigningKeys(ctx: Context, { revoke }: { revoke: boolean }) {
  ctx.require("identity:admin");
  if ((await operatorOf(ctx.db)) !== ctx.tenantId) throw errors.OPERATOR_ONLY();
  const current = await freshKey(ctx);
  const now = ctx.now();
  const retryAfterSeconds = Math.ceil((current.createdAt.getTime() + shortestLifeMs - now.getTime()) / 1000);
  if (!revoke && retryAfterSeconds > 0) throw errors.SIGNING_KEY_TOO_YOUNG({ retryAfterSeconds });
  await replace(ctx, current, revoke ? now : new Date(now.getTime() + lastTokenExpiresAfterMs));
  if (revoke) await ctx.withoutTenant().transaction((tx) => withdrawOldKeys(tx, now));
  return jsonWebKeySet(ctx);
}

async function freshKey(ctx: Context): Promise<SigningKeyRow> {
  const now = ctx.now().getTime();
  const current = await currentSigningKey(ctx.withoutTenant().db);
  if (current && now - current.createdAt.getTime() < rotationMs) return current;
  await replace(ctx, current, new Date(now + lastTokenExpiresAfterMs));
  const next = await currentSigningKey(ctx.withoutTenant().db);
  if (!next) throw new Error("There is no signing key, although one was just made.");
  return next;
}

/** Whoever comes second at the same moment changes nothing and uses the winner's key. */
async function replace(ctx: Context, old: SigningKeyRow | null, oldPublishedUntil: Date): Promise<void> {
  const { kid, privateJwk, publicJwk } = await generateSigningKey();
  const sealedPrivateJwk = seal(sealingKey(ctx), kid, JSON.stringify(privateJwk));
  await ctx.withoutTenant().transaction(async (tx) => {
    if (old && !(await retireSigningKey(tx, old.kid, oldPublishedUntil))) return;
    await insertSigningKey(tx, {
      kid,
      publicJwk: { ...publicJwk },
      sealedPrivateJwk,
      current: true,
      createdAt: ctx.now(),
    });
  });
}
