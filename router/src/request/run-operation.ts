/**
 * One operation of a client, from its text to its answer: is it known, is it small enough, does the same query run
 * already, what may its sender see of it, how is it planned, what do the subgraphs say.
 */
import { type GraphQLError, type GraphQLFormattedError, getVariableValues } from "graphql";
import { codedAs } from "../errors/coded-as.js";
import { RouterError } from "../errors/router-error.js";
import type { Execution } from "../execution/executable.js";
import type { Generation, Prepared } from "../supergraph/generation.js";
import { answerWith, partWith, refusalWith } from "./client-answer.js";
import { InFlight } from "./in-flight.js";
import type { Operation } from "./operations.js";
import type { ClientAnswer, ClientPart, OperationRequest, Outcome, RunOperation, Transport } from "./outcome.js";
import type { AnswerHead, RequestContext } from "./request-context.js";
import { withFiles, withoutFiles } from "./variables-with-files.js";

export interface RunOperationOptions {
  /** The supergraph that is served right now. */
  readonly generation: () => Generation;
  /** The text of a request, which may only name it. */
  readonly textOf: (request: OperationRequest, context: RequestContext) => string | Promise<string>;
  /** Everything besides the body that an answer may depend on; `null` when queries are not shared. */
  readonly sharingKey: (context: RequestContext) => string | null;
  readonly formatErrors: (errors: readonly GraphQLError[], context: RequestContext) => readonly GraphQLFormattedError[];
  readonly openEvents: OpenEvents;
  /** Told about each operation when its answer stands, or its stream begins. */
  readonly onRun?: (ran: Ran) => void;
}

/** One operation that was run, or refused. */
export interface Ran {
  readonly request: OperationRequest;
  readonly context: RequestContext;
  /** `null` when the request was refused before its text was understood. */
  readonly operation: Operation | null;
  readonly durationMs: number;
  /** Absent when the whole request was refused with `error`. */
  readonly outcome?: Outcome;
  readonly error?: unknown;
}

/** Starts the stream of a subscription, or joins one that says the same to somebody else. */
export type OpenEvents = (
  prepared: Prepared,
  execution: Execution,
  request: OperationRequest,
) => Promise<AsyncIterable<ClientAnswer>>;

interface SharedAnswer {
  readonly operation: Operation;
  readonly answer: ClientAnswer;
  readonly head: AnswerHead;
}

/** One request on its way. */
interface Asked {
  readonly request: OperationRequest;
  readonly context: RequestContext;
  readonly transport: Transport;
  readonly generation: Generation;
  readonly operation: Operation;
}

export function createRunOperation(options: RunOperationOptions): RunOperation {
  const inFlight = new InFlight<SharedAnswer>();

  return options.onRun ? observed(runOperation, options.onRun) : (...asked) => runOperation(asked, { operation: null });

  async function runOperation([request, context, transport]: Parameters<RunOperation>, seen: Seen): Promise<Outcome> {
    const key = request.bodyText === undefined || request.files ? null : keyOf(request.bodyText, context);
    const running = key === null ? undefined : inFlight.join(key, context.facts.signal);
    if (running) {
      const shared = await running;
      // A cookie is for one client alone.
      if (shared.head.setCookie.length === 0) {
        seen.operation = shared.operation;
        return single(takeShared(shared, context));
      }
    }
    const text = await options.textOf(request, context);
    const generation = options.generation();
    const operation = generation.operations.get(text, request.operationName);
    if ("errors" in operation) return single(refusalWith(options.formatErrors(operation.errors, context), 400));
    seen.operation = operation;
    return generation.whileUsed(run({ request, context, transport, generation, operation }, key));
  }

  function keyOf(bodyText: string, context: RequestContext): string | null {
    const key = options.sharingKey(context);
    return key === null ? null : `${key}\n${bodyText}`;
  }

  async function run(asked: Asked, key: string | null): Promise<Outcome> {
    const { operation, context, request, transport, generation } = asked;
    refuseUnfit(operation, transport);
    const values = coerced(asked);
    if (values.errors) return single(refusalWith(options.formatErrors(values.errors, context), 400));
    const execution = { variables: values.variables, context, call: generation.call };

    if (operation.kind === "query" && !operation.hasDefer && key !== null) {
      const shared = await inFlight.start(key, context.facts.signal, (signal) => runShared(asked, execution, signal));
      return single(shared.answer);
    }
    const prepared = await generation.prepare(operation, values.variables, context, transport.mayStream);
    if ("rejected" in prepared) return single(rejection(prepared.rejected, context));
    const own = { ...execution, refused: prepared.refused, ...(request.files ? { files: request.files } : {}) };
    if (operation.kind === "subscription") {
      if (!prepared.executable.source) return single(rejection(prepared.refused, context));
      return { kind: "events", events: await options.openEvents(prepared, own, request) };
    }
    if (prepared.executable.isDeferred) return { kind: "parts", parts: parts(prepared, own) };
    return single(await answerTo(prepared, own));
  }

  async function runShared(asked: Asked, execution: Execution, signal: AbortSignal): Promise<SharedAnswer> {
    const { generation, operation, context: first } = asked;
    const context = { ...first, facts: { ...first.facts, signal } };
    const prepared = await generation.prepare(operation, execution.variables, context, false);
    const answer =
      "rejected" in prepared
        ? rejection(prepared.rejected, context)
        : await answerTo(prepared, { ...execution, context, refused: prepared.refused });
    return { operation, answer, head: first.head };
  }

  function rejection(errors: readonly GraphQLError[], context: RequestContext): ClientAnswer {
    return refusalWith(options.formatErrors(errors, context), 403);
  }

  async function answerTo({ executable }: Prepared, execution: Execution): Promise<ClientAnswer> {
    const { data, errors } = await executable.run(execution);
    return answerWith(data, errors.length === 0 ? [] : options.formatErrors(errors, execution.context));
  }

  async function* parts({ executable }: Prepared, execution: Execution): AsyncGenerator<ClientPart, void, void> {
    for await (const part of executable.runInParts(execution)) {
      yield partWith(part, options.formatErrors(part.errors, execution.context), part.hasNext);
    }
  }
}

interface Seen {
  operation: Operation | null;
}

function observed(
  run: (asked: Parameters<RunOperation>, seen: Seen) => Promise<Outcome>,
  onRun: (ran: Ran) => void,
): RunOperation {
  return async (...asked) => {
    const [request, context] = asked;
    const seen: Seen = { operation: null };
    const started = performance.now();
    const tell = (end: Pick<Ran, "outcome" | "error">) =>
      onRun({ request, context, operation: seen.operation, durationMs: performance.now() - started, ...end });
    try {
      const outcome = await run(asked, seen);
      tell({ outcome });
      return outcome;
    } catch (error) {
      tell({ error });
      throw error;
    }
  };
}

function single(answer: ClientAnswer): Outcome {
  return { kind: "single", answer };
}

/** The headers that go with a shared answer go with each copy of it. */
function takeShared({ answer, head }: SharedAnswer, context: RequestContext): ClientAnswer {
  for (const [name, value] of head.headers) context.head.headers.set(name, value);
  context.head.cachePolicy = head.cachePolicy;
  return answer;
}

/** @throws RouterError for an operation that cannot be run, or not in this way. */
function refuseUnfit({ kind, refusal }: Operation, { mayMutate, mayStream }: Transport): void {
  if (refusal) throw refusal;
  if (kind === "mutation" && !mayMutate) throw new RouterError("METHOD_NOT_ALLOWED", { allowed: "POST" });
  if (kind === "subscription" && !mayStream) throw new RouterError("SUBSCRIPTION_NEEDS_STREAM");
}

type Values =
  | { readonly variables: Readonly<Record<string, unknown>>; readonly errors?: undefined }
  | { readonly errors: readonly GraphQLError[] };

function coerced({ operation, generation, request }: Asked): Values {
  const definitions = operation.operation.variableDefinitions ?? [];
  if (definitions.length === 0) return { variables: none };
  const { files } = request;
  const given = request.variables ?? none;
  const values = getVariableValues(generation.apiSchema, definitions, files ? withFiles(given, files) : given);
  if (values.errors) return { errors: values.errors.map((error) => codedAs("BAD_USER_INPUT", error)) };
  return { variables: files ? withoutFiles(values.coerced, files) : values.coerced };
}

const none: Readonly<Record<string, unknown>> = {};
