import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import { afterAll, beforeAll, describe } from "vitest";
import { deliveryRules } from "./harness/delivery-rules.js";

describe("the Redis bus", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  }, 180_000);
  afterAll(() => redis.close());
  deliveryRules(() => ({ redisUrl: redis.url }));
});
