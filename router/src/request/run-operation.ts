/**
 * One operation of a client, from its text to its answer: is it known, is it small enough, does the same query run
 * already, what may its sender see of it, how is it planned, what do the subgraphs say.
 */
import type { Log } from "@tessera/telemetry";
import type { GraphQLError } from "graphql";
import { RouterError, type RouterErrorCode } from "../errors/router-error.js";
import type { Execution } from "../execution/executable.js";
import type { RouterHooks } from "../hooks/router-hooks.js";
import type { OperationCost } from "../protection/cost/cost-control.js";
import type { Generation, Prepared, Rejected } from "../supergraph/generation.js";
import { type PartForm, partWith, refusalWith } from "./client-answer.js";
import { coerceVariables } from "./coerce-variables.js";
import { asksForPlan, createFinish, type FinishOptions } from "./finish-answer.js";
import { InFlight } from "./in-flight.js";
import type { Operation } from "./operations.js";
import type { ClientAnswer, ClientPart, OperationRequest, Outcome, Transport } from "./outcome.js";
import { lifetimeOf, type RequestContext } from "./request-context.js";
import { isFor, type SharedAnswer, takeShared, watchHead } from "./shared-answer.js";

export interface PipelineOptions extends FinishOptions {
  /** The supergraph that is served right now. */
  readonly generation: () => Generation;
  /** The text of a request, which may only name it. */
  readonly textOf: (request: OperationRequest, context: RequestContext) => string | Promise<string>;
  /** Everything besides the body that an answer may depend on; `null` when queries are not shared. */
  readonly sharingKey: ((context: RequestContext) => string) | null;
  /** Operations that run at the same time; more are refused. */
  readonly mostRunning: number;
  readonly log: Log;
  readonly openEvents: OpenEvents;
  readonly hooks: Pick<RouterHooks, "onOperation" | "onResponse">;
}

/** Starts the stream of a subscription, or joins one that says the same to somebody else. */
export type OpenEvents = (
  prepared: Prepared,
  execution: Execution,
  request: OperationRequest,
) => Promise<AsyncIterable<ClientAnswer>>;

/** One request on its way, and what has been found out about it. */
export interface Course {
  /** As it came, or as a hook replaced it. */
  request: OperationRequest;
  readonly context: RequestContext;
  readonly transport: Transport;
  generation: Generation;
  operation: Operation | null;
  prepared: Prepared | null;
  /** `null` until it is known, and where costs are not worked out. */
  cost: OperationCost | null;
}

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #inFlight = new InFlight<SharedAnswer>();
  readonly #finish: ReturnType<typeof createFinish>;
  #running = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#finish = createFinish(options);
  }

  /** Rejects only with what refuses the whole request. */
  async run(course: Course): Promise<Outcome> {
    const { context } = course;
    const key = this.#keyOf(course);
    const running = key === null ? undefined : this.#inFlight.join(key, context.lifetime);
    const shared = running && (await running);
    if (shared && isFor(shared, course)) return single(takeShared(shared, course));
    this.#enter();
    try {
      return await this.#runText(course, shared ? null : key);
    } finally {
      this.#running -= 1;
    }
  }

  /** Refuses early what would only be done by half. @throws RouterError OVERLOADED */
  #enter(): void {
    const { mostRunning: limit } = this.#options;
    if (this.#running >= limit) throw new RouterError("OVERLOADED", { limit, retryAfterSeconds: 1 });
    this.#running += 1;
  }

  async #runText(course: Course, key: string | null): Promise<Outcome> {
    const { request } = course;
    const text = await this.#textOf(course);
    if (typeof text !== "string") return single(text);
    course.generation = this.#options.generation();
    const { generation } = course;
    const operation = generation.operations.get(text, request.operationName);
    if ("errors" in operation) return single(this.#refusal(operation.errors, course, 400));
    course.operation = operation;
    return generation.whileUsed(this.#runFound(course, operation, key));
  }

  /** Clients take the answer that a hash is not known as a question for the text: that is no failure. */
  async #textOf(course: Course): Promise<string | ClientAnswer> {
    const { request, context } = course;
    try {
      return await this.#options.textOf(request, context);
    } catch (error) {
      if (!(error instanceof RouterError) || !asksForText.has(error.code)) throw error;
      context.head.headers.set("cache-control", "no-cache");
      return this.#refusal([error], course, 200);
    }
  }

  /** With the supergraph: whoever comes after a reload gets an answer of the new one. */
  #keyOf({ request, context, generation }: Course): string | null {
    const { sharingKey, showsPlans } = this.#options;
    if (showsPlans && asksForPlan(context)) return null;
    if (!sharingKey || request.bodyText === undefined || request.files) return null;
    return `${generation.id}\n${sharingKey(context)}\n${request.bodyText}`;
  }

  async #runFound(course: Course, operation: Operation, key: string | null): Promise<Outcome> {
    const { context, request, transport, generation } = course;
    const { onOperation } = this.#options.hooks;
    refuseUnfit(operation, transport);
    if (onOperation) await onOperation({ ...operation, context });
    const values = coerceVariables(generation.apiSchema, request, operation, generation.suggestsNames);
    if (values.errors) return single(this.#refusal(values.errors, course, 400));
    const execution = { variables: values.variables, context, call: generation.call };

    if (operation.kind === "query" && !operation.hasDefer && key !== null) {
      const shared = await this.#inFlight.start(key, context.lifetime, (own) =>
        generation.whileUsed(this.#runShared(course, operation, execution, own)),
      );
      if (isFor(shared, course)) return single(takeShared(shared, course));
    }
    const prepared = await this.#prepare(course, operation, execution, transport.mayStream);
    if ("rejected" in prepared) return single(this.#refusal(prepared.rejected, course, 403));
    const own = { ...execution, refused: prepared.refused, ...(request.files ? { files: request.files } : {}) };
    if (operation.kind === "subscription") return this.#subscribe(course, prepared, own);
    if (prepared.executable.isDeferred) {
      return { kind: "parts", parts: generation.whileRead(this.#parts(prepared, own, transport.parts)) };
    }
    return single(await this.#answer(course, prepared, own));
  }

  /** @throws RouterError when it costs too much, or cannot be planned. */
  async #prepare(
    course: Course,
    operation: Operation,
    { variables, context }: Execution,
    mayDefer: boolean,
  ): Promise<Prepared | Rejected> {
    const { generation } = course;
    const checked = generation.cost.check(operation, variables, context.facts);
    const { estimated, isRefused, problem } = checked instanceof Promise ? await checked : checked;
    if (generation.cost.isOn) course.cost = { estimated };
    if (isRefused && problem) throw problem;
    const prepared = await generation.prepare(operation, variables, context, mayDefer);
    if ("rejected" in prepared) return prepared;
    course.prepared = prepared;
    const { wouldRemove } = prepared;
    const { requestId } = context.facts;
    if (wouldRemove) this.#options.log.info({ requestId, operation: operation.name, wouldRemove }, "access dry run");
    return prepared;
  }

  async #runShared(
    course: Course,
    operation: Operation,
    execution: Execution,
    signal: AbortSignal,
  ): Promise<SharedAnswer> {
    const { context: first } = course;
    const added = watchHead(first.head);
    const facts = { ...first.facts, signal };
    const context = { ...first, facts, lifetime: lifetimeOf(facts) };
    const own = { ...execution, context };
    const prepared = await this.#prepare(course, operation, own, false);
    const answer =
      "rejected" in prepared
        ? this.#refusal(prepared.rejected, course, 403)
        : await this.#answer(course, prepared, { ...own, refused: prepared.refused });
    return { answer, added: added(), course };
  }

  async #subscribe(course: Course, prepared: Prepared, execution: Execution): Promise<Outcome> {
    if (!prepared.executable.source) return single(this.#refusal(prepared.refused, course, 403));
    return { kind: "events", events: await this.#options.openEvents(prepared, execution, course.request) };
  }

  async #answer(course: Course, prepared: Prepared, execution: Execution): Promise<ClientAnswer> {
    const { hooks } = this.#options;
    const { context } = execution;
    const answer = this.#finish(course, prepared, execution, await prepared.executable.run(execution));
    return (await hooks.onResponse?.({ context, answer })) ?? answer;
  }

  async *#parts(
    { executable }: Prepared,
    execution: Execution,
    form: PartForm = "deferSpec=20220824",
  ): AsyncGenerator<ClientPart, void, void> {
    for await (const part of executable.runInParts(execution, form === "incrementalSpec=v0.2")) {
      yield partWith(part, this.#options.formatErrors(part.errors, execution.context), form);
    }
  }

  #refusal(errors: readonly GraphQLError[], { context }: Course, status: number): ClientAnswer {
    return refusalWith(this.#options.formatErrors(errors, context), status);
  }
}

function single(answer: ClientAnswer): Outcome {
  return { kind: "single", answer };
}

/** @throws RouterError for an operation that cannot be run, or not in this way. */
function refuseUnfit({ kind, refusal }: Operation, { mayMutate, mayStream }: Transport): void {
  if (refusal) throw refusal;
  if (kind === "mutation" && !mayMutate) throw new RouterError("METHOD_NOT_ALLOWED", { allowed: "POST" });
  if (kind === "subscription" && !mayStream) throw new RouterError("SUBSCRIPTION_NEEDS_STREAM");
}

const asksForText: ReadonlySet<RouterErrorCode> = new Set([
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
]);
