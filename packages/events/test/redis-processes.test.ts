import { afterAll, beforeAll, describe } from "vitest";
import { startTestRedis, type TestRedis } from "../src/testing/index.js";
import { processRules } from "./harness/process-rules.js";

describe("processes over the Redis bus", { timeout: 90_000 }, () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  }, 180_000);
  afterAll(() => redis.close());
  processRules(() => ({ redisUrl: redis.url }));
});
