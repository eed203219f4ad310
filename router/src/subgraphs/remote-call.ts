/** Calls to a subgraph of another process: text in and out. */
import type { TryCall } from "./call-subgraph.js";
import type { RemoteConnection, SubgraphCall, WireRequest } from "./subgraph-call.js";
import { runHook, type SubgraphHooks } from "./subgraph-hooks.js";

export function callRemotely(
  connection: RemoteConnection,
  bodyOf: (call: SubgraphCall) => string,
  hooks: SubgraphHooks | undefined,
): TryCall {
  const plain: TryCall = (call) => connection.post(wireRequest(call, bodyOf));
  return hooks?.onSubgraphRequest || hooks?.onSubgraphResponse ? hooked(connection, bodyOf, hooks) : plain;
}

function hooked(connection: RemoteConnection, bodyOf: (call: SubgraphCall) => string, hooks: SubgraphHooks): TryCall {
  return async (call) => {
    const { operation, context } = call;
    const event = { subgraph: operation.subgraph, operation, context };
    const headers = connection.headersFor(context);
    await runHook(() => hooks.onSubgraphRequest?.({ ...event, headers }));
    const answer = await connection.post({ ...wireRequest(call, bodyOf), headers });
    const { status, headers: received } = answer;
    await runHook(() => hooks.onSubgraphResponse?.({ ...event, answer, status, headers: received }));
    return answer;
  };
}

function wireRequest(call: SubgraphCall, bodyOf: (call: SubgraphCall) => string): WireRequest {
  const { operation, context, files } = call;
  const request = { body: bodyOf(call), kind: operation.kind, context };
  return files ? { ...request, files } : request;
}
