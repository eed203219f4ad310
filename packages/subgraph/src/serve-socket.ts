/** GraphQL over WebSocket for a stand-alone subgraph. One socket carries the operations of many clients, so each says for itself who asks. */

import type { SubgraphRequest, SubgraphResult } from "@tessera/shared-types";
import { type ExecutionArgs, GraphQLError, getOperationAST, parse } from "graphql";
import type { ServerOptions, SubscribePayload } from "graphql-ws";
import { factsFromHeaders, type Headers } from "./facts.js";
import type { Operations } from "./operations.js";
import type { Runtime } from "./runtime.js";

/** What `onSubscribe` hands on: the request, and the events when it is a subscription that has started. */
interface Carried {
  readonly request: SubgraphRequest;
  readonly events?: AsyncIterableIterator<SubgraphResult>;
}
type CarriedArgs = ExecutionArgs & { readonly contextValue: Carried };
const carried = (args: ExecutionArgs) => (args as CarriedArgs).contextValue;

export function socketOptions(operations: Operations, runtime: Runtime): ServerOptions {
  // Operation ids are unique within one socket only.
  const running = new WeakMap<object, Map<string, AbortController>>();
  const operationsOf = (socket: object) => {
    const known = running.get(socket) ?? new Map<string, AbortController>();
    running.set(socket, known);
    return known;
  };
  return {
    onSubscribe: async (socket, id, payload) => {
      const gone = new AbortController();
      operationsOf(socket).set(id, gone);
      return begin(payload, operations, runtime, gone.signal);
    },
    execute: (args) => operations.execute(carried(args).request),
    subscribe: (args) => carried(args).events ?? { errors: [] },
    onComplete: (socket, id) => {
      operationsOf(socket).get(id)?.abort();
      operationsOf(socket).delete(id);
    },
    onDisconnect: (socket) => {
      for (const gone of operationsOf(socket).values()) gone.abort();
    },
  };
}

/** Starts a subscription already here, because only here can a refusal still be sent as one. */
async function begin(
  payload: SubscribePayload,
  operations: Operations,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<CarriedArgs | readonly GraphQLError[]> {
  try {
    const request = await readRequest(payload, runtime, signal);
    const document = parse(request.query);
    const live = getOperationAST(document, request.operationName)?.operation === "subscription";
    const contextValue: Carried = { request, ...(live ? { events: await operations.subscribe(request) } : {}) };
    const { operationName } = request;
    return { document, contextValue, ...(operationName ? { operationName } : {}) } as CarriedArgs;
  } catch (error) {
    return [asGraphQLError(error)];
  }
}

async function readRequest(payload: SubscribePayload, runtime: Runtime, signal: AbortSignal): Promise<SubgraphRequest> {
  const headers = (payload.extensions?.headers ?? {}) as Headers;
  const facts = await factsFromHeaders(headers, runtime, signal);
  const { query, operationName, variables } = payload;
  return { query, facts, ...(operationName ? { operationName } : {}), ...(variables ? { variables } : {}) };
}

function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const { code, message } = error as { code?: string; message: string };
  return new GraphQLError(message, { extensions: { code: code ?? "BAD_REQUEST" } });
}
