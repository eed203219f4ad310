/** GraphQL over WebSocket for a stand-alone subgraph. One socket carries the operations of many clients, so each says for itself who asks. */

import type { SubgraphRequest } from "@tessera/shared-types";
import { type ExecutionArgs, GraphQLError, parse } from "graphql";
import type { ServerOptions, SubscribePayload } from "graphql-ws";
import { factsFromHeaders, type Headers } from "./facts.js";
import type { Operations } from "./operations.js";
import type { Runtime } from "./runtime.js";

type Carried = ExecutionArgs & { contextValue: SubgraphRequest };

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
      return carry(payload, runtime, gone.signal);
    },
    execute: (args) => operations.execute((args as Carried).contextValue),
    subscribe: async (args) => {
      try {
        return await operations.subscribe((args as Carried).contextValue);
      } catch (error) {
        return { errors: [error as GraphQLError] };
      }
    },
    onComplete: (socket, id) => {
      operationsOf(socket).get(id)?.abort();
      operationsOf(socket).delete(id);
    },
    onDisconnect: (socket) => {
      for (const gone of operationsOf(socket).values()) gone.abort();
    },
  };
}

async function carry(
  payload: SubscribePayload,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<Carried | readonly GraphQLError[]> {
  try {
    const headers = (payload.extensions?.headers ?? {}) as Headers;
    const facts = await factsFromHeaders(headers, runtime, signal);
    const { query, operationName, variables } = payload;
    const request: SubgraphRequest = {
      query,
      facts,
      ...(operationName ? { operationName } : {}),
      ...(variables ? { variables } : {}),
    };
    return { document: parse(query), contextValue: request, ...(operationName ? { operationName } : {}) } as Carried;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return [new GraphQLError(message, { extensions: { code: code ?? "BAD_REQUEST" } })];
  }
}
