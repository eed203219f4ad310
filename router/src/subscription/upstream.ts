/** One stream of a subgraph: opened for the first client that asks, shared by others, ended after the last one left. */
import type { RequestFacts, SubgraphConnection, SubgraphResult } from "@tessera/shared-types";
import { GraphQLError } from "graphql";
import { RouterError } from "../errors/router-error.js";
import type { Execution } from "../execution/executable.js";
import { createController, openScope } from "../execution/request-scope.js";
import type { ClientAnswer } from "../request/outcome.js";
import { EventQueue } from "../subgraphs/event-queue.js";
import type { Prepared } from "../supergraph/generation.js";
import { RecentEvents } from "./recent-events.js";

export interface UpstreamParts {
  readonly connection: SubgraphConnection;
  /** Shapes one event for clients. */
  readonly complete: (prepared: Prepared, event: SubgraphResult, execution: Execution) => Promise<ClientAnswer>;
  readonly eventTimeoutMs: number;
  readonly maxQueued: number;
  readonly resume: { readonly events: number; readonly seconds: number } | null;
  /** Runs once, when the stream is over. */
  readonly onOver: () => void;
}

interface Client {
  /** Of the client's own request: their token may be renewed while the stream runs. */
  readonly facts: RequestFacts;
  readonly onLeft: () => void;
}

export class Upstream {
  readonly #parts: UpstreamParts;
  readonly #controller = createController();
  readonly #execution: Execution;
  readonly #clients = new Map<EventQueue<ClientAnswer>, Client>();
  readonly #recent: RecentEvents | null;
  #prepared: Prepared;
  #lingering: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(prepared: Prepared, execution: Execution, parts: UpstreamParts) {
    const { facts } = execution.context;
    const context = { ...execution.context, facts: { ...facts, signal: this.#controller.signal } };
    this.#execution = { ...execution, context };
    this.#prepared = prepared;
    this.#parts = parts;
    this.#recent = parts.resume ? new RecentEvents(parts.resume.events) : null;
  }

  get prepared(): Prepared {
    return this.#prepared;
  }

  get connection(): SubgraphConnection {
    return this.#parts.connection;
  }

  get execution(): Execution {
    return this.#execution;
  }

  /** Rejects with the reason when the subgraph refuses; then nothing is left behind. */
  async open(): Promise<void> {
    const { source } = this.#prepared.executable;
    if (!source) throw new RouterError("INTERNAL_SERVER_ERROR");
    const { operation } = source;
    const { variables, context } = this.#execution;
    try {
      const events = await this.#parts.connection.subscribe({
        query: operation.text,
        variables: source.variablesOf(variables),
        facts: context.facts,
        ...(operation.name ? { operationName: operation.name } : {}),
      });
      void this.#pump(events);
    } catch (error) {
      this.#over();
      throw error;
    }
  }

  /** A client's own view of the stream, from now on or after the last event it has. */
  attach(client: Client, lastEventId: string | undefined): EventQueue<ClientAnswer> {
    clearTimeout(this.#lingering);
    const queue = new EventQueue<ClientAnswer>(this.#parts.maxQueued, () => this.#detach(queue));
    this.#clients.set(queue, client);
    if (lastEventId !== undefined) this.#replay(queue, lastEventId);
    return queue;
  }

  /** After a reload: later events are completed by the plan of the new supergraph. */
  moveTo(prepared: Prepared): void {
    this.#prepared = prepared;
  }

  /** Ends the stream for every client; `reason` is what they are told. */
  end(reason?: GraphQLError): void {
    for (const [queue, { onLeft }] of this.#clients) {
      if (reason) queue.fail(reason);
      else queue.complete();
      onLeft();
    }
    this.#clients.clear();
    this.#over();
  }

  async #pump(events: AsyncIterableIterator<SubgraphResult>): Promise<void> {
    try {
      for await (const event of events) {
        const answer = await this.#complete(event);
        if (this.#isOver) return;
        const numbered = this.#recent ? this.#recent.add(answer) : answer;
        for (const queue of this.#clients.keys()) queue.push(numbered);
      }
      this.end();
    } catch (error) {
      const subgraph = this.#parts.connection.name;
      this.end(error instanceof GraphQLError ? error : new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph }));
    }
  }

  async #complete(event: SubgraphResult): Promise<ClientAnswer> {
    const { context } = this.#execution;
    const scope = openScope(this.#parts.eventTimeoutMs, this.#controller.signal);
    const [reader] = this.#clients.values();
    const facts = { ...(reader?.facts ?? context.facts), signal: scope.signal, deadline: scope.deadline };
    try {
      const execution = { ...this.#execution, context: { ...context, facts } };
      return await this.#parts.complete(this.#prepared, event, execution);
    } finally {
      scope.end();
    }
  }

  #replay(queue: EventQueue<ClientAnswer>, lastEventId: string): void {
    const missed = this.#recent?.after(lastEventId);
    for (const answer of missed ?? []) queue.push(answer);
    if (!missed) queue.fail(new RouterError("EVENTS_MISSED"));
  }

  #detach(queue: EventQueue<ClientAnswer>): void {
    this.#clients.get(queue)?.onLeft();
    this.#clients.delete(queue);
    if (this.#clients.size > 0 || this.#isOver) return;
    const { resume } = this.#parts;
    if (!resume) {
      this.#over();
      return;
    }
    this.#lingering = setTimeout(() => this.#over(), resume.seconds * 1_000);
    this.#lingering.unref();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#lingering);
    this.#controller.abort();
    this.#parts.onOver();
  }
}
