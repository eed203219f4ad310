/** Clients that ask the same with the same rights read one stream of the subgraph; nobody reads what is another's. */
import { GraphQLError } from "graphql";
import { afterEach, describe, expect, test } from "vitest";
import { client, take } from "../world/socket.js";
import { codesOf, dataOf, type EventClient, openEvents } from "./event-client.js";
import { openStage, type Stage, type StageOptions } from "./stage.js";

const wait = { timeout: 20_000 };
const stages: Stage[] = [];
afterEach(async () => {
  for (const { router } of stages.splice(0)) await router.close();
});

async function stage(options: StageOptions = {}): Promise<Stage> {
  const opened = await openStage(options);
  stages.push(opened);
  return opened;
}

const query = "subscription { event { id item { name } } }";
const event = (id: number) => ({ event: { id: `e${id}`, item: { name: `item ${id}` } } });
const received = (of: EventClient) => expect.poll(() => dataOf(of), wait);

describe("two clients of the same person", () => {
  test("share one stream, and each event is completed once", async () => {
    const { router, feed, asked } = await stage();
    const clients = [
      await openEvents(router, { query, token: "ada" }),
      await openEvents(router, { query, token: "ada" }),
    ];
    feed.push(1);
    feed.push(2);
    for (const one of clients) await received(one).toEqual([event(1), event(2)]);
    expect([feed.opened, asked("feed").length, asked("items").length]).toEqual([1, 1, 2]);
  });

  test("share it over different protocols, and in texts that mean the same", async () => {
    const { router, feed } = await stage();
    const one = await openEvents(router, { query });
    const spaced = await openEvents(router, { query: "# the same\nsubscription\n{\n  event { id, item { name } }\n}" });
    const parts = await openEvents(router, { query }, 'multipart/mixed;subscriptionSpec="1.0"');
    feed.push(1);
    for (const each of [one, spaced]) await received(each).toEqual([event(1)]);
    await expect.poll(parts.text, wait).toContain(`{"payload":{"data":${JSON.stringify(event(1))}}}`);
    expect(feed.opened).toBe(1);
  });

  test("may come and go: the stream ends after the last one, and the next one opens another", async () => {
    const { router, feed } = await stage();
    const first = await openEvents(router, { query, token: "ada" });
    const second = await openEvents(router, { query, token: "ada" });
    first.leave();
    feed.push(1);
    await received(second).toEqual([event(1)]);
    expect(feed.active).toBe(1);
    second.leave();
    await expect.poll(() => feed.active, wait).toBe(0);
    const third = await openEvents(router, { query, token: "ada" });
    feed.push(2);
    await received(third).toEqual([event(2)]);
    expect(feed.opened).toBe(2);
  });
});

describe("streams are apart", () => {
  const secret = "subscription { event { id secret } }";
  test.each([
    ["of two persons", "ada", "bob"],
    ["of two tenants", "ada.t1", "ada.t2"],
    ["of two sets of scopes", "ada.t1.secrets:read", "ada.t1"],
    ["of two tokens", "ada.t1..60000000", "ada.t1..60000001"],
    ["of somebody and nobody", "ada", undefined],
  ])("%s", async (_, one, other) => {
    const { router, feed } = await stage();
    await openEvents(router, { query, token: one });
    await openEvents(router, { query, ...(other === undefined ? {} : { token: other }) });
    expect(feed.opened).toBe(2);
  });

  test("of two addresses of browsers that subgraphs get to see", async () => {
    const { router, feed } = await stage();
    await openEvents(router, { query, headers: { cookie: "session=1" } });
    await openEvents(router, { query, headers: { cookie: "session=2" } });
    expect(feed.opened).toBe(2);
  });

  test("of two values of a variable", async () => {
    const { router, feed } = await stage();
    const text = "subscription ($topic: String) { event(topic: $topic) { id } }";
    const a = await openEvents(router, { query: text, variables: { topic: "a" } });
    const b = await openEvents(router, { query: text, variables: { topic: "b" } });
    feed.push(1, "a");
    feed.push(2, "b");
    await received(a).toEqual([{ event: { id: "e1" } }]);
    await received(b).toEqual([{ event: { id: "e2" } }]);
  });

  test("so nobody sees what another may see", async () => {
    const { router, feed } = await stage();
    const may = await openEvents(router, { query: secret, token: "ada.t1.secrets:read" });
    const mayNot = await openEvents(router, { query: secret, token: "ada.t1" });
    feed.push(1);
    await received(may).toEqual([{ event: { id: "e1", secret: "s1" } }]);
    await received(mayNot).toEqual([{ event: { id: "e1", secret: null } }]);
    expect(mayNot.text()).not.toContain("s1");
  });

  test("of operations that differ only in what was taken out of them", async () => {
    const { router, feed } = await stage();
    const plain = await openEvents(router, { query: secret, token: "ada" });
    const renamed = await openEvents(router, { query: "subscription { event { id hidden: secret } }", token: "ada" });
    feed.push(1);
    await received(plain).toEqual([{ event: { id: "e1", secret: null } }]);
    await received(renamed).toEqual([{ event: { id: "e1", hidden: null } }]);
  });
});

describe("a source", () => {
  test("that refuses refuses everybody, and is asked again by the next", async () => {
    const { router, asked } = await stage();
    const text = "subscription { refused { id } }";
    const [one, other] = await Promise.all([
      openEvents(router, { query: text, token: "ada" }),
      openEvents(router, { query: text, token: "ada" }),
    ]);
    for (const each of [one, other]) {
      await each.ended;
      expect(each.text()).toContain("FEED_FULL");
    }
    const before = asked("feed").length;
    await openEvents(router, { query: text, token: "ada" });
    expect(asked("feed").length).toBe(before + 1);
  });

  test("that fails ends all its streams with its code", async () => {
    const { router, feed } = await stage();
    const clients = [await openEvents(router, { query }), await openEvents(router, { query })];
    feed.push(1);
    feed.fail(new GraphQLError("The disk is full.", { extensions: { code: "DISK_FULL" } }));
    for (const one of clients) {
      await one.ended;
      expect([dataOf(one), codesOf(one), one.events.at(-1)?.event]).toEqual([[event(1)], ["DISK_FULL"], "complete"]);
      expect(one.events.at(-2)?.data?.errors?.[0]?.extensions.module).toBe("feed");
    }
  });

  test("that fails for a reason of its own tells clients nothing of it, and the log everything", async () => {
    const { router, feed, logged } = await stage();
    const one = await openEvents(router, { query });
    feed.fail(new Error("password of the database"));
    await one.ended;
    expect(codesOf(one)).toHaveLength(1);
    expect(one.text()).not.toContain("password");
    expect(logged.join("")).toContain("password of the database");
  });

  test("that ends completes all its streams, after the events that were on their way", async () => {
    const { router, feed } = await stage();
    const clients = [await openEvents(router, { query }), await openEvents(router, { query })];
    for (const id of [1, 2, 3]) feed.push(id);
    feed.end();
    for (const one of clients) {
      await one.ended;
      expect(dataOf(one)).toEqual([1, 2, 3].map(event));
      expect(one.events.at(-1)?.event).toBe("complete");
    }
  });
});

test("events come in their order, however long the fields of each take", async () => {
  const slow = { __resolveReference: ({ id }: { id: string }) => ({ id }) };
  const name = async ({ id }: { id: string }) => {
    await new Promise((resolve) => setTimeout(resolve, 40 - 10 * Number(id)));
    return `item ${id}`;
  };
  const { router, feed } = await stage({ items: { Item: { ...slow, name } } });
  const one = await openEvents(router, { query });
  for (const id of [1, 2, 3]) feed.push(id);
  await received(one).toEqual([1, 2, 3].map(event));
});

test("events that the source has before anybody reads are not lost", async () => {
  const { router, feed } = await stage();
  const sockets = client(router);
  const stream = sockets.iterate<Record<string, unknown>>({ query });
  const first = stream.next();
  await expect.poll(() => feed.active, wait).toBe(1);
  for (const id of [1, 2, 3]) feed.push(id);
  feed.end();
  const all = [(await first).value, (await stream.next()).value, (await stream.next()).value];
  expect(all).toEqual([1, 2, 3].map((id) => ({ data: event(id) })));
  await sockets.dispose();
});

test("a client that does not read ends alone, and is told that it was too slow", async () => {
  const { router, feed } = await stage({ subscriptions: { maxQueued: 4 } });
  const text = "subscription { event { id text } }";
  const headers = { accept: "text/event-stream", "content-type": "application/json" };
  const ask = () => fetch(`${router.url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query: text }) });
  const [fast, slow] = [await ask(), await ask()];
  let bytes = 0;
  const read = (async () => {
    for await (const chunk of fast.body as unknown as AsyncIterable<Uint8Array>) bytes += chunk.length;
  })();
  const large = "x".repeat(1_000_000);
  const sent = 30;
  for (let id = 1; id <= sent; id++) {
    feed.push(id, "a", large);
    await expect.poll(() => bytes, { ...wait, interval: 5 }).toBeGreaterThan(id * large.length);
  }
  expect((await slow.text()).slice(-2_000)).toContain("SLOW_CONSUMER");
  expect([feed.opened, feed.active]).toEqual([1, 1]);
  feed.end();
  await read;
});

test("a client that leaves while the stream is being opened leaves nothing behind", async () => {
  const { router, feed } = await stage();
  const results = take(client(router), query, 1);
  await expect.poll(() => feed.active, wait).toBe(1);
  feed.push(1);
  expect(await results).toEqual([{ data: event(1) }]);
  await expect.poll(() => feed.active, wait).toBe(0);
});
