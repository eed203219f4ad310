/** Events that wait for their reader. */
import { describe, expect, test } from "vitest";
import { EventQueue } from "../../src/subgraphs/event-queue.js";

function queue(limit = 2) {
  let left = 0;
  const events = new EventQueue<number>(limit, () => {
    left += 1;
  });
  return { events, left: () => left };
}

describe("a queue", () => {
  test("delivers what waits in order, then its end", async () => {
    const { events } = queue();
    events.push(1);
    events.push(2);
    events.complete();
    const read: number[] = [];
    for await (const event of events) read.push(event);
    expect(read).toEqual([1, 2]);
  });

  test("hands events to those who already wait, each to one", async () => {
    const { events } = queue();
    const reads = [events.next(), events.next()];
    events.push(1);
    events.push(2);
    expect(await Promise.all(reads)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ]);
  });

  test("holds as many as its limit, and is over with one more", async () => {
    const { events, left } = queue(2);
    events.push(1);
    events.push(2);
    expect(left()).toBe(0);
    events.push(3);
    expect(left()).toBe(1);
    await expect(events.next()).rejects.toMatchObject({ extensions: { code: "SLOW_CONSUMER" } });
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test("delivers what waits before a failure", async () => {
    const { events } = queue();
    events.push(1);
    events.fail(new Error("cut"));
    expect(await events.next()).toEqual({ done: false, value: 1 });
    await expect(events.next()).rejects.toThrow("cut");
  });

  test("tells its source once that the reader has left", async () => {
    const { events, left } = queue();
    const waiting = events.next();
    await events.return();
    await events.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(left()).toBe(1);
  });

  test("tells its source nothing when the source ends it", () => {
    const { events, left } = queue();
    events.complete();
    expect(left()).toBe(0);
  });
});
