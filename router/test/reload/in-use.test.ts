/** What still uses a supergraph that was replaced: answers in parts; and what a reload must not charge again. */
import { afterEach, expect, test } from "vitest";
import { codesOf, dataOf, openEvents } from "../subscription/event-client.js";
import { openStage, type Stage, type StageOptions, supergraphSdl } from "../subscription/stage.js";

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

/** The same subgraphs, over other connections. */
const renewed = ({ connections }: Stage) => ({ supergraphSdl, connections: connections.map((one) => ({ ...one })) });

/** Names of items come when they are let. */
function held() {
  let answer: () => void = () => {};
  const until = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const name = async () => {
    await until;
    return "late";
  };
  const items = { Item: { __resolveReference: ({ id }: { id: string }) => ({ id }), name } };
  return { items, answer: () => answer() };
}

const deferred = "{ latest { text ... @defer { item { name } } } }";

async function releasedOf(opened: Stage) {
  const { released } = await opened.router.reload(renewed(opened));
  const state = { isReleased: false, count: 0 };
  const done = released.then((connections) => {
    state.isReleased = true;
    state.count = connections.length;
  });
  return { state, done };
}

test("an answer in parts keeps its connections until the last part", async () => {
  const { items, answer } = held();
  const opened = await stage({ items });
  const parts = await openEvents(opened.router, { query: deferred }, "multipart/mixed;deferSpec=20220824");
  await expect.poll(() => opened.asked("items").length, wait).toBe(1);
  await expect.poll(parts.text, wait).toContain('"text":"latest"');
  const { state, done } = await releasedOf(opened);
  expect(state.isReleased).toBe(false);
  answer();
  await parts.ended;
  expect(parts.text()).toContain('"name":"late"');
  await done;
  expect(state.count).toBe(2);
});

test("one whose client leaves keeps nothing", async () => {
  const { items, answer } = held();
  const opened = await stage({ items });
  const parts = await openEvents(opened.router, { query: deferred }, "multipart/mixed;deferSpec=20220824");
  await expect.poll(() => opened.asked("items").length, wait).toBe(1);
  const { done } = await releasedOf(opened);
  parts.leave();
  await done;
  answer();
});

test("an event that is being completed keeps its connections, and its stream goes on", async () => {
  const { items, answer } = held();
  const opened = await stage({ items });
  const { feed, router, connections } = opened;
  const one = await openEvents(router, { query: "subscription { event { id item { name } } }" });
  feed.push(1);
  await expect.poll(() => opened.asked("items").length, wait).toBe(1);
  const next = connections.map((connection) => (connection.name === "items" ? { ...connection } : connection));
  const { released } = await router.reload({ supergraphSdl, connections: next });
  let isReleased = false;
  void released.then(() => {
    isReleased = true;
  });
  expect(isReleased).toBe(false);
  answer();
  await expect.poll(() => dataOf(one), wait).toEqual([{ event: { id: "e1", item: { name: "late" } } }]);
  expect((await released).map(({ name }) => name)).toEqual(["items"]);
});

test("connections that come back before they are released stay open", async () => {
  const { items, answer } = held();
  const opened = await stage({ items });
  const { router, connections } = opened;
  const parts = await openEvents(router, { query: deferred }, "multipart/mixed;deferSpec=20220824");
  await expect.poll(() => opened.asked("items").length, wait).toBe(1);
  const { released } = await router.reload(renewed(opened));
  const { released: between } = await router.reload({ supergraphSdl, connections });
  expect(await between).toHaveLength(2);
  answer();
  await parts.ended;
  expect(await released).toEqual([]);
});

test("a reload charges nobody for the streams they have, and ends none for its cost", async () => {
  const cost = { mode: "enforce", max: 1_000, budget: { perClient: 6, windowSeconds: 3_600 } } as const;
  const opened = await stage({ cost });
  const { router, feed, connections } = opened;
  const one = await openEvents(router, { query: "subscription { event { id } }", token: "ada" });
  for (let at = 0; at < 10; at++) await router.reload({ supergraphSdl, connections });
  feed.push(1);
  await expect.poll(() => dataOf(one), wait).toEqual([{ event: { id: "e1" } }]);
  expect([codesOf(one), feed.opened]).toEqual([[], 1]);
});
