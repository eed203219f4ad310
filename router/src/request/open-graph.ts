/** Everything between the protocols clients speak and the subgraphs: opened together, replaced together, closed together. */
import { isDeepStrictEqual } from "node:util";
import type { EntityCache } from "../caching/open-entity-cache.js";
import { createFormatErrors, type FormatErrors } from "../errors/format-errors.js";
import { composeHooks } from "../hooks/compose-hooks.js";
import type { RouterHooks } from "../hooks/router-hooks.js";
import type { RouterObserver } from "../observability/observer.js";
import type { RouterOptions } from "../options.js";
import { createLimitCheck, defaultLimits } from "../protection/limits.js";
import { createRateLimiter, type RateLimiter } from "../protection/rate-limiter.js";
import { Subscriptions, type SubscriptionsParts } from "../subscription/subscriptions.js";
import type { Generation } from "../supergraph/generation.js";
import { type Replaced, type ServedSetting, ServedSupergraph } from "../supergraph/served-supergraph.js";
import type { Supply } from "../supergraph/start-generation.js";
import { explainOperation } from "./explain-operation.js";
import { closeParts, type GraphParts, openParts } from "./graph-parts.js";
import { createReadings } from "./graph-readings.js";
import { type OpenPipeline, openPipeline } from "./open-pipeline.js";
import type { OperationRequest, RunOperation } from "./outcome.js";
import type { RequestContext } from "./request-context.js";

export interface Graph {
  /** Always as the configuration is at that moment. */
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
  /** The same with other options; `onSwitch` runs at the moment at which they hold. */
  replace(options: RouterOptions, onSwitch: () => void): Promise<Replaced>;
  close(): Promise<void>;
}

/** @throws what is wrong with the supergraph or a section; nothing is left open then. */
export async function openGraph(options: RouterOptions): Promise<Graph> {
  // Metrics may be asked for before there is anything to read.
  let graph: Graph | null = null;
  const readings = createReadings(() => graph);
  const open: OpenParts = (...given) => openParts(given[0], readings, given[1]);
  const parts = await open(options);
  try {
    const working = workingOf(options, parts);
    const supergraph = await ServedSupergraph.start(options, settingOf(options, working));
    graph = new ServedGraph(supergraph, working, open);
    return graph;
  } catch (error) {
    await closeParts(parts);
    throw error;
  }
}

type OpenParts = (options: RouterOptions, before?: Working) => Promise<GraphParts>;

/** Everything a configuration comes to, and that changes together. */
interface Working {
  readonly options: RouterOptions;
  readonly parts: GraphParts;
  readonly hooks: RouterHooks;
  readonly formatErrors: FormatErrors;
  readonly limiter: RateLimiter | null;
}

/** @throws TypeError for what only shows when it is put together. */
function workingOf(options: RouterOptions, parts: GraphParts): Working {
  const { log } = options.telemetry;
  const { counters: store } = parts;
  return {
    ...{ options, parts },
    hooks: composeHooks(options.hooks ?? []),
    formatErrors: createFormatErrors(options.errors ?? "uniform", log),
    limiter: options.rateLimit && store ? createRateLimiter(options.rateLimit, { log, store }) : null,
  };
}

class ServedGraph implements Graph {
  readonly supergraph: ServedSupergraph;
  readonly #openParts: OpenParts;
  readonly #subscriptions: Subscriptions;
  #working: Working;
  #pipeline: OpenPipeline;
  #turn: Promise<unknown> = Promise.resolve();
  /** Closes what was replaced, when nothing runs on it any more. */
  #leaving: Promise<unknown> = Promise.resolve();

  constructor(supergraph: ServedSupergraph, working: Working, open: OpenParts) {
    this.supergraph = supergraph;
    this.#working = working;
    this.#openParts = open;
    this.#subscriptions = new Subscriptions(this.#subscriptionParts());
    this.#pipeline = this.#openPipeline();
  }

  get observer(): RouterObserver {
    return this.#working.parts.observer;
  }

  get entityCache(): EntityCache | null {
    return this.#working.parts.entityCache;
  }

  readonly run: RunOperation = (request, context, transport) => this.#pipeline.run(request, context, transport);

  upstreams(): number {
    return this.#subscriptions.size;
  }

  readonly explain: Graph["explain"] = async (request, context) => {
    const { parts, formatErrors } = this.#working;
    const text = await parts.documents.resolve(request, context.facts.actor);
    const { operationName, variables } = request;
    const explained = await explainOperation(this.supergraph.generation, { text, operationName, variables }, context);
    return "errors" in explained ? { errors: formatErrors(explained.errors, context) } : explained;
  };

  reload({ supergraphSdl, connections }: Supply): Promise<Replaced> {
    return this.#inTurn(() => this.#replace({ ...this.#working.options, supergraphSdl, connections }, () => {}));
  }

  replace(options: RouterOptions, onSwitch: () => void): Promise<Replaced> {
    return this.#inTurn(() => this.#replace(options, onSwitch));
  }

  async close(): Promise<void> {
    this.#subscriptions.close();
    await this.supergraph.close();
    await this.#turn;
    await this.#leaving;
    await closeParts(this.#working.parts);
  }

  /** One after the other: each begins with what the one before came to. */
  #inTurn(replace: () => Promise<Replaced>): Promise<Replaced> {
    const replaced = this.#turn.then(replace);
    const told = (outcome: "ok" | "failed") => () => this.observer.metrics?.onReload(outcome);
    this.#turn = replaced.then(told("ok"), told("failed"));
    return replaced;
  }

  async #replace(options: RouterOptions, onSwitch: () => void): Promise<Replaced> {
    const before = this.#working;
    const parts = await this.#openParts(options, before);
    try {
      const working = workingOf(options, parts);
      const setting = settingOf(options, working);
      const { idle } = this.#pipeline;
      const replaced = await this.supergraph.replace({
        ...{ supply: options, setting },
        onSwitch: (generation) => {
          onSwitch();
          return this.#switchTo(working, generation);
        },
      });
      const released = Promise.all([replaced.released, idle()]).then(([connections]) => connections);
      this.#leaving = Promise.all([this.#leaving, released]).then(() => closeParts(before.parts, parts));
      return { released };
    } catch (error) {
      if (this.#working.parts !== parts) await closeParts(parts, before.parts);
      throw error;
    }
  }

  #switchTo(working: Working, generation: Generation): Promise<void> {
    const before = this.#working;
    this.#working = working;
    this.#pipeline = this.#openPipeline();
    this.#subscriptions.configure(this.#subscriptionParts());
    working.parts.observer.setSupergraph(working.options.supergraphSdl);
    if (!isSameAuthentication(before.options, working.options)) this.#subscriptions.endIdentified();
    return this.#subscriptions.moveTo(generation);
  }

  readonly #sharingKey = (context: RequestContext): string => this.supergraph.sharingKey(context);

  #subscriptionParts(): SubscriptionsParts {
    const { options, formatErrors, hooks } = this.#working;
    return {
      ...{ formatErrors, sharingKey: this.#sharingKey, log: options.telemetry.log },
      onEvent: hooks.onSubscriptionEvent,
      eventTimeoutMs: options.requestTimeoutMs ?? 10_000,
      options: options.subscriptions ?? {},
      generation: () => this.supergraph.generation,
    };
  }

  #openPipeline(): OpenPipeline {
    const { options, parts, hooks, formatErrors, limiter } = this.#working;
    return openPipeline({
      ...{ hooks, limiter, formatErrors, observer: parts.observer, log: options.telemetry.log },
      showsPlans: options.development ?? false,
      mostRunning: options.limits?.concurrentRequests ?? defaultLimits.concurrentRequests,
      generation: () => this.supergraph.generation,
      textOf: (request, { facts }) => parts.documents.resolve(request, facts.actor),
      sharingKey: (options.execution?.shareInbound ?? true) ? this.#sharingKey : null,
      openEvents: (prepared, asked, request) => this.#subscriptions.open(prepared, asked, request),
    });
  }
}

/** Whether who is who has stayed the same. */
export function isSameAuthentication(one: RouterOptions, other: RouterOptions): boolean {
  const read = ({ authentication, verifier, exchangeApiKey }: RouterOptions) => [
    authentication,
    verifier,
    exchangeApiKey,
  ];
  return isDeepStrictEqual(read(one), read(other));
}

/** Functions of the operator may decide by any header of a client. */
function looksAtHeaders({ hooks = [], authorization, decideOverrides }: RouterOptions): boolean {
  return hooks.length > 0 || decideOverrides !== undefined || "module" in (authorization?.policies ?? {});
}

/** What a supergraph is started with. */
function settingOf(options: RouterOptions, { hooks, parts }: Working): ServedSetting {
  const { telemetry, execution = {}, authorization = {}, development = false, cost = {} } = options;
  const limits = { ...defaultLimits, ...options.limits };
  return {
    ...{ telemetry, execution, cost, hooks },
    budgets: parts.budgets,
    maxTokens: limits.tokens,
    limitBroken: createLimitCheck(limits),
    introspection: options.introspection ?? development,
    access: authorization,
    policies: authorization.policies,
    overrides: options.overrides,
    decideOverrides: options.decideOverrides,
    readsAllHeaders: looksAtHeaders(options),
    published: () => parts.documents.published(),
    around: (call, connections) => parts.entityCache?.around(call, connections) ?? call,
  };
}
