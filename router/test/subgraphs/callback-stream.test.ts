/** Subscriptions by HTTP callbacks, against Apollo Server's plugin and against messages sent by hand. */
import { ApolloServer, HeaderMap } from "@apollo/server";
import { ApolloServerPluginSubscriptionCallback } from "@apollo/server/plugin/subscriptionCallback";
import { buildSchema } from "graphql";
import { describe, expect, onTestFinished, test } from "vitest";
import { type CallbackReceiverOptions, createCallbackReceiver } from "../../src/subgraphs/streams/callback-receiver.js";
import { connect } from "./connect.js";
import { asking, numberIn } from "./feed.js";
import { bodyOf, eventually, serve } from "./servers.js";

interface Extension {
  readonly callbackUrl: string;
  readonly subscriptionId: string;
  readonly verifier: string;
  readonly heartbeatIntervalMs: number;
}

const subscriptions = { protocol: "callback" } as const;

/** A router's server with nothing but the callback path. */
async function receiving(options: Partial<CallbackReceiverOptions> = {}, now?: () => number) {
  let handle: ReturnType<typeof createCallbackReceiver>["handle"] = async () => false;
  const { port } = await serve(async (request, response) => {
    if (!(await handle(request, response))) response.writeHead(418).end();
  });
  const publicUrl = `http://127.0.0.1:${port}/callback`;
  const receiver = createCallbackReceiver({ publicUrl, ...options }, now);
  handle = receiver.handle;
  onTestFinished(() => receiver.close());
  return { receiver, publicUrl };
}

/** A subgraph that keeps what it was asked, and answers with `answer`. */
async function subgraph(
  options: Partial<CallbackReceiverOptions> = {},
  answer: object = { data: null },
  now?: () => number,
) {
  const { receiver, publicUrl } = await receiving(options, now);
  const asked: { extension: Extension; accept: string | undefined }[] = [];
  const { url } = await serve(async (request, response) => {
    const { extensions } = JSON.parse((await bodyOf(request)).toString()) as {
      extensions: { subscription: Extension };
    };
    asked.push({ extension: extensions.subscription, accept: request.headers.accept });
    response.end(JSON.stringify(answer));
  });
  const connection = connect({ url, subscriptions, callbacks: receiver });
  const extension = async () => {
    await eventually(() => asked.length).toBeGreaterThan(0);
    return asked.at(-1)?.extension as Extension;
  };
  return { connection, asked, extension, publicUrl };
}

async function send({ callbackUrl, subscriptionId, verifier }: Extension, message: object): Promise<Response> {
  const body = JSON.stringify({ kind: "subscription", id: subscriptionId, verifier, ...message });
  return fetch(callbackUrl, { method: "POST", headers: { "content-type": "application/json" }, body });
}

const next = (value: number) => ({ action: "next", payload: { data: { number: value } } });

describe("a subscription", () => {
  test("brings what the subgraph calls back with, until it says that it is complete", async () => {
    const { connection, extension, asked } = await subgraph();
    const events = await connection.subscribe(asking());
    const its = await extension();
    expect(asked[0]?.accept).toContain("application/json;callbackSpec=1.0");
    const check = await send(its, { action: "check" });
    expect([check.status, check.headers.get("subscription-protocol")]).toEqual([204, "callback/1.0"]);
    expect((await send(its, next(1))).status).toBe(200);
    expect(await numberIn(events.next())).toBe(1);
    expect((await send(its, { action: "complete" })).ok).toBe(true);
    expect(await numberIn(events.next())).toBe("over");
    expect((await send(its, next(2))).status).toBe(404);
  });

  test("fails with the errors it is completed with", async () => {
    const { connection, extension } = await subgraph();
    const events = await connection.subscribe(asking());
    await send(await extension(), { action: "complete", errors: [{ message: "no", extensions: { code: "GONE" } }] });
    await expect(events.next()).rejects.toMatchObject({ message: "no", extensions: { code: "GONE" } });
  });

  test("is refused with the subgraph's own error", async () => {
    const { connection, extension } = await subgraph(
      {},
      { errors: [{ message: "no", extensions: { code: "FORBIDDEN" } }] },
    );
    const events = await connection.subscribe(asking());
    await expect(events.next()).rejects.toMatchObject({ extensions: { code: "FORBIDDEN" } });
    expect((await send(await extension(), next(1))).status).toBe(404);
  });

  test("that nobody reads any more is not wanted by the router", async () => {
    const { connection, extension } = await subgraph();
    const controller = new AbortController();
    await connection.subscribe(asking(0, controller.signal));
    const its = await extension();
    expect((await send(its, { action: "check" })).status).toBe(204);
    controller.abort();
    expect((await send(its, { action: "check" })).status).toBe(404);
  });

  test("is over when more events wait than may", async () => {
    const { receiver } = await receiving();
    const { url } = await serve((_, response) => response.end('{"data":null}'));
    const limited = { ...subscriptions, maxWaitingEvents: 1 };
    let extension: Extension | undefined;
    const spying = {
      ...receiver,
      open: (...args: Parameters<typeof receiver.open>) => {
        const ticket = receiver.open(...args);
        extension = ticket.extension;
        return ticket;
      },
    };
    const events = await connect({ url, subscriptions: limited, callbacks: spying }).subscribe(asking());
    const statuses: number[] = [];
    for (const value of [1, 2, 3]) statuses.push((await send(extension as Extension, next(value))).status);
    expect(statuses).toEqual([200, 200, 404]);
    await expect(events.next()).rejects.toMatchObject({ extensions: { code: "SLOW_CONSUMER" } });
  });

  test("of a subgraph that misses two heartbeats fails, and of one that does not goes on", async () => {
    let now = 0;
    const { connection, asked } = await subgraph({ heartbeatMs: 10 }, { data: null }, () => now);
    const silent = await connection.subscribe(asking());
    const alive = await connection.subscribe(asking());
    await eventually(() => asked.length).toBe(2);
    const [, its] = asked.map(({ extension }) => extension);
    expect(its?.heartbeatIntervalMs).toBe(10);
    now = 15;
    expect((await send(its as Extension, { action: "check" })).status).toBe(204);
    now = 21;
    await expect(silent.next()).rejects.toMatchObject({ extensions: { code: "SUBGRAPH_UNAVAILABLE" } });
    expect((await send(its as Extension, next(1))).status).toBe(200);
    expect(await numberIn(alive.next())).toBe(1);
  });
});

describe("a message", () => {
  test("is taken from the subgraph that was asked only", async () => {
    const { connection, extension, publicUrl } = await subgraph();
    const events = await connection.subscribe(asking());
    const its = await extension();
    expect((await send({ ...its, verifier: "guessed" }, next(666))).status).toBe(401);
    expect((await send({ ...its, subscriptionId: "another" }, next(666))).status).toBe(400);
    expect((await send({ ...its, callbackUrl: `${publicUrl}/another` }, next(666))).status).toBe(404);
    expect((await send(its, { action: "explode" })).status).toBe(400);
    expect((await send(its, { action: "next", payload: "hello" })).status).toBe(400);
    expect((await fetch(its.callbackUrl)).status).toBe(405);
    await send(its, next(1));
    expect(await numberIn(events.next())).toBe(1);
  });

  test("larger than the limit is not, and other paths are for others", async () => {
    const { connection, extension, publicUrl } = await subgraph({ maxMessageBytes: 1_000 });
    await connection.subscribe(asking());
    expect((await send(await extension(), { ...next(1), filler: "x".repeat(2_000) })).status).toBe(400);
    expect((await fetch(publicUrl.replace("callback", "graphql"))).status).toBe(418);
  });
});

test("Apollo Server's plugin and the router understand each other", async () => {
  const typeDefs = buildSchema("type Query { ok: Boolean } type Subscription { number(from: Int): Int }");
  const source = typeDefs.getSubscriptionType()?.getFields().number;
  let stopped = false;
  if (source) {
    source.resolve = (value: number) => value;
    source.subscribe = async function* (_: unknown, { from }: { from: number }) {
      try {
        for (let value = from; value < from + 3; value++) yield value;
      } finally {
        stopped = true;
      }
    };
  }
  const apollo = new ApolloServer({ schema: typeDefs, plugins: [ApolloServerPluginSubscriptionCallback()] });
  await apollo.start();
  const { url } = await serve(async (request, response) => {
    const headers = new HeaderMap([["content-type", "application/json"]]);
    const body = JSON.parse((await bodyOf(request)).toString());
    const httpGraphQLRequest = { method: "POST", headers, search: "", body };
    const answer = await apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: async () => ({}) });
    response.end(answer.body.kind === "complete" ? answer.body.string : "");
  });
  const { receiver } = await receiving();
  const events = await connect({ url, subscriptions, callbacks: receiver }).subscribe(asking(5));
  const values: unknown[] = [];
  for (let read = 0; read < 4; read++) values.push(await numberIn(events.next()));
  expect(values).toEqual([5, 6, 7, "over"]);
  expect(stopped).toBe(true);
  await apollo.stop();
});
