/** Works out everything a supergraph needs before it is served. */
import type { SubgraphConnection } from "@tessera/shared-types";
import type { Telemetry } from "@tessera/telemetry";
import { type AccessOptions, createAccess } from "../access/access-plan.js";
import { createIntrospectionCheck, type IntrospectionOption } from "../access/introspection.js";
import { createPolicyDecider, type PolicyOptions } from "../access/policy-decider.js";
import { RouterError } from "../errors/router-error.js";
import { bodyOf } from "../execution/body.js";
import type { Recordings } from "../execution/recordings.js";
import type { RouterHooks } from "../hooks/router-hooks.js";
import { createOverrides, type DecideLabels, type OverrideConfig } from "../planning/overrides.js";
import { createPlanCache, type PlanCache } from "../planning/plan-cache.js";
import { planEdition } from "../planning/plan-store.js";
import type { Planner } from "../planning/planner.js";
import { createRedisPlanStore } from "../planning/redis-plan-store.js";
import { type PlannerOptions, planningOptions, startPlanner } from "../planning/start-planner.js";
import { type CostOptions, createCostControl } from "../protection/cost/cost-control.js";
import type { LimitCheck } from "../protection/limits.js";
import type { WindowStore } from "../protection/windows.js";
import { Operations } from "../request/operations.js";
import { createCallSubgraph } from "../subgraphs/call-subgraph.js";
import { type CallSubgraph, isRemote } from "../subgraphs/subgraph-call.js";
import { Generation } from "./generation.js";
import { buildSupergraphMeanwhile, type Supergraph } from "./supergraph.js";

/** Section `execution`. */
export interface ExecutionOptions {
  /** Fetches of one moment from one subgraph travel together. Default true. */
  readonly mergeFetches?: boolean;
  /** Identical queries of the same sender that run at the same moment are executed once. Default true. */
  readonly shareInbound?: boolean;
  /** Memory for answers that need not be worked out again while subgraphs say the same; 0: none. Default 16 MiB. */
  readonly recordingBytes?: number;
  readonly planning?: PlanningSection;
}

/** Section `execution.planning`. */
export interface PlanningSection extends Omit<PlannerOptions, "supergraphSdl" | "givesWay" | "log"> {
  /** Plans this process keeps. Default 1,000. */
  readonly cacheSize?: number;
  /** Where plans are kept for other processes and the next start. Default: nowhere. */
  readonly store?: PlanStoreOptions;
  readonly warmUp?: WarmUpOptions;
}

/** Section `execution.planning.store`. Who may write there decides what the router asks of its subgraphs. */
export interface PlanStoreOptions {
  readonly redisUrl: string;
  /** A plan nobody asked for in this time is forgotten. Default one week. */
  readonly ttlSeconds?: number;
}

/** Section `execution.planning.warmUp`: what is planned and compiled before a supergraph serves. */
export interface WarmUpOptions {
  /** How many of the operations asked most. Default 200. */
  readonly operations?: number;
  /** The longest time that may take. Default 20,000. */
  readonly budgetMs?: number;
  /** The operations of `persistedDocuments.manifest` as well, at the start too. Default false. */
  readonly published?: boolean;
}

/** What stays the same when the supergraph changes. */
export interface GenerationSetting {
  readonly telemetry: Telemetry;
  readonly maxTokens: number;
  readonly limitBroken: LimitCheck;
  readonly introspection: IntrospectionOption;
  readonly access: AccessOptions;
  readonly policies: PolicyOptions | undefined;
  readonly execution: ExecutionOptions;
  readonly overrides: OverrideConfig | undefined;
  readonly decideOverrides: DecideLabels | undefined;
  readonly hooks: RouterHooks;
  readonly cost: CostOptions;
  /** Where budgets are kept; `null` when there are none. */
  readonly budgets: WindowStore | null;
  /** Layers around the calls to subgraphs, such as a cache. */
  readonly around: (call: CallSubgraph, connections: ReadonlyMap<string, SubgraphConnection>) => CallSubgraph;
}

/** A supergraph and the way to its subgraphs. */
export interface Supply {
  /** What `compose` returned, or any supergraph of Federation 2. */
  readonly supergraphSdl: string;
  /** One for each subgraph of the supergraph, by name. Whoever opened them closes them. */
  readonly connections: readonly SubgraphConnection[];
}

export interface Beginning {
  /** Those of the supergraph before, too: they say by themselves whether they still hold. */
  readonly recordings: Recordings | null;
  /** Requests are answered meanwhile. */
  readonly isReload: boolean;
}

/** @throws SupergraphError, RouterError SUBGRAPH_NOT_CONNECTED; nothing is left running then. */
export async function startGeneration(
  { supergraphSdl, connections }: Supply,
  setting: GenerationSetting,
  { recordings, isReload }: Beginning,
): Promise<Generation> {
  const { telemetry, execution } = setting;
  const starting = startPlanner({ supergraphSdl, givesWay: isReload, log: telemetry.log, ...execution.planning });
  // It is waited for below, and may fail before.
  starting.catch(() => {});
  try {
    const supergraph = await buildSupergraphMeanwhile(supergraphSdl);
    const connected = byName(connections, supergraph);
    const call = createCallSubgraph({
      ...{ connections: connected, telemetry, bodyOf, hooks: setting.hooks },
    });
    const plans = await openPlans(await starting, supergraphSdl, setting);
    return new Generation({
      supergraph,
      plans,
      operations: operationsOf(supergraph, setting),
      access: createAccess(supergraph.apiSchema, supergraph.access, setting.access),
      mayIntrospect: createIntrospectionCheck(setting.introspection),
      decidePolicies: await createPolicyDecider(setting.policies, { call, log: telemetry.log }),
      overrides: createOverrides(supergraph, setting.overrides, setting.decideOverrides),
      call: setting.around(call, connected),
      connections: connected,
      isLocal: (name) => !isRemoteNamed(connected, name),
      mergeFetches: execution.mergeFetches ?? true,
      recordings,
      onPlan: setting.hooks.onPlan,
      cost: createCostControl(setting.cost, {
        ...{ schema: supergraph.apiSchema, demand: supergraph.demand, log: telemetry.log },
        ...(setting.budgets ? { store: setting.budgets } : {}),
      }),
    });
  } catch (error) {
    void starting.then((planner) => planner.close()).catch(() => {});
    throw error;
  }
}

async function openPlans(
  planner: Planner,
  supergraphSdl: string,
  { execution: { planning = {} }, telemetry: { log } }: GenerationSetting,
): Promise<PlanCache> {
  const { cacheSize, store: { redisUrl, ttlSeconds } = {} } = planning;
  const common = { planner, log, ...(cacheSize === undefined ? {} : { max: cacheSize }) };
  if (redisUrl === undefined) return createPlanCache(common);
  const { maxEvaluatedPlans, enableDefer, typeConditionedFetching } = planningOptions({ ...planning, supergraphSdl });
  const edition = planEdition(supergraphSdl, { maxEvaluatedPlans, enableDefer, typeConditionedFetching });
  const ttl = ttlSeconds === undefined ? {} : { ttlSeconds };
  const store = createRedisPlanStore({ url: redisUrl, edition, log, ...ttl });
  await store.connected(storePatienceMs);
  return createPlanCache({ ...common, store });
}

/** A start waits so long for a store that is away. */
const storePatienceMs = 1_000;

function operationsOf(
  { apiSchema }: Supergraph,
  { maxTokens, introspection, limitBroken }: GenerationSetting,
): Operations {
  return new Operations(apiSchema, {
    maxTokens,
    // Whether this sender may introspect is asked for each request, unless nobody may.
    introspection: typeof introspection === "boolean" ? introspection : "some",
    limitBroken: (document, operation) => limitBroken({ document, operation }),
  });
}

function byName(
  connections: readonly SubgraphConnection[],
  { subgraphs }: Supergraph,
): ReadonlyMap<string, SubgraphConnection> {
  const known = new Map(connections.map((connection) => [connection.name, connection]));
  const missing = subgraphs.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new RouterError("SUBGRAPH_NOT_CONNECTED", { names: missing.join(", ") });
  return known;
}

function isRemoteNamed(connections: ReadonlyMap<string, SubgraphConnection>, name: string): boolean {
  const connection = connections.get(name);
  return connection !== undefined && isRemote(connection);
}
