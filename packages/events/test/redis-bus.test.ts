import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import { afterAll, beforeAll, describe } from "vitest";
import { busRules } from "./harness/bus-rules.js";

describe("the seam over Redis", { timeout: 60_000 }, () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  }, 180_000);
  afterAll(() => redis.close());
  busRules(() => ({ redisUrl: redis.url }));
});
