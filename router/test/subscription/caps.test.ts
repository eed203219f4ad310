/** How many streams a client and a tenant may have, and that every end of a stream makes room. */
import { GraphQLError } from "graphql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RequestEvent } from "../../src/hooks/router-hooks.js";
import { client, take } from "../world/socket.js";
import { codesOf, dataOf, openEvents } from "./event-client.js";
import {
  Feed,
  feedResolvers,
  feedSdl,
  connect as inProcess,
  itemsResolvers,
  itemsSdl,
  openStage,
  type Stage,
} from "./stage.js";

const wait = { timeout: 20_000 };
let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ subscriptions: { maxPerClient: 2, maxPerTenant: 3 } });
});
afterEach(() => stage.router.close());

const query = "subscription ($topic: String) { event(topic: $topic) { id } }";
let topics = 0;
/** Each stream is another one, so that none is shared. */
const open = (token?: string) => {
  topics += 1;
  const variables = { topic: `t${topics}` };
  return openEvents(stage.router, { query, variables, ...(token === undefined ? {} : { token }) });
};
const isOpen = async (token?: string) => {
  const one = await open(token);
  if (one.status === 200) one.leave();
  else expect(one.text() || one.status).toBeTruthy();
  return one.status === 200;
};

describe("one client", () => {
  test("may have so many streams and no more, and others as many", async () => {
    await open("ada");
    await open("ada");
    const refused = await open("ada");
    await refused.ended;
    expect([refused.status, JSON.parse(refused.text()).errors[0].extensions]).toMatchObject([
      429,
      { code: "TOO_MANY_SUBSCRIPTIONS", details: { limit: 2 } },
    ]);
    expect(await isOpen("bob")).toBe(true);
  });

  test("without a token is its address", async () => {
    await open();
    await open();
    expect(await isOpen()).toBe(false);
    expect(await isOpen("ada")).toBe(true);
  });

  test("is not the client of the same name of another tenant", async () => {
    await open("ada.t1");
    await open("ada.t1");
    expect([await isOpen("ada.t1"), await isOpen("ada.t2")]).toEqual([false, true]);
  });

  test("counts a stream it shares with itself as often as it reads it", async () => {
    const asked = { query, variables: { topic: "same" }, token: "ada" };
    await openEvents(stage.router, asked);
    await openEvents(stage.router, asked);
    expect((await openEvents(stage.router, asked)).status).toBe(429);
  });
});

test("one tenant may have so many streams of all its clients, and others as many", async () => {
  await open("ada.t1");
  await open("ada.t1");
  await open("bob.t1");
  expect([await isOpen("bob.t1"), await isOpen("bob.t2")]).toEqual([false, true]);
});

describe("room is made", () => {
  /** Two streams fill what one client may have. */
  async function full(token: string) {
    const streams = [await open(token), await open(token)];
    expect(await isOpen(token)).toBe(false);
    return streams;
  }

  test("when a client leaves", async () => {
    const [first] = await full("ada");
    first?.leave();
    await expect.poll(() => isOpen("ada"), wait).toBe(true);
  });

  test("when the source ends, or fails", async () => {
    const [first, second] = await full("ada");
    stage.feed.end(`t${topics - 2}`);
    await first?.ended;
    stage.feed.fail(new GraphQLError("no"), `t${topics - 1}`);
    await second?.ended;
    expect(stage.feed.active).toBe(0);
    await open("ada");
    await open("ada");
    expect(await isOpen("ada")).toBe(false);
  });

  test("when the subgraph refuses", async () => {
    for (let at = 0; at < 4; at++) {
      const refused = await openEvents(stage.router, { query: "subscription { refused { id } }", token: "ada" });
      await refused.ended;
      expect(refused.text()).toContain("FEED_FULL");
    }
    expect(await isOpen("ada")).toBe(true);
  });

  test("when a token runs out", async () => {
    const token = "ada.t1..3000";
    const streams = [await open(token), await open(token)];
    expect(await isOpen("ada")).toBe(false);
    for (const one of streams) {
      await one.ended;
      expect(codesOf(one)).toEqual(["TOKEN_EXPIRED"]);
    }
    await expect.poll(() => isOpen("ada"), wait).toBe(true);
    await expect.poll(() => stage.feed.active, wait).toBe(0);
  });

  test("when a socket closes", async () => {
    const socket = client(stage.router, { authorization: "Bearer ada" });
    const reads = [1, 2].map((at) => take(socket, query, 1, { topic: `s${at}` }).catch(() => []));
    await expect.poll(() => stage.feed.active, wait).toBe(2);
    expect(await isOpen("ada")).toBe(false);
    socket.terminate();
    await Promise.all(reads);
    await expect.poll(() => isOpen("ada"), wait).toBe(true);
  });

  test("when the head of the answer cannot be written", async () => {
    const spoil = {
      onRequest: ({ context }: RequestEvent) => void context.head.headers.set("x-spoiled", "line\nbreak"),
    };
    const other = await openStage({ hooks: [spoil], subscriptions: { maxPerClient: 1 } });
    for (let at = 0; at < 3; at++) {
      const refused = await openEvents(other.router, { query, variables: { topic: "x" }, token: "ada" });
      expect(refused.status).toBe(500);
      await expect.poll(() => other.feed.active, wait).toBe(0);
    }
    expect(other.feed.opened).toBe(3);
    await other.router.close();
  });

  test("when a client leaves before its stream is open", async () => {
    const feed = new Feed();
    const calls: Stage["calls"][number][] = [];
    const connection = inProcess("feed", feedSdl, feedResolvers(feed), calls);
    let answer: () => void = () => {};
    const patience = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let asked = 0;
    const late: typeof connection = {
      ...connection,
      async subscribe(request) {
        asked += 1;
        await patience;
        return connection.subscribe(request);
      },
    };
    const other = await openStage({
      subscriptions: { maxPerClient: 1 },
      connections: [late, inProcess("items", itemsSdl, itemsResolvers, calls)],
    });
    const leaving = new AbortController();
    const body = JSON.stringify({ query, variables: { topic: "x" } });
    const headers = { accept: "text/event-stream", "content-type": "application/json", authorization: "Bearer ada" };
    const opening = fetch(`${other.router.url}/graphql`, { method: "POST", headers, body, signal: leaving.signal });
    await expect.poll(() => asked, wait).toBe(1);
    leaving.abort();
    await expect(opening).rejects.toThrow();
    const next = openEvents(other.router, { query, variables: { topic: "y" }, token: "ada" });
    await expect.poll(() => asked, wait).toBe(2);
    answer();
    const opened = await next;
    await expect.poll(() => [feed.opened, feed.active], wait).toEqual([2, 1]);
    feed.push(1, "y");
    await expect.poll(() => dataOf(opened), wait).toEqual([{ event: { id: "e1" } }]);
    await other.router.close();
  });
});
