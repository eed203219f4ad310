/**
 * The running subscriptions of this router. Clients that ask the same with the same rights share one stream of the
 * subgraph, whose events are completed once; each has a bounded queue of its own, so a slow one holds up nobody.
 */
import type { SubgraphResult } from "@tessera/shared-types";
import type { Log } from "@tessera/telemetry";
import { GraphQLError } from "graphql";
import type { FormatErrors } from "../errors/format-errors.js";
import { RouterError } from "../errors/router-error.js";
import type { Execution } from "../execution/executable.js";
import type { RouterHooks } from "../hooks/router-hooks.js";
import { answerWith } from "../request/client-answer.js";
import type { ClientAnswer, OperationRequest } from "../request/outcome.js";
import type { RequestContext } from "../request/request-context.js";
import { EventQueue } from "../subgraphs/event-queue.js";
import { asCoded } from "../subgraphs/local-call.js";
import { untilAborted } from "../subgraphs/wire/abort-watch.js";
import type { Generation, Prepared } from "../supergraph/generation.js";
import { SubscriptionCaps } from "./caps.js";
import { HookedEvents } from "./hooked-events.js";
import { isSameSource, prepareAgain } from "./prepare-again.js";
import { type Basis, Upstream } from "./upstream.js";

/** Section `subscriptions`. */
export interface SubscriptionOptions {
  /** Streams one person, key or, for anonymous clients, address may have open. Default 100. */
  readonly maxPerClient?: number;
  /** Streams all clients of one tenant may have open. Default 10,000. */
  readonly maxPerTenant?: number;
  /** Events that may wait for a slow client; more end its stream. Default 1,000. */
  readonly maxQueued?: number;
  /** Lets a client that lost its stream go on after the last event it has. Default: off. */
  readonly resume?: { readonly events: number; readonly seconds: number };
}

export interface SubscriptionsParts {
  readonly options: SubscriptionOptions;
  /** The supergraph that is served right now. */
  readonly generation: () => Generation;
  readonly sharingKey: (context: RequestContext) => string;
  readonly formatErrors: FormatErrors;
  readonly onEvent: RouterHooks["onSubscriptionEvent"];
  /** Longest time the fields of one event may take. */
  readonly eventTimeoutMs: number;
  readonly log: Log;
}

/** A stream that is open or being opened. */
interface Running {
  readonly upstream: Upstream;
  readonly opened: Promise<void>;
}

export class Subscriptions {
  #parts: SubscriptionsParts;
  readonly #caps: SubscriptionCaps;
  readonly #running = new Map<string, Running>();
  /** Streams that wait for a client to come back, in the order in which they were left. */
  readonly #idle = new Set<Upstream>();
  #isClosed = false;

  constructor(parts: SubscriptionsParts) {
    this.#parts = parts;
    this.#caps = new SubscriptionCaps(...capsOf(parts));
  }

  /** For streams and clients from now on; those that are open go on, and count. */
  configure(parts: SubscriptionsParts): void {
    this.#parts = parts;
    this.#caps.setLimits(...capsOf(parts));
  }

  /** Streams of subgraphs, however many clients read each. */
  get size(): number {
    return this.#running.size;
  }

  /** @throws GraphQLError why there is no stream: a cap is reached, or the subgraph refuses. */
  async open(
    prepared: Prepared,
    execution: Execution,
    { lastEventId }: OperationRequest,
  ): Promise<AsyncIterable<ClientAnswer>> {
    if (this.#isClosed) throw new RouterError("SHUTTING_DOWN");
    const { context, variables } = execution;
    const key = JSON.stringify([this.#parts.sharingKey(context), prepared.key, variables]);
    const known = this.#known(key, prepared, execution);
    const missed = lastEventId === undefined ? [] : known?.upstream.eventsAfter(lastEventId);
    if (!missed) return failed(new RouterError("EVENTS_MISSED"));
    const onLeft = this.#caps.enter(context);
    try {
      const running = known ?? this.#start(key, prepared, execution);
      return await this.#read(running, { context, onLeft }, missed);
    } catch (error) {
      onLeft();
      throw error;
    }
  }

  /** Streams whose source is the same in the new supergraph go on, completed by its plan; the others end with a reason. */
  async moveTo(generation: Generation): Promise<void> {
    const waiting = [...this.#running.values()];
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await this.#move(next.upstream, generation);
    };
    await Promise.all(Array.from({ length: mostMoving }, work));
  }

  /** Ends the streams of everybody who said who they are: they have to be identified again. */
  endIdentified(): void {
    for (const { upstream } of [...this.#running.values()]) {
      if (upstream.isIdentified) upstream.end(new RouterError("SUPERGRAPH_CHANGED"));
    }
  }

  /** Ends every stream, and lets no other begin. */
  close(): void {
    this.#isClosed = true;
    for (const { upstream } of [...this.#running.values()]) upstream.end(new RouterError("SHUTTING_DOWN"));
  }

  async #read(
    { upstream, opened }: Running,
    client: { readonly context: RequestContext; readonly onLeft: () => void },
    missed: readonly ClientAnswer[],
  ): Promise<AsyncIterable<ClientAnswer>> {
    const { signal } = client.context.facts;
    const { onEvent } = this.#parts;
    const events = upstream.attach(client, missed);
    signal.addEventListener("abort", () => void events.return(), { once: true });
    try {
      await untilAborted(signal, opened);
    } catch (error) {
      await events.return();
      throw error;
    }
    return onEvent ? new HookedEvents(events, client.context, onEvent) : events;
  }

  /** The stream that others read already. */
  #known(key: string, prepared: Prepared, execution: Execution): Running | undefined {
    const known = this.#running.get(key);
    if (!known || known.upstream.prepared.generation === prepared.generation) return known;
    // Of a supergraph that is served no more: the stream has moved on.
    if (prepared.generation !== this.#parts.generation()) return known;
    this.#adopt(known.upstream, prepared, execution);
    return this.#running.get(key);
  }

  #start(key: string, prepared: Prepared, execution: Execution): Running {
    const { eventTimeoutMs, options, generation } = this.#parts;
    const subgraph = prepared.executable.source?.operation.subgraph ?? "";
    const connection = prepared.generation.connection(subgraph);
    if (!connection) throw new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph });
    const upstream: Upstream = new Upstream(prepared, execution, {
      ...{ connection, eventTimeoutMs },
      complete: (...event) => this.#complete(...event),
      reasonOf: (error, context) => this.#reasonOf(error, subgraph, context),
      maxQueued: options.maxQueued ?? 1_000,
      resume: options.resume ?? null,
      onIdle: () => this.#keepIdle(upstream),
      onRead: () => this.#idle.delete(upstream),
      onOver: () => {
        this.#idle.delete(upstream);
        this.#running.delete(key);
      },
    });
    const running = { upstream, opened: upstream.open() };
    // Who waits for it hears of it, unless they have left.
    running.opened.catch(() => {});
    if (!upstream.isOver) this.#running.set(key, running);
    // It was prepared while the supergraph was replaced.
    if (prepared.generation !== generation()) void this.#move(upstream, generation());
    return running;
  }

  /** They count for no client, so all together are bounded. */
  #keepIdle(upstream: Upstream): void {
    this.#idle.add(upstream);
    const [oldest] = this.#idle;
    if (this.#idle.size > mostIdle) oldest?.end();
  }

  async #complete(prepared: Prepared, event: SubgraphResult, execution: Execution): Promise<ClientAnswer> {
    const { executable, generation, refused } = prepared;
    try {
      const { data, errors } = await generation.whileUsed(executable.complete(event, { ...execution, refused }));
      return answerWith(data, errors.length === 0 ? [] : this.#parts.formatErrors(errors, execution.context));
    } catch (error) {
      const { requestId } = execution.context.facts;
      this.#parts.log.error({ err: error, requestId }, "an event could not be completed");
      throw new RouterError("INTERNAL_SERVER_ERROR", { requestId });
    }
  }

  #reasonOf(error: unknown, subgraph: string, { facts: { requestId } }: RequestContext): GraphQLError {
    if (error instanceof RouterError) return error;
    if (error instanceof GraphQLError) return asCoded(error, subgraph);
    this.#parts.log.error({ err: error, requestId, subgraph }, "the stream of a subgraph failed");
    return new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph });
  }

  async #move(upstream: Upstream, generation: Generation): Promise<void> {
    const again = await prepareAgain(upstream, generation).catch(() => null);
    if (upstream.isOver || upstream.prepared.generation === generation) return;
    if (again) this.#adopt(upstream, again.prepared, again.basis);
    else upstream.end(new RouterError("SUPERGRAPH_CHANGED"));
  }

  #adopt(upstream: Upstream, prepared: Prepared, { variables, call }: Basis): void {
    if (isSameSource(upstream, prepared, variables)) upstream.moveTo(prepared, { variables, call });
    else upstream.end(new RouterError("SUPERGRAPH_CHANGED"));
  }
}

function capsOf({ options: { maxPerClient = 100, maxPerTenant = 10_000 } }: SubscriptionsParts): [number, number] {
  return [maxPerClient, maxPerTenant];
}

/** Streams nobody reads that may wait for their clients to come back. */
const mostIdle = 1_000;
/** Streams that are planned anew at the same time: requests of clients have to be planned as well. */
const mostMoving = 16;

/** A stream that says why it is none. */
function failed(reason: RouterError): AsyncIterable<ClientAnswer> {
  const events = new EventQueue<ClientAnswer>(0, () => {});
  events.fail(reason);
  return events;
}
