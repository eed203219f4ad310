/** Executes operations of one subgraph; the in-process and the stand-alone host are two doors to it. */
import type { RequestFacts, SubgraphRequest, SubgraphResult } from "@tessera/shared-types";
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
} from "graphql";
import { type Context, createContext } from "./context.js";
import type { Subgraph } from "./define-subgraph.js";
import { DocumentCache } from "./document-cache.js";
import { formatError } from "./errors.js";
import type { Runtime } from "./runtime.js";

/** How long the fields of one subscription event may take; the subscription itself has no deadline. */
const eventTimeoutMs = 10_000;

export class Operations {
  readonly #subgraph: Subgraph;
  readonly #runtime: Runtime;
  readonly #documents: DocumentCache;

  constructor(subgraph: Subgraph, runtime: Runtime) {
    this.#subgraph = subgraph;
    this.#runtime = runtime;
    this.#documents = new DocumentCache(subgraph.schema());
  }

  async execute(request: SubgraphRequest): Promise<SubgraphResult> {
    const checked = this.#documents.get(request.query);
    if (checked.errors) return this.#format({ errors: checked.errors }, request.facts);
    const cookies: string[] = [];
    const result = await execute(this.#arguments(checked.document, request, this.#context(request.facts, cookies)));
    return { ...this.#format(result, request.facts), ...(cookies.length > 0 ? { setCookie: cookies } : {}) };
  }

  /**
   * One result per event, each executed with a context of its own, so that nothing read for one event is stale in the
   * next.
   *
   * @throws GraphQLError formatted for the client when the operation is refused.
   */
  async subscribe(request: SubgraphRequest): Promise<AsyncIterableIterator<SubgraphResult>> {
    const checked = this.#documents.get(request.query);
    if (checked.errors) throw this.#first({ errors: checked.errors }, request.facts);
    const context = this.#context(request.facts, []);
    const events = await createSourceEventStream(this.#arguments(checked.document, request, context));
    if (!(Symbol.asyncIterator in events)) throw this.#first(events, request.facts);
    return this.#results(events, checked.document, request);
  }

  async *#results(events: AsyncIterable<unknown>, document: DocumentNode, request: SubgraphRequest) {
    for await (const rootValue of events) {
      const facts = { ...request.facts, deadline: Date.now() + eventTimeoutMs };
      const result = await execute({ ...this.#arguments(document, request, this.#context(facts, [])), rootValue });
      yield this.#format(result, facts);
    }
  }

  #arguments(
    document: DocumentNode,
    { variables, operationName }: SubgraphRequest,
    contextValue: Context,
  ): ExecutionArgs {
    return {
      schema: this.#subgraph.schema(),
      document,
      contextValue,
      ...(variables ? { variableValues: variables } : {}),
      ...(operationName ? { operationName } : {}),
    };
  }

  #context(request: RequestFacts, cookies: string[]): Context {
    const { actor } = request;
    const scope = { tenantId: actor?.tenantId ?? null, actorId: actor?.id ?? null };
    const { name: module, operates } = this.#subgraph;
    const parts = { module, runtime: this.#runtime, request, actor, scope, cookies };
    return createContext(operates ? { ...parts, operates } : parts);
  }

  #first(result: ExecutionResult, facts: RequestFacts): GraphQLError {
    return this.#format(result, facts).errors?.[0] ?? new GraphQLError("The subscription could not be started.");
  }

  #format(result: ExecutionResult, { requestId }: RequestFacts): SubgraphResult {
    if (!result.errors) return result;
    const module = this.#subgraph.name;
    const onMasked = (error: unknown) =>
      this.#runtime.telemetry.log.error({ err: error, requestId, module }, "unexpected error");
    const place = { module, requestId, now: this.#runtime.clock(), onMasked };
    return { ...result, errors: result.errors.map((error) => rebuild(formatError(error, place))) };
  }
}

/** Results carry `GraphQLError`s by type; only what was formatted for the client is kept. */
function rebuild({ message, path, extensions }: ReturnType<typeof formatError>): GraphQLError {
  return new GraphQLError(message, { ...(path ? { path } : {}), ...(extensions ? { extensions } : {}) });
}
