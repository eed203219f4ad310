/** A stream lives as long as its token; a socket's may be renewed, and then everything is asked with the new one. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type RawSocket, rawSocket } from "../world/socket.js";
import { codesOf, dataOf, openEvents } from "./event-client.js";
import { openStage, type Stage } from "./stage.js";

const wait = { timeout: 20_000 };
let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.router.close());

const query = "subscription { event { id item { name } } }";
const tokens = () => stage.asked("items").map(({ request }) => request.facts.token);
const pushed = async (id: number) => {
  stage.feed.push(id);
  await expect.poll(() => stage.asked("items").length, wait).toBe(id);
};

async function socket(token: string): Promise<RawSocket> {
  const raw = await rawSocket(stage.router);
  raw.send({ type: "connection_init", payload: { authorization: `Bearer ${token}` } });
  await expect.poll(() => raw.messages.length, wait).toBe(1);
  return raw;
}

async function subscribed(token: string): Promise<RawSocket> {
  const raw = await socket(token);
  const { active } = stage.feed;
  raw.send({ type: "subscribe", id: "1", payload: { query } });
  await expect.poll(() => stage.feed.active, wait).toBe(active + 1);
  return raw;
}

async function renewed(raw: RawSocket, token: string): Promise<void> {
  raw.send({ type: "ping", payload: { authorization: `Bearer ${token}` } });
  await expect.poll(() => raw.messages.some(({ type }) => type === "pong"), wait).toBe(true);
}

const errorCodes = (raw: RawSocket) =>
  raw.messages
    .filter(({ type }) => type === "error")
    .flatMap(({ payload }) => (payload as { extensions: { code: string } }[]).map(({ extensions }) => extensions.code));

test.each([
  ["events", "text/event-stream"],
  ["parts", 'multipart/mixed;subscriptionSpec="1.0"'],
])("a stream of %s ends with its token, and the subgraph's stream with it", async (_, accept) => {
  const one = await openEvents(stage.router, { query, token: "ada.t1..2500" }, accept);
  await pushed(1);
  await one.ended;
  expect(one.text()).toContain("TOKEN_EXPIRED");
  await expect.poll(() => stage.feed.active, wait).toBe(0);
});

test("a stream of events says so, and the one of a longer token goes on", async () => {
  const short = await openEvents(stage.router, { query, token: "ada.t1..2500" });
  const long = await openEvents(stage.router, { query, token: "ada.t1..60000000" });
  await short.ended;
  expect([codesOf(short), short.events.at(-1)?.event]).toEqual([["TOKEN_EXPIRED"], "complete"]);
  stage.feed.push(1);
  await expect.poll(() => dataOf(long).length, wait).toBe(1);
});

test("the source is told how long the stream may last, and not how long its opening may", async () => {
  await openEvents(stage.router, { query: "subscription { event { id } }" });
  await openEvents(stage.router, { query, token: "ada.t1..60000000" });
  const [endless, bounded] = stage.asked("feed").map(({ request }) => request.facts);
  expect(endless?.deadline).toBe(Number.MAX_SAFE_INTEGER);
  expect(bounded?.deadline).toBe(bounded?.actor?.expiresAt);
});

describe("a socket that brings a new token", () => {
  test("of the same person keeps its streams, whose events are completed with the new token", async () => {
    const raw = await subscribed("ada.t1.x.3000");
    await pushed(1);
    await renewed(raw, "ada.t1.x.60000000");
    await pushed(2);
    expect(tokens()).toEqual(["ada.t1.x.3000", "ada.t1.x.60000000"]);
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    await pushed(3);
    const ids = () => raw.messages.flatMap(({ type, payload }) => (type === "next" ? [payload] : []));
    await expect.poll(() => ids().length, wait).toBe(3);
    expect(raw.socket.readyState).toBe(raw.socket.OPEN);
  });

  test("completes events of a shared stream, when another reader of it has left", async () => {
    const [first, second] = [await subscribed("ada.t1.x.60000000"), await socket("ada.t1.x.60000000")];
    second.send({ type: "subscribe", id: "1", payload: { query } });
    const isRead = () => {
      stage.feed.push(1);
      return second.messages.some(({ type }) => type === "next");
    };
    await expect.poll(isRead, wait).toBe(true);
    await renewed(second, "ada.t1.x.70000000");
    expect(stage.feed.opened).toBe(1);
    first.socket.terminate();
    await expect
      .poll(async () => {
        stage.feed.push(1);
        return tokens().at(-1);
      }, wait)
      .toBe("ada.t1.x.70000000");
  });

  test("with other rights ends its streams with a reason", async () => {
    const raw = await subscribed("ada.t1.x");
    await renewed(raw, "ada.t1.y");
    await expect.poll(() => errorCodes(raw), wait).toEqual(["ACCESS_CHANGED"]);
    await expect.poll(() => stage.feed.active, wait).toBe(0);
  });

  test("of somebody else is closed", async () => {
    const raw = await subscribed("ada");
    raw.send({ type: "ping", payload: { authorization: "Bearer bob" } });
    expect(await raw.closed()).toEqual([4403, "OTHER_IDENTITY"]);
    await expect.poll(() => stage.feed.active, wait).toBe(0);
  });
});

test("a stream that is still being opened when rights change is refused", async () => {
  let answer: () => void = () => {};
  const patience = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let asked = 0;
  const connections = stage.connections.map((connection) => ({
    ...connection,
    subscribe: async (request: Parameters<typeof connection.subscribe>[0]) => {
      asked += 1;
      await patience;
      return connection.subscribe(request);
    },
  }));
  const { feed } = stage;
  await stage.router.close();
  stage = { ...(await openStage({ connections })), feed };
  const raw = await socket("ada.t1.x");
  raw.send({ type: "subscribe", id: "1", payload: { query } });
  await expect.poll(() => asked, wait).toBe(1);
  await renewed(raw, "ada.t1.y");
  answer();
  await expect.poll(() => errorCodes(raw), wait).toEqual(["ACCESS_CHANGED"]);
  await expect.poll(() => feed.active, wait).toBe(0);
});
