/** What stands around every operation: spans, records for observers, extensions, rate limits. */
import { GraphQLError } from "graphql";
import type { RouterHooks } from "../hooks/router-hooks.js";
import type { RouterObserver } from "../observability/observer.js";
import type { RequestRecord } from "../observability/request-record.js";
import { describeSpan, traceRequest } from "../observability/trace-requests.js";
import { type RateLimiter, rateLimitError, rateLimitHeaders } from "../protection/rate-limiter.js";
import type { Outcome, RunOperation } from "./outcome.js";
import type { RequestContext } from "./request-context.js";
import { type Course, Pipeline, type PipelineOptions } from "./run-operation.js";

export interface SurroundingOptions extends PipelineOptions {
  readonly hooks: RouterHooks;
  readonly observer: RouterObserver;
  readonly limiter: RateLimiter | null;
}

/** What came of an operation, as far as the client sees. */
type Result = Pick<RequestRecord, "status" | "errorCodes" | "isRequestError" | "bytes">;

export interface OpenPipeline {
  readonly run: RunOperation;
  /** Resolves when nothing runs; whoever asks gives it no more. */
  idle(): Promise<void>;
}

export function openPipeline(options: SurroundingOptions): OpenPipeline {
  const { hooks, limiter, observer, generation } = options;
  const pipeline = new Pipeline(options);
  let running = 0;
  let onIdle: (() => void) | null = null;
  const onRequest = hooks.onRequest?.bind(hooks);

  async function guarded(course: Course): Promise<Outcome> {
    const { context, request } = course;
    if (limiter) await takeTurn(limiter, observer, context);
    if (!onRequest) return pipeline.run(course);
    course.request = (await onRequest({ request, context })) ?? request;
    return pipeline.run(course);
  }

  const run: RunOperation = (request, context, transport) => {
    const started = performance.now();
    running += 1;
    observer.onRequestStart();
    const course: Course = { request, context, transport, generation: generation(), ...nothingYet };
    return traceRequest(context.clientHeaders, async (span) => {
      const end = (result: Result) => {
        running -= 1;
        if (running === 0) onIdle?.();
        const record = recordOf(course, started, result);
        observer.onRequestEnd(record);
        if (span) describeSpan(span, record);
      };
      try {
        const outcome = await guarded(course);
        end(resultOf(outcome));
        return outcome;
      } catch (error) {
        end(refusalResult(error));
        throw error;
      }
    });
  };
  const idle = () =>
    new Promise<void>((resolve) => {
      if (running === 0) resolve();
      else onIdle = resolve;
    });
  return { run, idle };
}

async function takeTurn(
  limiter: RateLimiter,
  { metrics }: RouterObserver,
  { facts, head }: RequestContext,
): Promise<void> {
  const taken = limiter.take(facts);
  const verdict = taken instanceof Promise ? await taken : taken;
  for (const [name, value] of Object.entries(rateLimitHeaders(verdict))) head.headers.set(name, value);
  const error = rateLimitError(verdict);
  if (!error) return;
  metrics?.onRateLimited();
  throw error;
}

function recordOf(
  { context, generation, operation, prepared, cost }: Course,
  started: number,
  { status, errorCodes, isRequestError, bytes }: Result,
): RequestRecord {
  // Written out, because copying with `...` is several times slower.
  return {
    status,
    errorCodes,
    isRequestError,
    bytes,
    context,
    operation,
    schema: generation.apiSchema,
    durationMs: performance.now() - started,
    subgraphCalls: context.head.subgraphCalls,
    plan: prepared?.plan,
    cost,
  };
}

/** A stream counts as answered when it begins. */
function resultOf(outcome: Outcome): Result {
  if (outcome.kind !== "single") return { status: 200, errorCodes: [], isRequestError: false, bytes: 0 };
  const { status, errors = [], isRequestError, body } = outcome.answer;
  const errorCodes = errors.length === 0 ? none : errors.map(({ extensions }) => String(extensions?.code ?? "UNKNOWN"));
  return { status, errorCodes, isRequestError, bytes: body.text.length };
}

function refusalResult(error: unknown): Result {
  const isKnown = error instanceof GraphQLError;
  const status = isKnown && "status" in error && typeof error.status === "number" ? error.status : 500;
  const code = isKnown ? String(error.extensions.code ?? "UNKNOWN") : "INTERNAL_SERVER_ERROR";
  return { status, errorCodes: [code], isRequestError: true, bytes: 0 };
}

const none: readonly string[] = [];
const nothingYet = { operation: null, prepared: null, cost: null };
