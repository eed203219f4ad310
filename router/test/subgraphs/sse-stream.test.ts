/** Subscriptions over Server-Sent Events, against the server of graphql-sse and against one that writes bytes by hand. */
import { createHandler } from "graphql-sse/lib/use/http";
import { describe, expect, test } from "vitest";
import { verifySignature } from "../../src/subgraphs/traffic/sign.js";
import { connect } from "./connect.js";
import { asking, Feed, numberIn, type Params } from "./feed.js";
import { bodyOf, eventually, serve } from "./servers.js";

const subscriptions = { protocol: "sse" } as const;

async function subgraph() {
  const feed = new Feed();
  const seen: (string | undefined)[] = [];
  const handler = createHandler({
    onSubscribe: async ({ headers }, params) => {
      seen.push(headers.get("x-request-id") ?? undefined);
      const result = await feed.run(params as Params);
      return (Symbol.asyncIterator in result ? result : { data: null, errors: result.errors }) as never;
    },
  });
  const server = await serve((request, response) => void handler(request, response));
  return { ...server, feed, seen };
}

/** Writes these pieces one after another, and ends. */
async function writing(...pieces: (string | Buffer)[]) {
  const { url } = await serve(async (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    for (const piece of pieces) {
      response.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  return connect({ url, subscriptions }).subscribe(asking());
}

const next = (value: number) => `event: next\ndata: {"data":{"number":${value}}}\n\n`;

describe("a subscription", () => {
  test("brings the events and the end of its subgraph, each on a connection of its own", async () => {
    const { url, feed, seen, sockets } = await subgraph();
    const connection = connect({ url, subscriptions });
    const one = await connection.subscribe(asking(10));
    const other = await connection.subscribe(asking(20));
    const reads = [numberIn(one.next()), numberIn(other.next())];
    await eventually(() => feed.active).toBe(2);
    feed.push(1);
    expect(await Promise.all(reads)).toEqual([11, 21]);
    expect(seen).toEqual(["request-0001", "request-0001"]);
    expect(sockets.size).toBe(2);
    feed.end();
    expect([await numberIn(one.next()), await numberIn(other.next())]).toEqual(["over", "over"]);
  });

  test("ends at its subgraph when whoever reads is gone", async () => {
    const { url, feed } = await subgraph();
    const controller = new AbortController();
    const events = await connect({ url, subscriptions }).subscribe(asking(0, controller.signal));
    await eventually(() => feed.active).toBe(1);
    controller.abort();
    expect(await numberIn(events.next())).toBe("over");
    await eventually(() => feed.active).toBe(0);
  });

  test("is refused with the subgraph's own error", async () => {
    const { url } = await subgraph();
    const connection = connect({ url, subscriptions });
    const refused = await connection.subscribe({ ...asking(), query: "subscription { refused }" });
    expect(await refused.next()).toMatchObject({
      value: { data: null, errors: [{ message: "not for you", extensions: { code: "FORBIDDEN" } }] },
    });
    expect(await numberIn(refused.next())).toBe("over");
    const plain = await serve((_, response) => response.writeHead(401).end('{"errors":[{"message":"who are you?"}]}'));
    const unknown = await connect({ url: plain.url, subscriptions }).subscribe(asking());
    await expect(unknown.next()).rejects.toMatchObject({ message: "who are you?" });
  });

  test("is over when more events wait than may", async () => {
    const { url, feed } = await subgraph();
    const events = await connect({ url, subscriptions: { ...subscriptions, maxWaitingEvents: 2 } }).subscribe(asking());
    await eventually(() => feed.active).toBe(1);
    feed.push(1, 2, 3, 4);
    await eventually(() => feed.active).toBe(0);
    await expect(events.next()).rejects.toMatchObject({ extensions: { code: "SLOW_CONSUMER" } });
  });

  test("is signed like any other request", async () => {
    let isSigned = false;
    const { url } = await serve(async (request, response) => {
      const signature = request.headers["x-tessera-signature"] as string | undefined;
      isSigned = verifySignature({ secret: "s", signature, body: await bodyOf(request) });
      response.writeHead(200, { "content-type": "text/event-stream" }).end("event: complete\n\n");
    });
    const events = await connect({ url, subscriptions, traffic: { hmac: { secret: "s" } } }).subscribe(asking());
    expect(await numberIn(events.next())).toBe("over");
    expect(isSigned).toBe(true);
  });
});

describe("a stream", () => {
  test("is read however its bytes are cut", async () => {
    const bytes = Buffer.from(
      `: hello\r\n\r\nevent: next\r\ndata: {"data":\rdata: {"number":1,\ndata:"name":"猫"}}\r\n\r\n${next(2)}`,
    );
    const pieces = Array.from(bytes, (byte) => Buffer.of(byte));
    const events = await writing(...pieces, "event: complete\ndata:\n\n");
    expect(await events.next()).toMatchObject({ value: { data: { number: 1, name: "猫" } } });
    expect([await numberIn(events.next()), await numberIn(events.next())]).toEqual([2, "over"]);
  });

  test("that ends without saying so has failed, after the events it brought", async () => {
    const events = await writing(next(1));
    expect(await numberIn(events.next())).toBe(1);
    await expect(events.next()).rejects.toMatchObject({ extensions: { code: "SUBGRAPH_UNAVAILABLE" } });
  });

  test("of something that is not GraphQL has failed", async () => {
    const events = await writing("event: next\ndata: hello\n\n");
    await expect(events.next()).rejects.toMatchObject({ extensions: { code: "SUBGRAPH_INVALID_RESPONSE" } });
  });

  test("is bounded in the size of one event", async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(next(1));
      response.write(`event: next\ndata: ${"x".repeat(5_000)}`);
    });
    const events = await connect({ url, subscriptions, traffic: { maxAnswerBytes: 1_000 } }).subscribe(asking());
    expect(await numberIn(events.next())).toBe(1);
    await expect(events.next()).rejects.toMatchObject({ extensions: { code: "SUBGRAPH_RESPONSE_TOO_LARGE" } });
  });
});
