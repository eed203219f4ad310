/** One call to a subgraph: bounded by the request's signal, measured, and never without a coded error when it fails. */
import type { SubgraphConnection, SubgraphRequest, SubgraphResult } from "@tessera/shared-types";
import type { Telemetry } from "@tessera/telemetry";
import { GraphQLError } from "graphql";
import { RouterError } from "../errors/router-error.js";

export type CallSubgraph = (name: string, request: SubgraphRequest) => Promise<SubgraphResult>;

export function createCallSubgraph(
  connections: ReadonlyMap<string, SubgraphConnection>,
  telemetry: Telemetry,
): CallSubgraph {
  const { subgraphDuration } = telemetry.metrics;

  return async (subgraph, request) => {
    const ended = subgraphDuration.startTimer({ subgraph });
    const result = await telemetry.span("router.subgraph", { "tessera.subgraph": subgraph }, () =>
      answerOf(connections.get(subgraph), subgraph, request, telemetry),
    );
    ended({ outcome: result.errors ? "error" : "ok" });
    return result;
  };
}

async function answerOf(
  connection: SubgraphConnection | undefined,
  subgraph: string,
  request: SubgraphRequest,
  telemetry: Telemetry,
): Promise<SubgraphResult> {
  const { signal, requestId } = request.facts;
  try {
    if (!connection) throw new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph });
    const result = await untilAborted(signal, connection.execute(request));
    return result.errors ? { ...result, errors: result.errors.map((error) => asCoded(error, subgraph)) } : result;
  } catch (error) {
    if (error instanceof RouterError) return { data: null, errors: [error] };
    if (signal.aborted) return { data: null, errors: [abortReason(signal)] };
    telemetry.log.error({ err: error, requestId, subgraph }, "subgraph call failed");
    return { data: null, errors: [new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph })] };
  }
}

/** Rejects as soon as `signal` aborts, whether or not the subgraph listens to it. */
export function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  if (signal.aborted) return Promise.reject(abortReason(signal));
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortReason(signal));
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function abortReason(signal: AbortSignal): RouterError {
  return signal.reason instanceof RouterError ? signal.reason : new RouterError("REQUEST_ABORTED");
}

/** Errors of a subgraph keep their code; one without is internal to it, and masked on the way to the client. */
export function asCoded(error: GraphQLError, subgraph: string): GraphQLError {
  const extensions = { code: "INTERNAL_SERVER_ERROR", module: subgraph, ...error.extensions };
  return new GraphQLError(error.message, { ...(error.path ? { path: error.path } : {}), extensions });
}
