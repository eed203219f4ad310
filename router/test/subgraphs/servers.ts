/** Small real servers for the tests of this folder, each closed after the test that opened it. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { RequestFacts } from "@tessera/shared-types";
import { expect, onTestFinished } from "vitest";
import { type ClientHeaders, createRequestContext, type RequestContext } from "../../src/request/request-context.js";
import type { WireRequest } from "../../src/subgraphs/subgraph-call.js";

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Connections that are open, and how many there have ever been. */
  readonly sockets: Set<Socket>;
  readonly opened: () => number;
}

export async function serve(listener: RequestListener): Promise<TestServer> {
  return listen(createServer(listener), "http");
}

export async function listen(server: Server, scheme: "http" | "https"): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let opened = 0;
  server.on("connection", (socket: Socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const host = scheme === "https" ? "localhost" : "127.0.0.1";
  return { url: `${scheme}://${host}:${port}/graphql`, port, server, sockets, opened: () => opened };
}

export interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Recorder {
  readonly received: Received[];
  readonly listener: RequestListener;
}

/** Answers everything with the same JSON and remembers what came. */
export function answering(
  answer: object = { data: { ok: true } },
  head: Record<string, string | string[]> = {},
): Recorder {
  const received: Received[] = [];
  const listener: RequestListener = async (request, response) => {
    const body = await bodyOf(request);
    received.push({ headers: request.headers, body: body.toString() });
    response.writeHead(200, { "content-type": "application/json", ...head }).end(JSON.stringify(answer));
  };
  return { received, listener };
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export interface ContextOptions extends Partial<RequestFacts> {
  readonly clientHeaders?: ClientHeaders;
}

export function contextOf({ clientHeaders = {}, ...facts }: ContextOptions = {}): RequestContext {
  return createRequestContext(
    {
      requestId: "request-0001",
      actor: null,
      deadline: Date.now() + 5_000,
      signal: new AbortController().signal,
      ...facts,
    },
    clientHeaders,
  );
}

export function query(context: RequestContext = contextOf(), body = '{"query":"{ ok }"}'): WireRequest {
  return { kind: "query", body, context };
}

export function mutation(context: RequestContext = contextOf(), body = '{"query":"mutation { ok }"}'): WireRequest {
  return { kind: "mutation", body, context };
}

/** The code of the `RouterError` a promise rejects with; fails when it resolves. */
export async function refusal(work: Promise<unknown>): Promise<unknown> {
  const outcome = await work.then(
    () => ({ resolved: true }),
    (error: { extensions?: { code?: unknown } }) => error.extensions?.code ?? error,
  );
  return outcome;
}

/** Asks again and again, with patience for a machine that has other things to do. */
export const eventually: typeof expect.poll = (read) => expect.poll(read, { timeout: 10_000 });
