/**
 * The running subscriptions of this router. Clients that ask the same with the same rights share one stream of the
 * subgraph, whose events are completed once; each has a bounded queue of its own, so a slow one holds up nobody.
 */
import type { SubgraphConnection, SubgraphResult } from "@tessera/shared-types";
import type { Log } from "@tessera/telemetry";
import { GraphQLError, print } from "graphql";
import type { FormatErrors } from "../errors/format-errors.js";
import { RouterError } from "../errors/router-error.js";
import { asCoded, untilAborted } from "../execution/call-subgraph.js";
import type { Execution } from "../execution/executable.js";
import type { RouterHooks } from "../hooks/router-hooks.js";
import { answerWith } from "../request/client-answer.js";
import type { ClientAnswer, OperationRequest } from "../request/outcome.js";
import type { RequestContext } from "../request/request-context.js";
import type { Generation, Prepared } from "../supergraph/generation.js";
import { SubscriptionCaps } from "./caps.js";
import { HookedEvents } from "./hooked-events.js";
import { Upstream } from "./upstream.js";

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
  readonly connection: (subgraph: string) => SubgraphConnection | undefined;
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
  readonly #parts: SubscriptionsParts;
  readonly #caps: SubscriptionCaps;
  readonly #running = new Map<string, Running>();

  constructor(parts: SubscriptionsParts) {
    const { maxPerClient = 100, maxPerTenant = 10_000 } = parts.options;
    this.#parts = parts;
    this.#caps = new SubscriptionCaps(maxPerClient, maxPerTenant);
  }

  /** Streams of subgraphs, however many clients read each. */
  get size(): number {
    return this.#running.size;
  }

  /** @throws GraphQLError why there is no stream: a cap is reached, or the subgraph refuses. */
  async open(
    prepared: Prepared,
    execution: Execution,
    request: OperationRequest,
  ): Promise<AsyncIterable<ClientAnswer>> {
    const leave = this.#caps.enter(execution.context);
    const { signal } = execution.context.facts;
    try {
      const { upstream, opened } = this.#runningFor(prepared, execution);
      const { facts } = execution.context;
      const events = upstream.attach({ facts, onLeft: leave }, request.lastEventId);
      signal.addEventListener("abort", () => void events.return(), { once: true });
      await untilAborted(signal, opened);
      const { onEvent } = this.#parts;
      return onEvent ? new HookedEvents(events, execution.context, onEvent) : events;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Streams whose source is the same in the new supergraph go on, completed by its plan; the others end with a reason. */
  async moveTo(generation: Generation): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ upstream }) => this.#move(upstream, generation)));
  }

  /** Ends every stream. */
  close(): void {
    for (const { upstream } of this.#running.values()) upstream.end(new RouterError("SHUTTING_DOWN"));
  }

  #runningFor(prepared: Prepared, execution: Execution): Running {
    const { variables, context } = execution;
    const key = JSON.stringify([this.#parts.sharingKey(context), prepared.key, variables]);
    const known = this.#running.get(key);
    if (known) return known;
    const { source } = prepared.executable;
    const subgraph = source?.operation.subgraph ?? "";
    const connection = this.#parts.connection(subgraph);
    if (!connection) throw new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph });
    const upstream = new Upstream(prepared, execution, {
      connection,
      complete: (prepared, event, execution) => this.#complete(prepared, event, execution),
      eventTimeoutMs: this.#parts.eventTimeoutMs,
      maxQueued: this.#parts.options.maxQueued ?? 1_000,
      resume: this.#parts.options.resume ?? null,
      onOver: () => this.#running.delete(key),
    });
    const running = { upstream, opened: upstream.open().catch((error) => this.#refused(error, subgraph, execution)) };
    this.#running.set(key, running);
    return running;
  }

  async #complete(prepared: Prepared, event: SubgraphResult, execution: Execution): Promise<ClientAnswer> {
    const { data, errors } = await prepared.executable.complete(event, { ...execution, refused: prepared.refused });
    return answerWith(data, errors.length === 0 ? [] : this.#parts.formatErrors(errors, execution.context));
  }

  #refused(error: unknown, subgraph: string, { context }: Execution): never {
    if (error instanceof RouterError) throw error;
    if (error instanceof GraphQLError) throw asCoded(error, subgraph);
    this.#parts.log.error(
      { err: error, requestId: context.facts.requestId, subgraph },
      "subscription could not be opened",
    );
    throw new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph });
  }

  async #move(upstream: Upstream, generation: Generation): Promise<void> {
    const prepared = await prepareAgain(upstream, generation);
    const before = upstream.prepared.executable.source?.operation;
    const after = prepared?.executable.source?.operation;
    const same = before && after && before.subgraph === after.subgraph && before.text === after.text;
    const connection = after && this.#parts.connection(after.subgraph);
    if (prepared && same && connection === upstream.connection) upstream.moveTo(prepared);
    else upstream.end(new RouterError("SUPERGRAPH_CHANGED"));
  }
}

/** The same operation in the new supergraph; `null` when it is not valid there any more. */
async function prepareAgain({ prepared, execution }: Upstream, generation: Generation): Promise<Prepared | null> {
  const { operation } = prepared;
  const found = generation.operations.get(print(operation.document), operation.name);
  if ("errors" in found || found.refusal) return null;
  const again = await generation.prepare(found, execution.variables, execution.context, true).catch(() => null);
  return again && "executable" in again ? again : null;
}
