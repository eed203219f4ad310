/** API keys that stand in the configuration as hashes. */
import { hashSecret } from "@tessera/access";
import type { Actor } from "@tessera/shared-types";

export interface StaticApiKey {
  /** SHA-256 of the key in hexadecimal: `printf %s "$KEY" | sha256sum`. */
  readonly hash: string;
  readonly actor: ApiKeyActor;
  /** ISO 8601; after it the key is refused. */
  readonly expires?: string;
}

export interface ApiKeyActor {
  readonly id: string;
  /** Default: the id. */
  readonly tenant?: string;
  /** Default `service`. */
  readonly kind?: "user" | "service";
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
}

/** The actor behind a key, `null` when no key in the configuration is this one or it has expired. */
export type FindApiKey = (apiKey: string) => Actor | null;

/**
 * @throws TypeError for a hash that is not one, for two equal ones, and for two keys of one actor that give it different
 * rights: an actor is known by its kind, tenant and id, and what it asked for is shared among its requests.
 */
export function createFindApiKey(keys: readonly StaticApiKey[]): FindApiKey {
  const actors = new Map<string, Actor>();
  const named = new Map<string, string>();
  for (const key of keys) {
    const hash = key.hash.toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(hash))
      throw new TypeError(`The hash of API key ${key.actor.id} is not a SHA-256 in hexadecimal.`);
    if (actors.has(hash)) throw new TypeError(`API key ${key.actor.id} stands in the configuration twice.`);
    const actor = actorOf(key);
    const name = JSON.stringify([actor.kind, actor.tenantId, actor.id]);
    const same = named.get(name);
    if (same !== undefined && same !== rightsOf(actor)) {
      throw new TypeError(`Two API keys give ${actor.id} different rights. Give them actors of their own.`);
    }
    named.set(name, rightsOf(actor));
    actors.set(hash, actor);
  }
  return (apiKey) => {
    const actor = actors.get(hashSecret(apiKey));
    return actor && Date.now() < (actor.expiresAt ?? Number.POSITIVE_INFINITY) ? actor : null;
  };
}

function rightsOf({ scopes, roles, attributes }: Actor): string {
  return JSON.stringify([[...scopes].sort(), [...roles].sort(), attributes]);
}

function actorOf({ actor, expires }: StaticApiKey): Actor {
  const expiresAt = expires === undefined ? undefined : Date.parse(expires);
  if (Number.isNaN(expiresAt)) throw new TypeError(`API key ${actor.id} expires at no time: ${expires}.`);
  return {
    kind: actor.kind ?? "service",
    id: actor.id,
    tenantId: actor.tenant ?? actor.id,
    scopes: new Set(actor.scopes),
    roles: actor.roles ?? [],
    attributes: actor.attributes ?? {},
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}
