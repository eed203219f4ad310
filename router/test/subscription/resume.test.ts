/** A client that lost its stream goes on after the last event it has, or is told that it cannot. */
import { createClient } from "graphql-sse";
import { afterEach, describe, expect, test } from "vitest";
import { client, take } from "../world/socket.js";
import { codesOf, dataOf, type EventClient, openEvents } from "./event-client.js";
import { openStage, type Stage, type StageOptions } from "./stage.js";

const wait = { timeout: 20_000 };
const stages: Stage[] = [];
afterEach(async () => {
  for (const { router } of stages.splice(0)) await router.close();
});

async function stage(resume: { events: number; seconds: number }, options: StageOptions = {}): Promise<Stage> {
  const opened = await openStage({ ...options, subscriptions: { resume, ...options.subscriptions } });
  stages.push(opened);
  return opened;
}

const query = "subscription { event { id } }";
const after = (eventId: string | undefined) => ({ "last-event-id": eventId ?? "" });
const ids = (of: EventClient) => dataOf(of).map(({ event }) => (event as { id: string }).id);
const lastIdOf = (of: EventClient) => of.events.filter(({ id }) => id).at(-1)?.id;
const reads = (of: EventClient, ...wanted: string[]) => expect.poll(() => ids(of), wait).toEqual(wanted);

async function missedOf({ router }: Stage, eventId: string | undefined, token = "ada") {
  const refused = await openEvents(router, { query, token, headers: after(eventId) });
  await refused.ended;
  return { codes: codesOf(refused), data: dataOf(refused), last: refused.events.at(-1)?.event };
}
const isMissed = { codes: ["EVENTS_MISSED"], data: [], last: "complete" };

test("a client that comes back gets exactly the events it missed, and then the next ones", async () => {
  const { router, feed } = await stage({ events: 10, seconds: 600 });
  const first = await openEvents(router, { query, token: "ada" });
  feed.push(1);
  feed.push(2);
  await reads(first, "e1", "e2");
  first.leave();
  for (const id of [3, 4]) feed.push(id);
  const again = await openEvents(router, { query, token: "ada", headers: after(lastIdOf(first)) });
  await reads(again, "e3", "e4");
  feed.push(5);
  await reads(again, "e3", "e4", "e5");
  expect(feed.opened).toBe(1);
  const eventIds = [...first.events, ...again.events].map(({ id }) => id);
  expect(new Set(eventIds).size).toBe(5);
});

test("one that missed nothing gets nothing twice", async () => {
  const { router, feed } = await stage({ events: 10, seconds: 600 });
  const first = await openEvents(router, { query, token: "ada" });
  feed.push(1);
  await reads(first, "e1");
  first.leave();
  const again = await openEvents(router, { query, token: "ada", headers: after(lastIdOf(first)) });
  feed.push(2);
  await reads(again, "e2");
});

test("it works on a stream that others go on to read, who get no event twice", async () => {
  const { router, feed } = await stage({ events: 10, seconds: 600 });
  const [lost, stays] = [await openEvents(router, { query }), await openEvents(router, { query })];
  feed.push(1);
  for (const one of [lost, stays]) await reads(one, "e1");
  lost.leave();
  feed.push(2);
  await reads(stays, "e1", "e2");
  const again = await openEvents(router, { query, headers: after(lastIdOf(lost)) });
  feed.push(3);
  await reads(again, "e2", "e3");
  await reads(stays, "e1", "e2", "e3");
  expect(feed.opened).toBe(1);
});

test("more may be missed than may wait for a slow client", async () => {
  const { router, feed } = await stage({ events: 50, seconds: 600 }, { subscriptions: { maxQueued: 2 } });
  const first = await openEvents(router, { query });
  feed.push(0);
  await reads(first, "e0");
  first.leave();
  const watching = await openEvents(router, { query });
  const wanted = Array.from({ length: 20 }, (_, at) => `e${at + 1}`);
  for (let id = 1; id <= wanted.length; id++) {
    feed.push(id);
    await expect.poll(() => ids(watching).length, { ...wait, interval: 5 }).toBe(id);
  }
  await reads(await openEvents(router, { query, headers: after(lastIdOf(first)) }), ...wanted);
});

describe("a client is told that events are missing", () => {
  test("when they are older than what is kept; those that are kept it gets", async () => {
    const opened = await stage({ events: 2, seconds: 600 });
    const { router, feed } = opened;
    const first = await openEvents(router, { query, token: "ada" });
    for (const id of [1, 2, 3, 4]) feed.push(id);
    await reads(first, "e1", "e2", "e3", "e4");
    expect(await missedOf(opened, first.events[0]?.id)).toEqual(isMissed);
    await reads(await openEvents(router, { query, token: "ada", headers: after(first.events[1]?.id) }), "e3", "e4");
  });

  test("when the id is of another stream, of another person, or none at all", async () => {
    const opened = await stage({ events: 10, seconds: 600 });
    const { router, feed } = opened;
    const mine = await openEvents(router, { query, token: "ada" });
    const other = await openEvents(router, { query, token: "bob" });
    feed.push(1);
    await reads(mine, "e1");
    await reads(other, "e1");
    const [stream] = lastIdOf(mine)?.split(".") ?? [];
    for (const id of [lastIdOf(other), `${stream}.2`, `${stream}.-1`, `${stream}.x`, stream, "1", "."]) {
      expect(await missedOf(opened, id)).toEqual(isMissed);
    }
    expect(await missedOf(opened, lastIdOf(mine), "bob")).toEqual(isMissed);
    expect(await missedOf(opened, lastIdOf(mine), "ada.t2")).toEqual(isMissed);
    feed.push(2);
    await reads(mine, "e1", "e2");
  });

  test("when nobody came back in time: then the stream of the subgraph has ended", async () => {
    const opened = await stage({ events: 10, seconds: 1 });
    const { router, feed } = opened;
    const first = await openEvents(router, { query, token: "ada" });
    feed.push(1);
    await reads(first, "e1");
    first.leave();
    await expect.poll(() => feed.active, wait).toBe(0);
    expect(await missedOf(opened, lastIdOf(first))).toEqual(isMissed);
    expect(feed.opened).toBe(1);
  });

  test("which opens no stream, keeps none from ending, and takes no place from others", async () => {
    const opened = await stage({ events: 10, seconds: 1 }, { subscriptions: { maxPerClient: 1 } });
    const { router, feed } = opened;
    for (let at = 0; at < 3; at++) expect(await missedOf(opened, "x.1")).toEqual(isMissed);
    expect(feed.opened).toBe(0);
    const first = await openEvents(router, { query, token: "ada" });
    feed.push(1);
    await reads(first, "e1");
    first.leave();
    expect(await missedOf(opened, "x.1")).toEqual(isMissed);
    await expect.poll(() => feed.active, wait).toBe(0);
  });
});

test("a stream that lingers is taken up by whoever asks the same anew, from now on", async () => {
  const { router, feed } = await stage({ events: 10, seconds: 600 });
  const first = await openEvents(router, { query });
  feed.push(1);
  await reads(first, "e1");
  first.leave();
  await expect.poll(() => feed.active, wait).toBe(1);
  const next = await openEvents(router, { query });
  feed.push(2);
  await reads(next, "e2");
  expect(feed.opened).toBe(1);
});

test("events of a hook keep their ids", async () => {
  const body = { text: '{"data":{"event":{"id":"replaced"}}}' } as const;
  const answer = { body, status: 200, isRequestError: false };
  const hooks = [{ onSubscriptionEvent: () => answer }];
  const { router, feed } = await stage({ events: 10, seconds: 600 }, { hooks });
  const first = await openEvents(router, { query });
  feed.push(1);
  await reads(first, "replaced");
  expect(first.events[0]?.id).toMatch(/\.1$/);
});

test("without the option events have no ids, and a client that wants to go on is told", async () => {
  const opened = await openStage();
  stages.push(opened);
  const first = await openEvents(opened.router, { query, token: "ada" });
  opened.feed.push(1);
  await reads(first, "e1");
  expect(first.events[0]?.id).toBeUndefined();
  expect(await missedOf(opened, "x.1")).toEqual(isMissed);
});

test("the protocol's own clients read streams with ids as they read others", async () => {
  const { router, feed } = await stage({ events: 10, seconds: 600 });
  const sse = createClient({ url: `${router.url}/graphql`, retryAttempts: 0 });
  const iterator = sse.iterate({ query });
  const next = iterator.next();
  await expect.poll(() => feed.active, wait).toBe(1);
  const overSocket = take(client(router), query, 1);
  await expect.poll(() => feed.opened, wait).toBe(2);
  feed.push(1);
  expect((await next).value).toEqual({ data: { event: { id: "e1" } } });
  expect(await overSocket).toEqual([{ data: { event: { id: "e1" } } }]);
  await iterator.return?.(undefined);
});
