import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import { afterAll, beforeAll, describe } from "vitest";
import { processRules } from "./harness/process-rules.js";

describe("processes over the Redis bus", { timeout: 90_000 }, () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  }, 180_000);
  afterAll(() => redis.close());
  processRules(() => ({ redisUrl: redis.url }));
});
