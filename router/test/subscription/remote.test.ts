/** Streams of subgraphs in other processes: by sockets and by callbacks, with what their header rules say. */
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ApolloServer, HeaderMap } from "@apollo/server";
import { ApolloServerPluginSubscriptionCallback } from "@apollo/server/plugin/subscriptionCallback";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { createTelemetry } from "@tessera/telemetry";
import { execute, parse } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { openCallbacks, routerOptions } from "../../src/config/apply.js";
import type { RouterConfig } from "../../src/config/router-config.js";
import { SubgraphConnections } from "../../src/config/subgraph-connections.js";
import { connectRemote, startRouter } from "../../src/index.js";
import { rawSocket } from "../world/socket.js";
import { codesOf, dataOf, openEvents } from "./event-client.js";
import {
  Feed,
  feedResolvers,
  feedSdl,
  itemsResolvers,
  itemsSdl,
  openStage,
  type Resolvers,
  supergraphSdl,
} from "./stage.js";

const wait = { timeout: 20_000 };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const schemaOf = (sdl: string, resolvers: Resolvers) =>
  buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never });

async function listen(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
  );
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}/graphql` };
}

async function bodyOf(request: AsyncIterable<Buffer>): Promise<{ query: string; variables?: Record<string, unknown> }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** The items over HTTP. */
async function serveItems() {
  const schema = schemaOf(itemsSdl, itemsResolvers);
  const headers: IncomingHttpHeaders[] = [];
  const { url } = await listen(async (request, response) => {
    headers.push(request.headers);
    const { query, variables = {} } = await bodyOf(request);
    const result = await execute({ schema, document: parse(query), variableValues: variables });
    response.end(JSON.stringify(result));
  });
  return { url, headers };
}

/** The feed over graphql-transport-ws. */
async function serveFeed() {
  const feed = new Feed();
  const headers: unknown[] = [];
  const { server, url } = await listen((_, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ server, path: "/graphql" });
  closing.push(() => {
    for (const socket of sockets.clients) socket.terminate();
  });
  const onConnect = ({ connectionParams }: { connectionParams?: Record<string, unknown> }) => {
    headers.push(connectionParams?.headers);
  };
  useServer({ schema: schemaOf(feedSdl, feedResolvers(feed)), onConnect }, sockets);
  return { feed, url, headers };
}

const query = "subscription { event { id item { name } } }";
const event = (id: number) => ({ event: { id: `e${id}`, item: { name: `item ${id}` } } });

describe("over a socket to a subgraph of others", () => {
  const rules = { request: [{ propagate: { named: "authorization" } }, { propagate: { named: "x-extra" } }] };

  async function stage() {
    const [{ feed, ...source }, items] = [await serveFeed(), await serveItems()];
    const connections = [
      connectRemote({ name: "feed", url: source.url, headers: rules }),
      connectRemote({ name: "items", url: items.url, headers: rules }),
    ];
    const opened = await openStage({ connections });
    closing.push(
      () => Promise.all(connections.map((one) => one.close())),
      () => opened.router.close(),
    );
    return { router: opened.router, feed, source, items };
  }

  test("the source and what completes its events get what the rules take from the client", async () => {
    const { router, feed, source, items } = await stage();
    const one = await openEvents(router, { query, token: "ada", headers: { "x-extra": "1", "x-other": "2" } });
    await expect.poll(() => feed.active, wait).toBe(1);
    feed.push(1);
    await expect.poll(() => dataOf(one), wait).toEqual([event(1)]);
    expect(source.headers).toEqual([
      { authorization: "Bearer ada", "x-extra": "1", "x-request-id": expect.any(String) },
    ]);
    expect(items.headers[0]).toMatchObject({ authorization: "Bearer ada", "x-extra": "1" });
    expect(items.headers[0]).not.toHaveProperty("x-other");
  });

  test("clients share a stream only where the source gets the same from both", async () => {
    const { router, feed } = await stage();
    const ask = (extra: string, other: string) =>
      openEvents(router, { query, token: "ada", headers: { "x-extra": extra, "x-other": other } });
    const clients = [await ask("1", "1"), await ask("1", "2"), await ask("2", "2")];
    await expect.poll(() => feed.active, wait).toBe(2);
    feed.push(1);
    for (const one of clients) await expect.poll(() => dataOf(one), wait).toEqual([event(1)]);
    expect(feed.opened).toBe(2);
  });

  test("events are completed with a renewed token", async () => {
    const { router, feed, items } = await stage();
    const raw = await rawSocket(router);
    raw.send({ type: "connection_init", payload: { authorization: "Bearer ada.t1.x.60000000" } });
    await expect.poll(() => raw.messages.length, wait).toBe(1);
    raw.send({ type: "subscribe", id: "1", payload: { query } });
    await expect.poll(() => feed.active, wait).toBe(1);
    raw.send({ type: "ping", payload: { authorization: "Bearer ada.t1.x.70000000" } });
    await expect.poll(() => raw.messages.length, wait).toBe(2);
    feed.push(1);
    await expect.poll(() => raw.messages.length, wait).toBe(3);
    expect(items.headers.at(-1)?.authorization).toBe("Bearer ada.t1.x.70000000");
  });

  test("a refusal and the end of a subgraph reach all clients", async () => {
    const { router } = await stage();
    const text = 'subscription { refused(with: "FULL") { id } }';
    const clients = [await openEvents(router, { query: text }), await openEvents(router, { query: text })];
    for (const one of clients) {
      await one.ended;
      expect([codesOf(one), one.events.at(-1)?.event]).toEqual([["FULL"], "complete"]);
    }
  });
});

/** Apollo Server with its plugin, which calls back. */
async function serveCallingFeed() {
  const feed = new Feed();
  const apollo = new ApolloServer({
    schema: schemaOf(feedSdl, feedResolvers(feed)),
    plugins: [ApolloServerPluginSubscriptionCallback()],
  });
  await apollo.start();
  closing.push(() => apollo.stop());
  const { url } = await listen(async (request, response) => {
    const headers = new HeaderMap([["content-type", "application/json"]]);
    const httpGraphQLRequest = { method: "POST", headers, search: "", body: await bodyOf(request) };
    const answer = await apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: async () => ({}) });
    response.end(answer.body.kind === "complete" ? answer.body.string : "");
  });
  return { feed, url };
}

/** One that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("by callbacks", () => {
  test("events come to the path that the configuration names, and are completed like others", async () => {
    const [{ feed, url }, items, port] = [await serveCallingFeed(), await serveItems(), await freePort()];
    const publicUrl = `http://127.0.0.1:${port}/callbacks`;
    const config: RouterConfig = {
      server: { port, host: "127.0.0.1" },
      subscriptions: { callback: { publicUrl, heartbeatMs: 5_000 } },
      subgraphs: { feed: { subscriptions: { protocol: "callback" } } },
      execution: { planning: { workers: 0 } },
    };
    const callbacks = openCallbacks(config);
    const connections = new SubgraphConnections(callbacks);
    const members = [
      { name: "feed", url },
      { name: "items", url: items.url },
    ];
    const router = await startRouter(
      await routerOptions({
        ...{ config, callbacks, supergraphSdl, environment: {} },
        connections: connections.open(members, config),
        telemetry: createTelemetry({ service: "test", level: "silent" }),
      }),
    );
    closing.push(
      () => connections.close(),
      () => callbacks?.close(),
      () => router.close(),
    );
    const clients = [await openEvents(router, { query }), await openEvents(router, { query })];
    await expect.poll(() => feed.active, wait).toBe(1);
    for (const id of [1, 2]) feed.push(id);
    for (const one of clients) await expect.poll(() => dataOf(one), wait).toEqual([event(1), event(2)]);
    expect((await fetch(`${publicUrl}/guessed`, { method: "POST", body: "{}" })).status).toBe(404);
    expect((await fetch(`${publicUrl}elsewhere`)).status).toBe(404);
    clients[0]?.leave();
    feed.push(3);
    feed.end();
    await clients[1]?.ended;
    expect(clients[1]?.events.map(({ event }) => event)).toEqual(["next", "next", "next", "complete"]);
    expect(feed.opened).toBe(1);
  });
});
