/** GraphQL over WebSocket for a stand-alone subgraph. One socket carries the operations of many clients, so each says for itself who asks. */
import { type ExecutionArgs, GraphQLError, parse } from "graphql";
import type { ServerOptions, SubscribePayload } from "graphql-ws";
import type { SubgraphRequest } from "@tessera/shared-types";
import { factsFromHeaders, type Headers } from "./facts.js";
import type { Operations } from "./operations.js";
import type { Runtime } from "./runtime.js";

type Carried = ExecutionArgs & { contextValue: SubgraphRequest };

export function socketOptions(operations: Operations, runtime: Runtime): ServerOptions {
  const running = new Map<string, AbortController>();
  return {
    onSubscribe: async (_context, id, payload) => {
      const gone = new AbortController();
      running.set(id, gone);
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
    onComplete: (_context, id) => {
      running.get(id)?.abort();
      running.delete(id);
    },
  };
}

async function carry(payload: SubscribePayload, runtime: Runtime, signal: AbortSignal): Promise<Carried | readonly GraphQLError[]> {
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
