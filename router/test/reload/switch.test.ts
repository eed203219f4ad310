/** Another supergraph takes the place of the one that is served, and nobody notices who need not. */
import type { SubgraphConnection } from "@tessera/shared-types";
import { afterEach, describe, expect, test } from "vitest";
import { codesOf, dataOf, type EventClient, openEvents } from "../subscription/event-client.js";
import {
  type Call,
  connect,
  feedResolvers,
  feedSdl,
  itemsResolvers,
  itemsSdl,
  openStage,
  type Stage,
  type StageOptions,
  supergraphOf,
  supergraphSdl,
} from "../subscription/stage.js";

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

/** The stock of items moves to a subgraph of its own, and so does their name. */
const newItemsSdl = itemsSdl
  .replace("name: String stock: Int", "stock: Int")
  .replace("hello: String", "hello: String! bye: String");
const namesSdl = itemsSdl.replace(/type Query.*\n/, "type Query { names: [String] }\n").replace("stock: Int", "");

const movedSdl = supergraphOf({ feed: feedSdl, items: newItemsSdl, names: namesSdl });

function moved({ connections, calls }: Stage): readonly SubgraphConnection[] {
  const { Item: _, ...rest } = itemsResolvers;
  const named = (id: string) => `new name of ${id}`;
  return [
    ...connections.filter(({ name }) => name === "feed"),
    connect("items", newItemsSdl, { ...rest, Query: { hello: () => "new hello", bye: () => "bye" } }, calls),
    connect(
      "names",
      namesSdl,
      { Item: { __resolveReference: ({ id }: { id: string }) => ({ id, name: named(id) }) } },
      calls,
    ),
  ];
}

const ask = async ({ router }: Stage, query: string) => {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${router.url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query }) });
  return (await response.json()) as { data?: unknown; errors?: { extensions: Record<string, unknown> }[] };
};

const eventQuery = "subscription { event { id item { name } } }";
const received = (of: EventClient) => expect.poll(() => dataOf(of), wait);

/** Answers when it is let. */
function held() {
  let answer: () => void = () => {};
  const until = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let asked = 0;
  const hello = async () => {
    asked += 1;
    await until;
    return "old hello";
  };
  return { hello, answer: () => answer(), asked: () => asked };
}

describe("queries", () => {
  test("that run finish as they began; those that come afterwards are answered by the new supergraph", async () => {
    const { hello, answer, asked } = held();
    const opened = await stage({ items: { Query: { hello } } });
    const running = ask(opened, "{ hello }");
    await expect.poll(asked, wait).toBe(1);
    expect((await ask(opened, "{ bye }")).errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    const { released } = await opened.router.reload({ supergraphSdl: movedSdl, connections: moved(opened) });
    // The same text, at the same moment: it does not share what the old supergraph says.
    expect(await ask(opened, "{ hello }")).toEqual({ data: { hello: "new hello" } });
    expect(await ask(opened, "{ bye }")).toEqual({ data: { bye: "bye" } });
    let isReleased = false;
    void released.then(() => {
      isReleased = true;
    });
    await ask(opened, "{ bye }");
    expect(isReleased).toBe(false);
    answer();
    expect(await running).toEqual({ data: { hello: "old hello" } });
    expect((await released).map(({ name }) => name)).toEqual(["items"]);
  });

  test("whose clients leave do not keep the old supergraph", async () => {
    const { hello, asked, answer } = held();
    const opened = await stage({ items: { Query: { hello } } });
    const leaving = new AbortController();
    const headers = { "content-type": "application/json" };
    const request = { method: "POST", headers, body: '{"query":"{ hello }"}', signal: leaving.signal };
    const running = fetch(`${opened.router.url}/graphql`, request).catch(() => {});
    await expect.poll(asked, wait).toBe(1);
    const { released } = await opened.router.reload({ supergraphSdl: movedSdl, connections: moved(opened) });
    leaving.abort();
    await running;
    await released;
    answer();
  });
});

describe("a subscription", () => {
  test("whose source is the same goes on, completed by the new plan", async () => {
    const opened = await stage();
    const { router, feed } = opened;
    const clients = [await openEvents(router, { query: eventQuery }), await openEvents(router, { query: eventQuery })];
    feed.push(1);
    const before = { event: { id: "e1", item: { name: "item 1" } } };
    for (const one of clients) await received(one).toEqual([before]);
    const { released } = await router.reload({ supergraphSdl: movedSdl, connections: moved(opened) });
    expect((await released).map(({ name }) => name)).toEqual(["items"]);
    feed.push(2);
    const after = { event: { id: "e2", item: { name: "new name of 2" } } };
    for (const one of clients) await received(one).toEqual([before, after]);
    const joins = await openEvents(router, { query: eventQuery });
    feed.push(3);
    await received(joins).toEqual([{ event: { id: "e3", item: { name: "new name of 3" } } }]);
    expect([feed.opened, clients.flatMap(codesOf)]).toEqual([1, []]);
  });

  test("goes on over many reloads, there and back", async () => {
    const opened = await stage();
    const { router, feed, connections } = opened;
    const one = await openEvents(router, { query: eventQuery });
    const names: string[] = [];
    for (let id = 1; id <= 4; id++) {
      const supply = id % 2 ? { supergraphSdl: movedSdl, connections: moved(opened) } : { supergraphSdl, connections };
      await router.reload(supply);
      feed.push(id);
      names.push(id % 2 ? `new name of ${id}` : `item ${id}`);
      const shown = () => dataOf(one).map(({ event }) => (event as { item: { name: string } }).item.name);
      await expect.poll(shown, wait).toEqual(names);
    }
    expect(feed.opened).toBe(1);
  });

  test("ends with a reason when its source is asked something else", async () => {
    const opened = await stage();
    const { router, feed } = opened;
    const one = await openEvents(router, { query: "subscription { event { id text } }" });
    const textElsewhere = feedSdl.replace("  text: String\n", "");
    const texts = `${itemsSdl}\ntype Event @key(fields: "id") { id: ID! text: String }`;
    const Event = { __resolveReference: ({ id }: { id: string }) => ({ id, text: `text of ${id}` }) };
    const connections = [
      ...opened.connections.filter(({ name }) => name === "feed"),
      connect("items", texts, { ...itemsResolvers, Event }, opened.calls),
    ];
    await router.reload({ supergraphSdl: supergraphOf({ feed: textElsewhere, items: texts }), connections });
    await one.ended;
    expect([codesOf(one), one.events.at(-1)?.event]).toEqual([["SUPERGRAPH_CHANGED"], "complete"]);
    await expect.poll(() => feed.active, wait).toBe(0);
    const again = await openEvents(router, { query: "subscription { event { id text } }" });
    feed.push(1);
    await received(again).toEqual([{ event: { id: "e1", text: "text of e1" } }]);
  });

  test("ends with a reason when its connection is another one", async () => {
    const opened = await stage();
    const { router, feed, calls } = opened;
    const one = await openEvents(router, { query: eventQuery });
    const items = opened.connections.filter(({ name }) => name === "items");
    const connections = [connect("feed", feedSdl, feedResolvers(feed), calls), ...items];
    const { released } = await router.reload({ supergraphSdl, connections });
    await one.ended;
    expect(codesOf(one)).toEqual(["SUPERGRAPH_CHANGED"]);
    expect(await released).toEqual([opened.connections[0]]);
  });

  test.each([
    ["that is not valid any more", "  item: Item\n}", "}"],
    ["of an argument that is of another type now", 'topic: String = "a"', "topic: Int"],
  ])("%s ends with a reason, and the others go on", async (_, part, put) => {
    const opened = await stage();
    const { router, feed, connections } = opened;
    const text = "subscription ($topic: String) { event(topic: $topic) { id item { id } } }";
    const one = await openEvents(router, { query: text, variables: { topic: "b" } });
    const plain = await openEvents(router, { query: "subscription { event { id } }" });
    const sdl = supergraphOf({ feed: feedSdl.replace(part, put), items: itemsSdl });
    await router.reload({ supergraphSdl: sdl, connections });
    await one.ended;
    expect(codesOf(one)).toEqual(["SUPERGRAPH_CHANGED"]);
    feed.push(1);
    await received(plain).toEqual([{ event: { id: "e1" } }]);
  });

  test("follows what its reader may see now", async () => {
    const opened = await stage();
    const { router, feed } = opened;
    const one = await openEvents(router, { query: "subscription { event { id item { id name stock } } }" });
    const guarded = itemsSdl.replace("stock: Int", "stock: Int @authenticated");
    await router.reload({
      supergraphSdl: supergraphOf({ feed: feedSdl, items: guarded }),
      connections: opened.connections,
    });
    feed.push(1);
    await expect.poll(() => codesOf(one), wait).toEqual(["UNAUTHORIZED_FIELD_OR_TYPE"]);
    expect(dataOf(one)).toEqual([{ event: { id: "e1", item: { id: "1", name: "item 1", stock: null } } }]);
  });

  test("that is being opened while the supergraph is replaced is moved as well", async () => {
    const calls: Call[] = [];
    let answer: () => void = () => {};
    const patience = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const opened = await stage();
    const feed = connect("feed", feedSdl, feedResolvers(opened.feed), calls);
    let asked = 0;
    const late: SubgraphConnection = {
      ...feed,
      async subscribe(request) {
        asked += 1;
        await patience;
        return feed.subscribe(request);
      },
    };
    const items = opened.connections.filter(({ name }) => name === "items");
    await opened.router.reload({ supergraphSdl, connections: [late, ...items] });
    const opening = openEvents(opened.router, { query: eventQuery });
    await expect.poll(() => asked, wait).toBe(1);
    const rest = moved(opened).filter(({ name }) => name !== "feed");
    await opened.router.reload({ supergraphSdl: movedSdl, connections: [late, ...rest] });
    answer();
    const one = await opening;
    opened.feed.push(1);
    await received(one).toEqual([{ event: { id: "e1", item: { name: "new name of 1" } } }]);
  });

  test("can be taken up again after a reload", async () => {
    const opened = await stage({ subscriptions: { resume: { events: 10, seconds: 600 } } });
    const { router, feed } = opened;
    const first = await openEvents(router, { query: eventQuery });
    feed.push(1);
    await expect.poll(() => first.events.length, wait).toBe(1);
    first.leave();
    await router.reload({ supergraphSdl: movedSdl, connections: moved(opened) });
    feed.push(2);
    const headers = { "last-event-id": first.events[0]?.id ?? "" };
    const again = await openEvents(router, { query: eventQuery, headers });
    await received(again).toEqual([{ event: { id: "e2", item: { name: "new name of 2" } } }]);
    expect(feed.opened).toBe(1);
  });
});
