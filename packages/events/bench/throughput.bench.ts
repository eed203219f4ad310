/** Events per second from the outbox through relay, bus and one reaction with its transaction and its mark. */

import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, test } from "vitest";
import {
  counted,
  envelopeOf,
  openWorld,
  originOf,
  tenantA,
  type World,
  type WorldOptions,
} from "../test/harness/world.js";

const events = 10_000;
const aggregates = 200;
const published = 5_000;
/** As many as may run at once: half of the pool. */
const publishers = 5;

async function measure(name: string, options: WorldOptions): Promise<void> {
  const world = await openWorld(options);
  const written = Array.from({ length: events }, (_, n) =>
    envelopeOf({ aggregateId: `a${n % aggregates}`, payload: { n } }),
  );
  await world.database.admin`
    insert into kernel.outbox (event) select event from json_array_elements(${JSON.stringify(written)}::text::json) event`;

  const relayStart = performance.now();
  world.events.startRelay();
  await world.events.idle();
  const relayed = performance.now() - relayStart;

  const reactionStart = performance.now();
  world.counting("archive");
  await world.events.idle();
  const reacted = performance.now() - reactionStart;

  const latencies: number[] = [];
  const controller = new AbortController();

  const live = world.events.live(counted, { tenantId: tenantA, signal: controller.signal });
  for (let n = 0; n < 200; n++) {
    await world.publish("latency", n);
    const committed = performance.now();
    await live.next();
    latencies.push(performance.now() - committed);
  }
  controller.abort();
  const publishing = await publishMany(world);
  latencies.sort((a, b) => a - b);
  const rate = (milliseconds: number): number => Math.round((events / milliseconds) * 1000);
  const at = (share: number): string => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(1);
  console.log(
    `${name}: relay ${rate(relayed)}/s, reaction ${rate(reacted)}/s, both ${rate(relayed + reacted)}/s, ` +
      `transactions with one row and one event ${Math.round((published / publishing) * 1000)}/s, ` +
      `commit to live subscriber p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`,
  );
  await world.close();
}

/** Milliseconds. */
async function publishMany({ database, events }: World): Promise<number> {
  let left = published;
  const lane = async (_: unknown, number: number): Promise<void> => {
    while (left-- > 0) {
      await database.forModule("ledger").transaction({ tenantId: tenantA }, async (db) => {
        await db.execute(sql`insert into committed (aggregate, n) values ('p', ${left})`);
        const outbox = events.outbox(originOf(tenantA));
        outbox.publish(counted, { aggregateId: `p${number}`, payload: { n: left } });
        outbox.flush(db).catch(() => {});
      });
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: publishers }, lane));
  return performance.now() - start;
}

describe("throughput", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  }, 180_000);
  afterAll(() => redis.close());

  test("PostgreSQL", () => measure("PostgreSQL", {}));
  test("Redis", () => measure("Redis", { redisUrl: redis.url }));
});
