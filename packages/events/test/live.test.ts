import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { liveRules } from "./harness/live-rules.js";
import { noted, openWorld, originOf, tenantA } from "./harness/world.js";

describe("live over PostgreSQL", () => {
  liveRules(() => ({}));

  test("an announcement may have 7,999 bytes and no more", async () => {
    const world = await openWorld();
    const announce = (length: number) =>
      world.events.announce(originOf(tenantA), noted, { aggregateId: "a", payload: { text: "x".repeat(length) } });
    await expect(announce(7000)).resolves.toBeUndefined();
    await expect(announce(8000)).rejects.toMatchObject({ code: "ANNOUNCE_TOO_LARGE", details: { limit: 7999 } });
    await world.close();
  });
});

describe("live over Redis", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  }, 180_000);
  afterAll(() => redis.close());
  liveRules(() => ({ redisUrl: redis.url }));
});
