/** The three stores count alike: real Redis, real PostgreSQL, and memory. */
import { setTimeout as sleep } from "node:timers/promises";
import { type OwnTestServer, startTestRedis, startTestServer, type TestRedis } from "@tessera/database/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMemoryWindows } from "../../src/protection/memory-windows.js";
import { createPostgresWindows } from "../../src/protection/postgres-windows.js";
import { createRedisWindows } from "../../src/protection/redis-windows.js";
import { countOf, type WindowRule, type WindowStore, waitFor } from "../../src/protection/windows.js";

let redis: TestRedis;
let database: OwnTestServer;
beforeAll(async () => {
  [redis, database] = await Promise.all([startTestRedis({ own: true }), startTestServer({ own: true })]);
});
afterAll(() => Promise.all([redis.close(), database.stop()]));

const hour = 3_600_000;
const rule = (key: string, limit: number, windowMs = hour): WindowRule => ({ key, limit, windowMs });
const stores: [string, () => WindowStore][] = [
  ["memory", () => createMemoryWindows()],
  ["redis", () => createRedisWindows({ url: redis.url })],
  ["postgres", () => createPostgresWindows({ url: database.url })],
];

async function withStores(make: () => WindowStore, count: number, work: (stores: WindowStore[]) => Promise<void>) {
  const opened = Array.from({ length: count }, make);
  // They connect in the background, and reject until then.
  await Promise.all(opened.map((store) => expect.poll(() => store.take([rule("any", 1e9)], 1)).toBeDefined()));
  await work(opened).finally(() => Promise.all(opened.map((store) => store.close())));
}

describe.each(stores)("in %s", (name, make) => {
  test("as much is taken as the limit says, and not more", () =>
    withStores(make, 1, async ([store]) => {
      const key = `${name} simple`;
      const allowed: (boolean | undefined)[] = [];
      for (let n = 0; n < 5; n++) allowed.push((await store?.take([rule(key, 3)], 1))?.isAllowed);
      expect(allowed).toEqual([true, true, true, false, false]);
      const other = await store?.take([rule(`${key} other`, 3)], 1);
      expect(other?.isAllowed).toBe(true);
    }));

  test("what is refused does not count, whichever rule refuses it", () =>
    withStores(make, 1, async ([store]) => {
      const [wide, narrow] = [rule(`${name} wide`, 10), rule(`${name} narrow`, 2)];
      for (let n = 0; n < 6; n++) await store?.take([wide, narrow], 1);
      const answer = await store?.take([wide, narrow], 1);
      expect(answer?.isAllowed).toBe(false);
      expect(answer?.states.map(({ current }) => current)).toEqual([2, 2]);
    }));

  test("amounts may be broken numbers", () =>
    withStores(make, 1, async ([store]) => {
      const cost = rule(`${name} cost`, 10);
      expect((await store?.take([cost], 7.5))?.isAllowed).toBe(true);
      expect((await store?.take([cost], 3))?.isAllowed).toBe(false);
      expect((await store?.take([cost], 2.5))?.states[0]?.current).toBe(10);
    }));

  test("an old window counts in part, and one before it not at all", () =>
    withStores(make, 1, async ([store]) => {
      const short = rule(`${name} short`, 1_000, 1_000);
      // At the beginning of a window, so that the next take is in the one after it.
      await sleep(1_000 - (Date.now() % 1_000));
      await store?.take([short], 400);
      await sleep(1_000);
      const soon = await store?.take([short], 1);
      expect(soon?.states[0]).toMatchObject({ previous: 400, current: 1 });
      await sleep(2_000);
      expect((await store?.take([short], 1))?.states[0]).toMatchObject({ previous: 0, current: 1 });
    }));
});

describe.each(stores.slice(1))("in %s", (name, make) => {
  test("several routers share what is taken, also at the same moment", () =>
    withStores(make, 3, async (opened) => {
      const shared = rule(`${name} shared`, 40);
      const second = rule(`${name} second`, 1_000);
      await opened[0]?.take([shared, second], 1);
      const takes = Array.from({ length: 90 }, (_, n) =>
        opened[n % 3]?.take(n % 2 ? [shared, second] : [second, shared], 1),
      );
      const answers = await Promise.all(takes);
      expect(answers.filter((answer) => answer?.isAllowed)).toHaveLength(39);
    }));
});

test("memory forgets those first that were used longest ago", () => {
  const store = createMemoryWindows({ mostKeys: 2 });
  store.take([rule("a", 1)], 1);
  store.take([rule("b", 1)], 1);
  expect(store.take([rule("a", 1)], 1).isAllowed).toBe(false);
  store.take([rule("c", 1)], 1);
  expect(store.take([rule("a", 1)], 1).isAllowed).toBe(false);
  expect(store.take([rule("b", 1)], 1).isAllowed).toBe(true);
});

test("however requests arrive, a tenth of a window lets through at most the limit and a tenth", () => {
  const arrivals = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 1, max: 30 }), (gaps, limit) => {
      let now = 0;
      const store = createMemoryWindows({ now: () => now });
      const allowed = gaps.flatMap((gap) => {
        now += gap;
        return store.take([rule("x", limit, 1_000)], 1).isAllowed ? [now] : [];
      });
      for (const start of allowed) {
        const within = (ms: number) => allowed.filter((at) => at >= start && at < start + ms).length;
        expect(within(100)).toBeLessThanOrEqual(1.1 * limit + 1e-6);
        expect(within(1_000)).toBeLessThanOrEqual(2 * limit);
      }
    }),
    { seed: 20_261, numRuns: 200 },
  );
});

test("after the wait that is named the next take is allowed, and shortly before it is not", () => {
  const state = fc.record({
    limit: fc.integer({ min: 1, max: 50 }),
    before: fc.nat(50),
    now: fc.nat(50),
    elapsed: fc.nat(999),
  });
  fc.assert(
    fc.property(state, ({ limit, before, now, elapsed }) => {
      const counted = { previous: Math.min(before, limit), current: Math.min(now, limit), elapsedMs: elapsed };
      const wait = waitFor(counted, rule("x", limit, 1_000), 1);
      expect(countAfter(counted, wait + 0.001) + 1).toBeLessThanOrEqual(limit + 1e-6);
      if (wait > 1) expect(countAfter(counted, wait - 1) + 1).toBeGreaterThan(limit - 1e-6);
      expect(waitFor(counted, rule("x", limit, 1_000), limit + 1)).toBe(Number.POSITIVE_INFINITY);
    }),
    { seed: 20_262, numRuns: 500 },
  );
});

function countAfter({ previous, current, elapsedMs }: Parameters<typeof countOf>[0], ms: number): number {
  const elapsed = elapsedMs + ms;
  if (elapsed < 1_000) return countOf({ previous, current, elapsedMs: elapsed }, 1_000);
  return countOf({ previous: current, current: 0, elapsedMs: Math.min(1_000, elapsed - 1_000) }, 1_000);
}
