/**
 * Subscriptions of one subgraph over one WebSocket, opened with the first and closed after the last. Each operation
 * says in `extensions.headers` who asks, because the socket carries the operations of many clients.
 */
import type { SubgraphRequest, SubgraphResult } from "@tessera/shared-types";
import type { GraphQLError, GraphQLFormattedError } from "graphql";
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { RouterError } from "../errors/router-error.js";
import { EventQueue } from "./event-queue.js";
import { factsToHeaders } from "./facts-to-headers.js";
import { toResult } from "./post.js";

/** Milliseconds between pings, and how long an answer may take before the subgraph counts as gone. */
const pingEvery = 12_000;
const pongWithin = 5_000;

export function createSubscriptionSocket(subgraph: string, url: string, maxWaitingEvents: number) {
  let unanswered: NodeJS.Timeout | undefined;
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    lazy: true,
    lazyCloseTimeout: 5_000,
    keepAlive: pingEvery,
    // A broken stream has lost events, so whoever reads it is told rather than silently connected again.
    retryAttempts: 0,
    onNonLazyError: () => {},
    on: {
      ping: (received) => {
        if (!received) unanswered = setTimeout(() => client.terminate(), pongWithin);
      },
      pong: (received) => {
        if (received) clearTimeout(unanswered);
      },
      closed: () => clearTimeout(unanswered),
    },
  });

  return {
    subscribe: async (request: SubgraphRequest) => subscribe(client, subgraph, request, maxWaitingEvents),
    close: async () => client.dispose(),
  };
}

function subscribe(
  client: Client,
  subgraph: string,
  { query, operationName, variables, facts }: SubgraphRequest,
  maxWaitingEvents: number,
): AsyncIterableIterator<SubgraphResult> {
  let stop = () => {};
  const queue = new EventQueue<SubgraphResult>(maxWaitingEvents, () => leave());
  const abort = () => void queue.return();
  const leave = () => {
    facts.signal.removeEventListener("abort", abort);
    stop();
  };
  stop = client.subscribe<Record<string, unknown>>(
    {
      query,
      ...(operationName ? { operationName } : {}),
      ...(variables ? { variables: { ...variables } } : {}),
      extensions: { headers: factsToHeaders(facts) },
    },
    {
      next: (result) => queue.push(toResult(result as Parameters<typeof toResult>[0])),
      error: (error) => queue.fail(toError(error, subgraph)),
      complete: () => {
        facts.signal.removeEventListener("abort", abort);
        queue.complete();
      },
    },
  );
  if (facts.signal.aborted) abort();
  else facts.signal.addEventListener("abort", abort, { once: true });
  return queue;
}

/** A refused operation comes as a list of GraphQL errors; anything else means that the socket is gone. */
function toError(error: unknown, subgraph: string): GraphQLError {
  const [first] = toResult({ errors: Array.isArray(error) ? (error as GraphQLFormattedError[]) : [] }).errors ?? [];
  return first ?? new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph });
}
