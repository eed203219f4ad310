/** The subgraphs of the test world in servers of their own, speaking GraphQL over HTTP and graphql-transport-ws. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { RequestFacts, SubgraphRequest } from "@tessera/shared-types";
import { execute, parse, subscribe } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import type { Call } from "./resolvers.js";
import { names, schemaOf } from "./world.js";

export interface RemoteSubgraph {
  readonly name: string;
  readonly url: string;
  /** Headers of every HTTP request and, from `extensions`, of every operation on the socket. */
  readonly headers: Record<string, string | string[] | undefined>[];
  readonly sockets: WebSocketServer;
  close(): Promise<void>;
}

export function serveWorld(calls: Call[]): Promise<RemoteSubgraph[]> {
  return Promise.all(names.map((name) => serve(name, calls)));
}

async function serve(name: (typeof names)[number], calls: Call[]): Promise<RemoteSubgraph> {
  const schema = schemaOf(name);
  const headers: RemoteSubgraph["headers"] = [];
  const server = createServer(async (request, response) => {
    headers.push(request.headers);
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const { query, variables } = JSON.parse(await read(request)) as SubgraphRequest;
    const context = contextOf(name, query, gone.signal, calls);
    const result = await execute({
      schema,
      document: parse(query),
      variableValues: { ...variables },
      contextValue: context,
    });
    if (context.setCookie.length > 0) response.setHeader("set-cookie", context.setCookie);
    response.setHeader("content-type", "application/json").end(JSON.stringify(result));
  });
  const sockets = new WebSocketServer({ server, path: "/graphql" });
  const running = new Map<string, AbortController>();
  useServer(
    {
      schema,
      subscribe,
      context: (_socket, id, payload) => {
        headers.push((payload.extensions?.headers ?? {}) as Record<string, string>);
        const gone = new AbortController();
        running.set(id, gone);
        return contextOf(name, payload.query, gone.signal, calls);
      },
      onComplete: (_socket, id) => running.get(id)?.abort(),
    },
    sockets,
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { name, url: `http://127.0.0.1:${port}/graphql`, headers, sockets, close: () => stop(server, sockets) };
}

function contextOf(subgraph: string, query: string, signal: AbortSignal, calls: Call[]) {
  const facts = { requestId: "", actor: null, deadline: 0, signal } satisfies RequestFacts;
  const request: SubgraphRequest = { query, facts };
  calls.push({ subgraph, request });
  return { request, setCookie: [] as string[] };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function stop(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
