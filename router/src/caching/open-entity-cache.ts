/** Section `cache.entities`: which entities are kept, where, and how long. */
import type { SubgraphConnection } from "@tessera/shared-types";
import type { Log } from "@tessera/telemetry";
import { actorRights } from "../request/actor-rights.js";
import type { RequestContext } from "../request/request-context.js";
import { createForwardedKey, createPublicKey } from "../subgraphs/headers/forwarded-key.js";
import { tesseraHeaders } from "../subgraphs/headers/tessera-headers.js";
import { type CallSubgraph, isRemote } from "../subgraphs/subgraph-call.js";
import { type EntityCacheParts, type EntityCacheRule, withEntityCache } from "./entity-cache.js";
import type { EntityStore } from "./entity-store.js";
import { MemoryStore } from "./memory-store.js";
import { RedisStore } from "./redis-store.js";

/** Section `cache.entities`. What hooks add to a request is no part of what entities are kept by. */
export interface EntityCacheOptions {
  /** Whose entities are kept; of subgraphs that are not named, none. */
  readonly subgraphs: Readonly<Record<string, EntityCacheRule>>;
  /** Shared by all routers; in this process when absent. */
  readonly redisUrl?: string;
  /** Room in this process, in bytes. Default 64 MiB. */
  readonly maxBytes?: number;
}

export interface EntityCache {
  around(call: CallSubgraph, connections: ReadonlyMap<string, SubgraphConnection>): CallSubgraph;
  /** Of a subgraph whose entities are the same for everybody all of them, whoever's tenant has changed something. */
  invalidate(subgraph: string, tenantId: string | null): Promise<void>;
  /** How many entities have been found, and how many not. */
  readonly lookups: { readonly hits: number; readonly misses: number };
  close(): Promise<void>;
}

export async function openEntityCache(
  { subgraphs, redisUrl, maxBytes }: EntityCacheOptions,
  { log }: { readonly log: Log },
): Promise<EntityCache> {
  const failed = (error: unknown) => log.warn({ err: error }, "the entity cache does not answer: nothing is kept");
  const store: EntityStore = redisUrl ? await RedisStore.connect(redisUrl, failed) : new MemoryStore(maxBytes);
  const rules = new Map(Object.entries(subgraphs));
  const lookups = { hits: 0, misses: 0 };
  const onLookup = (_subgraph: string, hits: number, misses: number) => {
    lookups.hits += hits;
    lookups.misses += misses;
  };
  return {
    lookups,
    around: (call, connections) =>
      withEntityCache(call, { store, rules, onLookup, rightsOf: createRightsOf(connections) }),
    async invalidate(subgraph, tenantId) {
      const rule = rules.get(subgraph);
      if (rule) await store.invalidate({ subgraph, tenantId: rule.scope === "public" ? null : tenantId });
    },
    close: () => store.close(),
  };
}

/** Our own modules look at the actor alone; others may look at every header that is forwarded to them. */
function createRightsOf(connections: ReadonlyMap<string, SubgraphConnection>): EntityCacheParts["rightsOf"] {
  const forwarded = new Map<string, Record<"public" | "private", (context: RequestContext) => string>>();
  for (const [name, one] of connections) {
    if (!isRemote(one) || one.headerRules === tesseraHeaders) continue;
    forwarded.set(name, {
      private: createForwardedKey([one.headerRules]),
      public: createPublicKey(one.headerRules),
    });
  }
  return (context, subgraph, scope) => {
    const headers = forwarded.get(subgraph)?.[scope](context) ?? "";
    return scope === "public" ? headers : `${actorRights(context)}${headers}`;
  };
}
