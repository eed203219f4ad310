/**
 * Events per second from the outbox through relay, bus and one reaction with its transaction and its mark, with the
 * processor time of each event in this process and in PostgreSQL, and how long after its commit a reaction has run.
 */
import { readdirSync, readFileSync } from "node:fs";
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

const events = 20_000;
const aggregates = 200;
const tenants = 4;
const latencySamples = 300;
const published = 2_000;
/** As many as may run at once: half of the pool. */
const publishers = 5;
const ticksPerSecond = 100;

async function measure(name: string, options: WorldOptions): Promise<void> {
  const world = await openWorld(options);
  await fillOutbox(world);
  const relay = await timed(world, async () => {
    world.events.startRelay();
    await world.events.idle();
  });
  const archive = world.counting("archive");
  const reaction = await timed(world, () => world.events.idle());
  await fillOutbox(world);
  const both = await timed(world, () => world.events.idle());
  await archive.close();
  console.log(
    `${name}: relay ${relay}; reaction ${reaction}; end to end ${both}; ` +
      `${await latency(world)}; transactions with one row and one event ${await publishing(world)}`,
  );
  await world.close();
}

async function fillOutbox({ database }: World): Promise<void> {
  const written = Array.from({ length: events }, (_, n) =>
    envelopeOf({
      tenantId: `0190a000-0000-7000-8000-00000000000${n % tenants}`,
      aggregateId: `a${n % aggregates}`,
      payload: { n },
    }),
  );
  await database.admin`
    insert into kernel.outbox (event) select event from json_array_elements(${JSON.stringify(written)}::text::json) event`;
}

async function timed(world: World, work: () => Promise<void>): Promise<string> {
  const [start, cpu, server] = [performance.now(), process.cpuUsage(), await serverCpu(world)];
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const own = Math.round((user + system) / events);
  const theirs = Math.round((((await serverCpu(world)) - server) * 1e6) / events);
  return `${Math.round(events / seconds)}/s (${own} µs here, ${theirs} µs PostgreSQL each)`;
}

/** Seconds all processes of the server have used. */
async function serverCpu({ database }: World): Promise<number> {
  const [row] = await database.admin<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const statOf = (pid: string | number): string[] => {
    try {
      return readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /, "")
        .split(" ");
    } catch {
      return [];
    }
  };
  const parent = statOf(row?.pid ?? 0)[1];
  const all = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(statOf);
  const ticks = all
    .filter((stat) => stat[1] === parent)
    .reduce((sum, stat) => sum + Number(stat[11]) + Number(stat[12]), 0);
  return ticks / ticksPerSecond;
}

/** From the commit of one event to the end of its reaction. */
async function latency(world: World): Promise<string> {
  let reacted = (): void => {};
  const subscription = world.counting("mail-room", async (_, n) => {
    if (n < 0) setImmediate(reacted);
  });
  await world.events.idle();
  const took: number[] = [];
  for (let n = 1; n <= latencySamples; n++) {
    const arrival = new Promise<void>((resolve) => {
      reacted = resolve;
    });
    await world.publish("latency", -n);
    const committed = performance.now();
    await arrival;
    took.push(performance.now() - committed);
  }
  await subscription.close();
  took.sort((a, b) => a - b);
  const at = (share: number): string => (took[Math.floor(took.length * share)] ?? 0).toFixed(1);
  return `commit to reaction p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`;
}

async function publishing({ database, events }: World): Promise<string> {
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
  return `${Math.round((published / (performance.now() - start)) * 1000)}/s`;
}

describe("throughput", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  }, 180_000);
  afterAll(() => redis.close());

  test("PostgreSQL", () => measure("PostgreSQL", {}));
  test("Redis", () => measure("Redis", { redisUrl: redis.url }));
  const kafkaBrokers = process.env.KAFKA_BROKERS;
  if (kafkaBrokers) test("Kafka", () => measure("Kafka", { kafkaBrokers }));
});
