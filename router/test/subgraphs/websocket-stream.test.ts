/** Subscriptions over graphql-transport-ws, against the server of graphql-ws. */
import type { IncomingMessage } from "node:http";
import { parse } from "graphql";
import type { ServerOptions, SubscribePayload } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { connect } from "./connect.js";
import { asking, Feed, numberIn, type Params } from "./feed.js";
import { contextOf, eventually, serve } from "./servers.js";

interface Opened {
  readonly headers: IncomingMessage["headers"];
  readonly params: Readonly<Record<string, unknown>> | undefined;
}

async function subgraph(path = "/graphql") {
  const feed = new Feed();
  const opened: Opened[] = [];
  const payloads: SubscribePayload[] = [];
  const { url, server } = await serve((_, response) => response.end('{"data":{}}'));
  const sockets = new WebSocketServer({ server, path });
  const options: ServerOptions = {
    onConnect: ({ connectionParams, extra }) => {
      const { request } = extra as { request: IncomingMessage };
      opened.push({ headers: request.headers, params: connectionParams });
    },
    // Operations run in the feed, because graphql-ws loads a graphql of its own.
    onSubscribe: async (_, __, payload) => {
      payloads.push(payload);
      const result = await feed.run(payload as Params);
      if (!(Symbol.asyncIterator in result)) return result.errors ?? [];
      return { document: parse(payload.query), contextValue: result } as never;
    },
    subscribe: ({ contextValue }) => contextValue as never,
  };
  const service = useServer(options, sockets);
  onTestFinished(async () => {
    await service.dispose();
  });
  return { url, feed, opened, payloads, sockets };
}

describe("subscriptions of one subgraph", () => {
  test("run side by side on one socket, and each says who asks", async () => {
    const { url, feed, opened, payloads } = await subgraph();
    const connection = connect({ url });
    const one = await connection.subscribe(asking(10));
    const other = await connection.subscribe({ ...asking(20), context: contextOf({ token: "abc" }) });
    const reads = [numberIn(one.next()), numberIn(other.next())];
    await eventually(() => feed.active).toBe(2);
    feed.push(1);
    expect(await Promise.all(reads)).toEqual([11, 21]);
    expect(opened).toHaveLength(1);
    expect(payloads.map(({ extensions }) => extensions?.headers)).toMatchObject([
      { "x-request-id": "request-0001" },
      { authorization: "Bearer abc" },
    ]);
    await one.return?.();
    await eventually(() => feed.active).toBe(1);
    feed.push(2);
    expect(await numberIn(other.next())).toBe(22);
    feed.end();
    expect(await numberIn(other.next())).toBe("over");
  });

  test("end when whoever reads is gone", async () => {
    const { url, feed } = await subgraph();
    const controller = new AbortController();
    const events = await connect({ url }).subscribe(asking(0, controller.signal));
    await eventually(() => feed.active).toBe(1);
    controller.abort();
    expect(await numberIn(events.next())).toBe("over");
    await eventually(() => feed.active).toBe(0);
  });

  test("are refused with the subgraph's own error", async () => {
    const { url } = await subgraph();
    const events = await connect({ url }).subscribe({ ...asking(), query: "subscription { refused }" });
    await expect(events.next()).rejects.toMatchObject({ message: "not for you", extensions: { code: "FORBIDDEN" } });
  });

  test("are over when more events wait than may", async () => {
    const { url, feed } = await subgraph();
    const events = await connect({ url, subscriptions: { maxWaitingEvents: 3 } }).subscribe(asking());
    await eventually(() => feed.active).toBe(1);
    feed.push(1, 2, 3);
    expect(await numberIn(events.next())).toBe(1);
    feed.push(4, 5, 6, 7);
    await eventually(() => feed.active).toBe(0);
    await expect(events.next()).rejects.toMatchObject({ extensions: { code: "SLOW_CONSUMER" } });
  });

  test("go to a place of their own where there is one", async () => {
    const { url, feed } = await subgraph("/live");
    const events = await connect({ url, subscriptions: { path: "/live" } }).subscribe(asking());
    await eventually(() => feed.active).toBe(1);
    await events.return?.();
  });
});

describe("a socket that is lost", () => {
  test("fails its subscriptions, and later ones open another", async () => {
    const { url, feed, sockets } = await subgraph();
    const connection = connect({ url });
    const events = await connection.subscribe(asking());
    await eventually(() => feed.active).toBe(1);
    for (const socket of sockets.clients) socket.terminate();
    await expect(events.next()).rejects.toMatchObject({ extensions: { code: "SUBGRAPH_UNAVAILABLE" } });
    await eventually(() => feed.active).toBe(0);
    const again = await connection.subscribe(asking());
    await eventually(() => feed.active).toBe(1);
    feed.push(1);
    expect(await numberIn(again.next())).toBe(1);
  });

  test("is opened again with its subscriptions where that is wanted", async () => {
    const { url, feed, sockets, opened } = await subgraph();
    const webSocket = { reconnectAttempts: 3 };
    const events = await connect({ url, subscriptions: { webSocket } }).subscribe(asking());
    await eventually(() => feed.active).toBe(1);
    for (const socket of sockets.clients) socket.terminate();
    await eventually(() => opened.length).toBe(2);
    await eventually(() => feed.active).toBe(1);
    feed.push(1);
    expect(await numberIn(events.next())).toBe(1);
  });

  test("by silence is noticed, because pings are not answered", async () => {
    const { url, feed, sockets } = await subgraph();
    const webSocket = { pingEveryMs: 20, pongWithinMs: 2_000 };
    const events = await connect({ url, subscriptions: { webSocket } }).subscribe(asking());
    await eventually(() => feed.active).toBe(1);
    for (const socket of sockets.clients) socket.removeAllListeners("message");
    await expect(events.next()).rejects.toMatchObject({ extensions: { code: "SUBGRAPH_UNAVAILABLE" } });
  });
});

describe("a subgraph that wants to know who asks when the socket opens", () => {
  const headers = { request: [{ propagate: { named: "authorization" } }] };
  const as = (authorization: string) => ({ ...asking(), context: contextOf({ clientHeaders: { authorization } }) });

  test("gets one socket for all for whom the same is forwarded", async () => {
    const { url, feed, opened, payloads } = await subgraph();
    const webSocket = { connectionParams: { token: "t" } };
    const connection = connect({ url, headers, subscriptions: { webSocket } });
    for (const authorization of ["ada", "grace", "ada"]) await connection.subscribe(as(authorization));
    await eventually(() => feed.active).toBe(3);
    expect(opened.map(({ headers: sent }) => sent.authorization).sort()).toEqual(["ada", "grace"]);
    expect(opened.find(({ headers: sent }) => sent.authorization === "ada")?.params).toMatchObject({
      token: "t",
      headers: { authorization: "ada" },
    });
    expect(payloads.every(({ extensions }) => extensions === undefined)).toBe(true);
  });

  test("gets what a function makes of the request", async () => {
    const { url, feed, opened } = await subgraph();
    const connectionParams = (context: { clientHeaders: object }) => ({ seen: Object.keys(context.clientHeaders) });
    const connection = connect({ url, headers, subscriptions: { webSocket: { connectionParams } } });
    await connection.subscribe(as("ada"));
    await eventually(() => feed.active).toBe(1);
    expect(opened[0]?.params).toMatchObject({ seen: ["authorization"] });
  });
});
