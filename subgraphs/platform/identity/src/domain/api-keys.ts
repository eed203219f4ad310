/** API keys: what a program shows instead of a password. Kept as a hash, for some scopes, for some time. */
import { hashSecret } from "@tessera/access";
import { newId } from "@tessera/database";
import type { Actor } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import {
  insertApiKey,
  listApiKeys as listRows,
  revokeApiKeyRow,
  serviceAccountsById,
  touchApiKey,
  usableApiKey,
} from "../queries/keys.js";
import { membershipsByUser } from "../queries/memberships.js";
import { settingsById } from "../queries/organizations.js";
import type { ApiKeyRow } from "../tables.js";
import { knownScopes, refuseBeyond } from "./grants.js";
import { actorOfMember, type IssuedToken, issueToken, scopesOfKeys, tierOf } from "./issue-token.js";
import { nobody, requireActor, requirePerson } from "./require-person.js";
import { createTenantSecret, tenantOfSecret } from "./tenant-secret.js";
import { nameValue, wholeNumber } from "./value-rules.js";

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly serviceAccountId?: string | null | undefined;
  readonly expiresInDays?: number | null | undefined;
}

const usualDays = 90;
const dayMs = 24 * 3_600_000;

/**
 * For oneself, or for a service account. A key never permits more than its maker may do, and a key cannot make a key for
 * a person: it would outlive its own revocation.
 * @throws SESSION_REQUIRED, NOT_FOUND, SCOPE_UNKNOWN, EXCEEDS_OWN_SCOPES, VALUE_INVALID
 */
export async function createApiKey(ctx: Context, input: NewApiKey): Promise<{ apiKey: ApiKeyRow; secret: string }> {
  const owner = await ownerOf(ctx, input.serviceAccountId ?? null);
  const actor = requireActor(ctx);
  const scopes = knownScopes(input.scopes);
  refuseBeyond(actor, scopes);
  const { secret, prefix, hash } = createTenantSecret("tsk_", ctx.tenantId);
  const createdAt = ctx.now();
  const expiresAt = new Date(createdAt.getTime() + (await lifetimeDays(ctx, input.expiresInDays)) * dayMs);
  const row = { id: newId(), name: nameValue("name", input.name), prefix, hash, scopes, createdAt, expiresAt };
  const apiKey = await ctx.transaction((tx) => insertApiKey(tx, { ...row, ...owner, createdBy: actor.id }));
  return { apiKey, secret };
}

async function ownerOf(ctx: Context, serviceAccountId: string | null) {
  if (serviceAccountId === null) return { userId: requirePerson(ctx).id };
  ctx.require("identity:admin");
  const [account] = await serviceAccountsById(ctx.db, [serviceAccountId]);
  if (!account || account.disabledAt) throw errors.NOT_FOUND({ what: "service account", id: serviceAccountId });
  return { serviceAccountId };
}

async function lifetimeDays(ctx: Context, wanted: number | null | undefined): Promise<number> {
  const [settings] = await settingsById(ctx.db, [ctx.tenantId]);
  const most = settings?.apiKeyMaxDays ?? usualDays;
  return wanted == null ? Math.min(usualDays, most) : wholeNumber("expiresInDays", wanted, 1, most);
}

/** One's own; with identity:admin all of the organization. */
export async function listApiKeys(ctx: Context): Promise<ApiKeyRow[]> {
  return listRows(ctx.db, governsKeys(ctx));
}

/** @throws NOT_FOUND for keys that are neither one's own nor, for an administrator, the organization's. */
export async function revokeApiKey(ctx: Context, id: string): Promise<ApiKeyRow> {
  const everybodys = governsKeys(ctx);
  const key = await ctx.transaction((tx) => revokeApiKeyRow(tx, id, everybodys, ctx.now()));
  if (!key) throw errors.NOT_FOUND({ what: "API key", id });
  return key;
}

/** Whether all keys of the organization are meant, or one's own, which takes the person themselves. */
function governsKeys(ctx: Context): boolean {
  if (requireActor(ctx).scopes.has("identity:admin")) return true;
  requirePerson(ctx);
  return false;
}

/**
 * A token that permits what both the key and its owner permit today. One answer for every reason to refuse.
 * @throws API_KEY_INVALID
 */
export async function exchangeApiKey(ctx: Context, secret: string): Promise<IssuedToken> {
  const tenantId = tenantOfSecret("tsk_", secret);
  if (tenantId === null) throw errors.API_KEY_INVALID();
  const inside = ctx.as({ kind: "service", id: nobody, tenantId });
  const key = await usableApiKey(inside.db, hashSecret(secret), ctx.now());
  const owner = key && (await actorBehind(inside, key));
  if (!key || !owner) throw errors.API_KEY_INVALID();
  await inside.transaction((tx) => touchApiKey(tx, key.id, ctx.now()));
  const scopes = new Set(key.scopes.filter((scope) => owner.scopes.has(scope)));
  return issueToken(ctx, { ...owner, scopes });
}

async function actorBehind(ctx: Context, { userId, serviceAccountId }: ApiKeyRow): Promise<Actor | null> {
  if (userId !== null) {
    const [membership] = await membershipsByUser(ctx.db, [userId]);
    return membership ? actorOfMember(ctx, membership) : null;
  }
  const [account] = await serviceAccountsById(ctx.db, serviceAccountId === null ? [] : [serviceAccountId]);
  if (!account || account.disabledAt) return null;
  const { id, tenantId, roleKeys: roles } = account;
  const [scopes, tier] = await Promise.all([scopesOfKeys(ctx, roles), tierOf(ctx)]);
  return { kind: "service", id, tenantId, roles, scopes, attributes: { tier } };
}
