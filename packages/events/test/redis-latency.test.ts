import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { envelopeOf, openWorld, until, type World } from "./harness/world.js";

/** A worker that pauses after it has drained its partition takes half a second; a busy machine takes far less. */
const soonMs = 200;

let redis: TestRedis;
let world: World;
beforeAll(async () => {
  redis = await startTestRedis();
  world = await openWorld({ redisUrl: redis.url });
}, 180_000);
afterAll(async () => {
  await world.close();
  await redis.close();
});

test("a consumer that had nothing to do gets the next event at once", async () => {
  const got: number[] = [];
  const consumer = world.bus.consume("idler", ["*"], async () => {
    got.push(performance.now());
  });
  await world.bus.settled();
  const delays: number[] = [];
  for (let n = 1; n <= 15; n++) {
    const began = performance.now();
    await world.bus.append([envelopeOf()]);
    await until("it came", () => got.length === n);
    delays.push((got.at(-1) ?? 0) - began);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  await consumer.close();
  // Who pauses is late every time; on a busy machine some are.
  expect(delays.sort((a, b) => a - b)[3]).toBeLessThan(soonMs);
});
