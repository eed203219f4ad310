/** The executor's way to every subgraph: in this process or another, observed, and never without a coded error when it fails. */
import type { SubgraphConnection } from "@tessera/shared-types";
import type { Telemetry } from "@tessera/telemetry";
import { GraphQLError } from "graphql";
import { notePolicy } from "../caching/settle-policy.js";
import { RouterError, type RouterErrorCode } from "../errors/router-error.js";
import { callLocally } from "./local-call.js";
import { callRemotely } from "./remote-call.js";
import { type CallSubgraph, isRemote, type SubgraphAnswer, type SubgraphCall } from "./subgraph-call.js";
import { runHook, type SubgraphHooks } from "./subgraph-hooks.js";
import { isTracing, traceCalls } from "./trace-calls.js";
import { abortReason } from "./wire/abort-watch.js";

export interface CallSubgraphOptions {
  readonly connections: ReadonlyMap<string, SubgraphConnection>;
  readonly telemetry: Telemetry;
  readonly hooks?: SubgraphHooks;
  /** The body of a call to another process: JSON of query, operationName and variables, one character per byte. */
  readonly bodyOf: (call: SubgraphCall) => string;
}

/** Rejects when a call fails. */
export type TryCall = (call: SubgraphCall) => Promise<SubgraphAnswer>;

export function createCallSubgraph(options: CallSubgraphOptions): CallSubgraph {
  const { connections, telemetry } = options;
  const calls = new Map<string, TryCall>();
  for (const [name, connection] of connections) calls.set(name, tryCall(connection, options));
  const traced = traceCalls(telemetry);
  const { subgraphDuration } = telemetry.metrics;

  return async (call) => {
    const { subgraph } = call.operation;
    const attempt = calls.get(subgraph) ?? notConnected;
    const began = performance.now();
    call.context.head.subgraphCalls += 1;
    try {
      const answer = await (isTracing() ? traced(attempt, call) : attempt(call));
      const { cachePolicy = null } = answer;
      notePolicy(call.context.head, cachePolicy);
      const seconds = secondsSince(began);
      const onRead = (hasErrors: boolean) =>
        subgraphDuration.observe({ subgraph, outcome: hasErrors ? "error" : "ok" }, seconds);
      // Several calls may have been given this answer: each counts for itself.
      if (answer.form === "text") return { form: "text", text: answer.text, cachePolicy, onRead };
      onRead(answer.errors !== undefined);
      return answer;
    } catch (error) {
      notePolicy(call.context.head, null);
      subgraphDuration.observe({ subgraph, outcome: "error" }, secondsSince(began));
      return { form: "value", data: null, errors: [toError(error, call, telemetry)] };
    }
  };
}

const notConnected: TryCall = async ({ operation }) => {
  throw new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph: operation.subgraph });
};

function tryCall(connection: SubgraphConnection, { bodyOf, hooks }: CallSubgraphOptions): TryCall {
  if (isRemote(connection)) return callRemotely(connection, bodyOf, hooks);
  if (!hooks?.onSubgraphRequest && !hooks?.onSubgraphResponse) return (call) => callLocally(connection, call);
  return async (call) => {
    const { operation, context } = call;
    const event = { subgraph: operation.subgraph, operation, context };
    await runHook(() => hooks.onSubgraphRequest?.({ ...event, headers: new Map() }));
    const answer = await callLocally(connection, call);
    await runHook(() => hooks.onSubgraphResponse?.({ ...event, answer }));
    return answer;
  };
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1_000;
}

/** Faults of the subgraph. That it gets a rest, or has too much to do, would be one line for every call. */
const logged: ReadonlySet<RouterErrorCode> = new Set([
  "SUBGRAPH_INVALID_RESPONSE",
  "SUBGRAPH_RESPONSE_TOO_LARGE",
  "SUBGRAPH_TIMEOUT",
  "SUBGRAPH_UNAVAILABLE",
]);

/** What went wrong is logged here, once, with its cause; refusals speak for themselves. */
function toError(error: unknown, { operation, context }: SubgraphCall, { log }: Telemetry): GraphQLError {
  const { signal, requestId } = context.facts;
  const { subgraph } = operation;
  if (error instanceof RouterError) {
    const err = error.originalError ?? error;
    if (logged.has(error.code)) log.warn({ err, requestId, subgraph }, "subgraph call failed");
    return error;
  }
  if (error instanceof GraphQLError) return error;
  if (signal.aborted) return abortReason(signal);
  log.error({ err: error, requestId, subgraph }, "subgraph call failed");
  return new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph });
}
