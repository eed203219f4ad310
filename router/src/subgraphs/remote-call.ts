/** Calls to a subgraph of another process: text in and out. */
import type { TryCall } from "./call-subgraph.js";
import type { RemoteConnection, SubgraphCall, WireRequest } from "./subgraph-call.js";
import type { SubgraphHooks } from "./subgraph-hooks.js";

export function callRemotely(
  connection: RemoteConnection,
  bodyOf: (call: SubgraphCall) => string,
  hooks: SubgraphHooks | undefined,
): TryCall {
  const plain: TryCall = (call) => connection.post(wireRequest(call, bodyOf));
  return hooks?.onSubgraphRequest || hooks?.onSubgraphResponse ? hooked(connection, bodyOf, hooks) : plain;
}

function hooked(
  connection: RemoteConnection,
  bodyOf: (call: SubgraphCall) => string,
  { onSubgraphRequest, onSubgraphResponse }: SubgraphHooks,
): TryCall {
  return async (call) => {
    const { operation, context } = call;
    const event = { subgraph: operation.subgraph, operation, context };
    const headers = connection.headersFor(context);
    await onSubgraphRequest?.({ ...event, headers });
    const answer = await connection.post({ ...wireRequest(call, bodyOf), headers });
    await onSubgraphResponse?.({ ...event, answer, status: answer.status, headers: answer.headers });
    return answer;
  };
}

function wireRequest(call: SubgraphCall, bodyOf: (call: SubgraphCall) => string): WireRequest {
  const { operation, context, files } = call;
  const request = { body: bodyOf(call), kind: operation.kind, context };
  return files ? { ...request, files } : request;
}
