/** Section `cache.entities`: which entities are kept, where, and how long. */
import type { SubgraphConnection } from "@tessera/shared-types";
import type { Log } from "@tessera/telemetry";
import { actorRights } from "../request/actor-rights.js";
import type { RequestContext } from "../request/request-context.js";
import { createForwardedKey } from "../subgraphs/headers/forwarded-key.js";
import { tesseraHeaders } from "../subgraphs/headers/tessera-headers.js";
import { type CallSubgraph, isRemote } from "../subgraphs/subgraph-call.js";
import { type EntityCacheRule, withEntityCache } from "./entity-cache.js";
import type { EntityStore } from "./entity-store.js";
import { MemoryStore } from "./memory-store.js";
import { RedisStore } from "./redis-store.js";

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
  invalidate(subgraph: string, tenantId: string | null): Promise<void>;
  close(): Promise<void>;
}

export async function openEntityCache(
  { subgraphs, redisUrl, maxBytes }: EntityCacheOptions,
  {
    log,
    onLookup,
  }: { readonly log: Log; readonly onLookup?: (subgraph: string, hits: number, misses: number) => void },
): Promise<EntityCache> {
  const failed = (error: unknown) => log.warn({ err: error }, "the entity cache does not answer: nothing is kept");
  const store: EntityStore = redisUrl ? await RedisStore.connect(redisUrl, failed) : new MemoryStore(maxBytes);
  const rules = new Map(Object.entries(subgraphs));
  return {
    around: (call, connections) =>
      withEntityCache(call, { store, rules, rightsOf: createRightsOf(connections), ...(onLookup ? { onLookup } : {}) }),
    invalidate: async (subgraph, tenantId) => store.invalidate({ subgraph, tenantId }),
    close: () => store.close(),
  };
}

/** Our own modules look at the actor alone; others may look at every header that is forwarded to them. */
function createRightsOf(connections: ReadonlyMap<string, SubgraphConnection>) {
  const forwarded = new Map<string, (context: RequestContext) => string>();
  for (const [name, one] of connections) {
    if (isRemote(one) && one.headerRules !== tesseraHeaders) forwarded.set(name, createForwardedKey([one.headerRules]));
  }
  return (context: RequestContext, subgraph: string) =>
    `${actorRights(context)}${forwarded.get(subgraph)?.(context) ?? ""}`;
}
