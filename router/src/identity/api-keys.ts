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

/** @throws TypeError for a hash that is not one, and for two equal ones. */
export function createFindApiKey(keys: readonly StaticApiKey[]): FindApiKey {
  const actors = new Map<string, Actor>();
  for (const key of keys) {
    const hash = key.hash.toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(hash))
      throw new TypeError(`The hash of API key ${key.actor.id} is not a SHA-256 in hexadecimal.`);
    if (actors.has(hash)) throw new TypeError(`API key ${key.actor.id} stands in the configuration twice.`);
    actors.set(hash, actorOf(key));
  }
  return (apiKey) => {
    const actor = actors.get(hashSecret(apiKey));
    return actor && Date.now() < (actor.expiresAt ?? Number.POSITIVE_INFINITY) ? actor : null;
  };
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
