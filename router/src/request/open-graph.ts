/** Everything between the protocols clients speak and the subgraphs: opened together, reloaded together, closed together. */
import { type EntityCache, openEntityCache } from "../caching/open-entity-cache.js";
import { createPersistedDocuments, type PersistedDocuments } from "../documents/persisted-documents.js";
import { createFormatErrors } from "../errors/format-errors.js";
import { composeHooks } from "../hooks/compose-hooks.js";
import { createObserver, type RouterObserver } from "../observability/observer.js";
import type { RouterReadings } from "../observability/router-metrics.js";
import type { RouterOptions } from "../options.js";
import { createLimitCheck, defaultLimits } from "../protection/limits.js";
import { createRateLimiter, openStore, type RateLimiter } from "../protection/rate-limiter.js";
import type { WindowStore } from "../protection/windows.js";
import { Subscriptions } from "../subscription/subscriptions.js";
import { type Replaced, ServedSupergraph } from "../supergraph/served-supergraph.js";
import type { Supply } from "../supergraph/start-generation.js";
import { explainOperation } from "./explain-operation.js";
import { createReadings } from "./graph-readings.js";
import { openPipeline } from "./open-pipeline.js";
import type { OperationRequest, RunOperation } from "./outcome.js";
import type { RequestContext } from "./request-context.js";

export interface Graph {
  readonly run: RunOperation;
  readonly supergraph: ServedSupergraph;
  readonly observer: RouterObserver;
  readonly entityCache: EntityCache | null;
  /** How many subscriptions are open at subgraphs. */
  upstreams(): number;
  /** What would happen to an operation; `errors`, as clients see them, when nothing could. */
  explain(request: OperationRequest, context: RequestContext): Promise<object>;
  /** Serves another supergraph from now on. When it rejects, nothing has changed. */
  reload(supply: Supply): Promise<Replaced>;
  close(): Promise<void>;
}

/** What is open beside the supergraph, and has to be closed. */
interface Opened {
  readonly observer: RouterObserver;
  readonly documents: PersistedDocuments;
  readonly entityCache: EntityCache | null;
  readonly limiter: RateLimiter | null;
  /** What clients have spent; `null` when they may spend anything. */
  readonly budgets: WindowStore | null;
}

/** @throws what is wrong with the supergraph or a section; nothing is left open then. */
export async function openGraph(options: RouterOptions): Promise<Graph> {
  // Metrics may be asked for before there is anything to read.
  let graph: Graph | null = null;
  const opened = await openParts(
    options,
    createReadings(() => graph),
  );
  try {
    graph = await openServed(options, opened);
    return graph;
  } catch (error) {
    await closeParts(opened);
    throw error;
  }
}

async function openParts(
  { telemetry, supergraphSdl, ...options }: RouterOptions,
  readings: RouterReadings,
): Promise<Opened> {
  const { log } = telemetry;
  const observer = await createObserver({ config: options.observability ?? {}, telemetry, supergraphSdl, readings });
  return {
    observer,
    documents: await createPersistedDocuments(options.persistedDocuments ?? {}, { log }),
    entityCache: options.entityCache ? await openEntityCache(options.entityCache, { log }) : null,
    limiter: options.rateLimit ? createRateLimiter(options.rateLimit, { log }) : null,
    budgets: options.cost?.budget ? openStore(options.rateLimit ?? {}) : null,
  };
}

async function closeParts({ observer, documents, entityCache, limiter, budgets }: Opened): Promise<void> {
  await Promise.all([
    ...[observer.close(), documents.close(), entityCache?.close()],
    ...[limiter?.close(), budgets?.close()],
  ]);
}

async function openServed(options: RouterOptions, opened: Opened): Promise<Graph> {
  const { telemetry, execution = {}, requestTimeoutMs = 10_000 } = options;
  const { log } = telemetry;
  const { observer, documents, entityCache, limiter, budgets } = opened;
  const hooks = composeHooks(options.hooks ?? []);
  const formatErrors = createFormatErrors(options.errors ?? "uniform", log);
  const sharingKey = (context: RequestContext) => supergraph.sharingKey(context);
  const supergraph = await ServedSupergraph.start(options, {
    ...settingOf(options),
    ...{ hooks, budgets },
    readsAllHeaders: looksAtHeaders(options),
    around: (call, connections) => entityCache?.around(call, connections) ?? call,
    onReplaced: (generation) => subscriptions.moveTo(generation),
  });
  const subscriptions = new Subscriptions({
    ...{ formatErrors, log, sharingKey, onEvent: hooks.onSubscriptionEvent, eventTimeoutMs: requestTimeoutMs },
    options: options.subscriptions ?? {},
    generation: () => supergraph.generation,
  });
  const run = openPipeline({
    ...{ hooks, observer, limiter, formatErrors, log },
    showsPlans: options.development ?? false,
    mostRunning: options.limits?.concurrentRequests ?? defaultLimits.concurrentRequests,
    generation: () => supergraph.generation,
    textOf: (request, { facts }) => documents.resolve(request, facts.actor),
    sharingKey: (execution.shareInbound ?? true) ? sharingKey : null,
    openEvents: (prepared, asked, request) => subscriptions.open(prepared, asked, request),
  });
  return {
    ...{ run, supergraph, observer, entityCache },
    upstreams: () => subscriptions.size,
    async explain(request, context) {
      const text = await documents.resolve(request, context.facts.actor);
      const { operationName, variables } = request;
      const explained = await explainOperation(supergraph.generation, { text, operationName, variables }, context);
      return "errors" in explained ? { errors: formatErrors(explained.errors, context) } : explained;
    },
    async reload(supply) {
      const replaced = await supergraph.replace(supply);
      observer.setSupergraph(supply.supergraphSdl);
      return replaced;
    },
    async close() {
      subscriptions.close();
      await Promise.all([supergraph.close(), closeParts(opened)]);
    },
  };
}

/** Functions of the operator may decide by any header of a client. */
function looksAtHeaders({ hooks = [], authorization, decideOverrides }: RouterOptions): boolean {
  return hooks.length > 0 || decideOverrides !== undefined || "module" in (authorization?.policies ?? {});
}

/** What stays the same when the supergraph changes. */
function settingOf(options: RouterOptions) {
  const { telemetry, execution = {}, authorization = {}, development = false, cost = {} } = options;
  const limits = { ...defaultLimits, ...options.limits };
  return {
    ...{ telemetry, execution, cost },
    maxTokens: limits.tokens,
    limitBroken: createLimitCheck(limits),
    introspection: options.introspection ?? development,
    access: authorization,
    policies: authorization.policies,
    overrides: options.overrides,
    decideOverrides: options.decideOverrides,
  };
}
