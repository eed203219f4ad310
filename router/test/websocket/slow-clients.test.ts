/** Clients that stop reading: they cost little, are told why they are disconnected, and hold up nobody. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { toLatin1 } from "../../src/request/json-text.js";
import type { ClientAnswer, RunOperation } from "../../src/request/outcome.js";
import { type Door, openDoor } from "../http/door.js";
import { initiated, type RawSocket } from "./socket-clients.js";

const wait = { timeout: 20_000 };
const megabyte = "x".repeat(1_000_000);
const doors: Door[] = [];
const clients: RawSocket[] = [];
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  for (const door of doors.splice(0)) await door.close();
});

/** A stream without an end, of large events, as fast as they are taken. */
function endless(): { run: RunOperation; taken: () => number; isOver: () => boolean } {
  let taken = 0;
  let isOver = false;
  async function* events(): AsyncGenerator<ClientAnswer> {
    try {
      for (;;) {
        taken += 1;
        const text = JSON.stringify({ data: { taken, megabyte } });
        yield { body: { text }, status: 200, isRequestError: false };
        await sleep(1);
      }
    } finally {
      isOver = true;
    }
  }
  const run: RunOperation = async () => {
    return { kind: "events", events: events() };
  };
  return { run, taken: () => taken, isOver: () => isOver };
}

async function reader(
  run: RunOperation,
  stuckMs: number,
  pingEveryMs = 60_000,
): Promise<{ raw: RawSocket; door: Door }> {
  const door = await openDoor({ run, stuckMs, pingEveryMs });
  doors.push(door);
  const raw = await initiated(door);
  clients.push(raw);
  raw.send({ type: "subscribe", id: "1", payload: { query: "subscription { events }" } });
  await raw.heard("next");
  return { raw, door };
}

const connections = ({ server }: Door): Promise<number> =>
  new Promise((resolve) => server.server.getConnections((_, count) => resolve(count)));

describe("a client that stops reading", () => {
  test("is asked for no more than fits on its way", async () => {
    const source = endless();
    const { raw } = await reader(source.run, 60_000);
    raw.socket.pause();
    let before = -1;
    const isFull = () => {
      const same = before === source.taken();
      before = source.taken();
      return same;
    };
    await expect.poll(isFull, { ...wait, interval: 500 }).toBe(true);
    await sleep(1_000);
    expect(source.taken() - before).toBeLessThanOrEqual(1);
    expect(before).toBeLessThan(40);
  });

  test("is given up after a while, and finds the reason when it reads again", async () => {
    const source = endless();
    // It answers no pings meanwhile, and that is no other reason.
    const { raw } = await reader(source.run, 4_000, 1_500);
    raw.socket.pause();
    await expect.poll(() => source.isOver(), wait).toBe(true);
    raw.socket.resume();
    expect(await raw.closed).toEqual([1013, "SLOW_CONSUMER"]);
  });

  test("is cut off when it does not read that either", async () => {
    const source = endless();
    const { raw, door } = await reader(source.run, 1_000);
    raw.socket.pause();
    await expect.poll(() => connections(door), wait).toBe(0);
    expect(source.isOver()).toBe(true);
    raw.socket.resume();
    expect((await raw.closed)[0]).toBe(1006);
  });
});

test("a large event arrives intact, in the frames of which it is made", async () => {
  const text = JSON.stringify({ data: { text: "Zoë 🏊 ".repeat(10_000) } });
  async function* events(): AsyncGenerator<ClientAnswer> {
    yield { body: { text: toLatin1(text) }, status: 200, isRequestError: false };
  }
  const { raw } = await reader(async () => ({ kind: "events", events: events() }), 60_000);
  await raw.heard("complete");
  const received = raw.messages.filter(({ type }) => type === "next").map(({ id, payload }) => ({ id, payload }));
  expect(received).toEqual([{ id: "1", payload: JSON.parse(text) }]);
});

test("a client that reads slowly, but reads, keeps its stream", async () => {
  const source = endless();
  const { raw } = await reader(source.run, 3_000);
  for (let round = 0; round < 30; round++) {
    raw.socket.pause();
    await sleep(150);
    raw.socket.resume();
    await sleep(10);
  }
  expect(raw.socket.readyState).toBe(raw.socket.OPEN);
  expect(source.isOver()).toBe(false);
});

test("a client with nothing to read may be as quiet as it likes", async () => {
  const door = await openDoor({ stuckMs: 100 });
  doors.push(door);
  const raw = await initiated(door);
  clients.push(raw);
  await sleep(600);
  expect(raw.socket.readyState).toBe(raw.socket.OPEN);
});
