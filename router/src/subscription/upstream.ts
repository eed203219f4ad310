/** One stream of a subgraph: opened for the first client that asks, shared by others, ended after the last one left. */
import type { SubgraphConnection, SubgraphRequest, SubgraphResult } from "@tessera/shared-types";
import type { GraphQLError } from "graphql";
import { RouterError } from "../errors/router-error.js";
import type { Execution } from "../execution/executable.js";
import type { ClientAnswer } from "../request/outcome.js";
import { createRequestContext, type RequestContext } from "../request/request-context.js";
import { createController, openScope } from "../request/request-scope.js";
import { EventQueue } from "../subgraphs/event-queue.js";
import { isRemote } from "../subgraphs/subgraph-call.js";
import type { Prepared } from "../supergraph/generation.js";
import { RecentEvents } from "./recent-events.js";

export interface UpstreamParts {
  readonly connection: SubgraphConnection;
  /** Shapes one event for clients. */
  readonly complete: (prepared: Prepared, event: SubgraphResult, execution: Execution) => Promise<ClientAnswer>;
  /** What clients are told of a failure of the source. */
  readonly reasonOf: (error: unknown, context: RequestContext) => GraphQLError;
  /** Longest time the fields of one event may take. */
  readonly eventTimeoutMs: number;
  readonly maxQueued: number;
  readonly resume: { readonly events: number; readonly seconds: number } | null;
  /** The last client has left, and may come back. */
  readonly onIdle: () => void;
  /** Somebody reads again. */
  readonly onRead: () => void;
  /** Runs once, when the stream is over. */
  readonly onOver: () => void;
}

/** What changes with the supergraph. */
export type Basis = Pick<Execution, "variables" | "call">;

interface Client {
  /** Of the client's own request: their token may be renewed while the stream runs. */
  readonly context: RequestContext;
  readonly onLeft: () => void;
}

export class Upstream {
  readonly #parts: UpstreamParts;
  readonly #controller = createController();
  readonly #clients = new Map<EventQueue<ClientAnswer>, Client>();
  readonly #recent: RecentEvents | null;
  #prepared: Prepared;
  #basis: Basis;
  /** On whose behalf the other subgraphs are asked: everybody here has the same rights. */
  #reader: RequestContext;
  #source: AsyncIterableIterator<SubgraphResult> | null = null;
  #lingering: NodeJS.Timeout | undefined;
  #isOver = false;
  #reason: GraphQLError | undefined;

  constructor(prepared: Prepared, { variables, call, context }: Execution, parts: UpstreamParts) {
    this.#parts = parts;
    this.#prepared = prepared;
    this.#basis = { variables, call };
    this.#reader = context;
    this.#recent = parts.resume ? new RecentEvents(parts.resume.events) : null;
  }

  get prepared(): Prepared {
    return this.#prepared;
  }

  get variables(): Execution["variables"] {
    return this.#basis.variables;
  }

  get connection(): SubgraphConnection {
    return this.#parts.connection;
  }

  /** All readers have the same rights: either all of them or none said who they are. */
  get isIdentified(): boolean {
    return this.#reader.facts.actor !== null;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Rejects with the reason when the subgraph refuses; then nothing is left behind. */
  async open(): Promise<void> {
    try {
      const events = await this.#subscribe();
      this.#source = events;
      // Everybody may have left by now.
      if (this.#isOver) this.#stopSource();
      else void this.#pump(events);
    } catch (error) {
      const reason = this.#reason ?? this.#parts.reasonOf(error, this.#reader);
      this.#over();
      throw reason;
    }
  }

  /** What came after the event with this id; `null` when that is not known any more, or never was. */
  eventsAfter(eventId: string): readonly ClientAnswer[] | null {
    return this.#recent?.after(eventId) ?? null;
  }

  /** A client's own view of the stream: `missed`, then everything from now on. */
  attach(client: Client, missed: readonly ClientAnswer[]): EventQueue<ClientAnswer> {
    clearTimeout(this.#lingering);
    this.#parts.onRead();
    const limit = this.#parts.maxQueued + missed.length;
    const queue = new EventQueue<ClientAnswer>(limit, () => this.#detach(queue));
    this.#clients.set(queue, client);
    for (const answer of missed) queue.push(answer);
    return queue;
  }

  /** After a reload: later events are completed by the plan of the new supergraph. */
  moveTo(prepared: Prepared, basis: Basis): void {
    this.#prepared = prepared;
    this.#basis = basis;
  }

  /** Ends the stream for every client; `reason` is what they are told. */
  end(reason?: GraphQLError): void {
    this.#reason = reason;
    for (const [queue, { onLeft }] of this.#clients) {
      if (reason) queue.fail(reason);
      else queue.complete();
      onLeft();
    }
    this.#clients.clear();
    this.#over();
  }

  /** Runs with what the stream may ask for at this moment, no longer than one event may take. */
  async scoped<Result>(work: (execution: Execution) => Promise<Result>): Promise<Result> {
    const [first] = this.#clients.values();
    if (first) this.#reader = first.context;
    const { facts, clientHeaders } = this.#reader;
    const scope = openScope(this.#parts.eventTimeoutMs, this.#controller.signal);
    const own = { ...facts, signal: scope.signal, deadline: scope.deadline };
    try {
      return await work({ ...this.#basis, context: createRequestContext(own, clientHeaders) });
    } finally {
      scope.end();
    }
  }

  #subscribe(): Promise<AsyncIterableIterator<SubgraphResult>> {
    const { source } = this.#prepared.executable;
    const { connection } = this.#parts;
    if (!source) throw new RouterError("INTERNAL_SERVER_ERROR");
    const { operation } = source;
    const { facts: asked, clientHeaders } = this.#reader;
    // The request that opens a stream has a deadline, the stream has none but that of its token.
    const deadline = asked.actor?.expiresAt ?? Number.MAX_SAFE_INTEGER;
    const facts = { ...asked, deadline, signal: this.#controller.signal };
    const request: SubgraphRequest = {
      ...{ query: operation.text, variables: source.variablesOf(this.#basis.variables), facts },
      ...(operation.name ? { operationName: operation.name } : {}),
    };
    if (!isRemote(connection)) return connection.subscribe(request);
    return connection.subscribe({ ...request, context: createRequestContext(facts, clientHeaders) });
  }

  async #pump(events: AsyncIterableIterator<SubgraphResult>): Promise<void> {
    try {
      for await (const event of events) {
        if (this.#isOver) return;
        // Events that come while the supergraph is replaced belong to the one that was served when they came.
        const prepared = this.#prepared;
        const answer = await this.scoped((execution) => this.#parts.complete(prepared, event, execution));
        if (this.#isOver) return;
        const numbered = this.#recent ? this.#recent.add(answer) : answer;
        for (const queue of [...this.#clients.keys()]) queue.push(numbered);
      }
      if (!this.#isOver) this.end();
    } catch (error) {
      if (!this.#isOver) this.end(this.#parts.reasonOf(error, this.#reader));
    }
  }

  #detach(queue: EventQueue<ClientAnswer>): void {
    const client = this.#clients.get(queue);
    if (!client) return;
    client.onLeft();
    this.#clients.delete(queue);
    if (this.#clients.size > 0 || this.#isOver) return;
    this.#reader = client.context;
    const { resume } = this.#parts;
    if (!resume) {
      this.#over();
      return;
    }
    this.#lingering = setTimeout(() => this.#over(), resume.seconds * 1_000).unref();
    this.#parts.onIdle();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#lingering);
    this.#controller.abort();
    this.#stopSource();
    this.#parts.onOver();
  }

  /** Not every source listens to the signal. */
  #stopSource(): void {
    this.#source?.return?.().then(undefined, () => {});
  }
}
