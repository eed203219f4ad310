import { afterEach, expect, test, vi } from "vitest";
import { startTestRedis } from "../src/testing/index.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("where no Redis can be found or installed, tests fail with a sentence that says how to provide one", async () => {
  vi.stubEnv("REDIS_URL", "");
  vi.stubEnv("PATH", "");
  await expect(startTestRedis()).rejects.toThrow(
    /Set REDIS_URL .* or put `redis-server` or `valkey-server` on the PATH/,
  );
});

test("a Redis named by REDIS_URL is used and not restarted", async () => {
  const redis = await startTestRedis({ own: true });
  vi.stubEnv("REDIS_URL", redis.url);
  const given = await startTestRedis();
  expect(given.url).toBe(redis.url);
  await expect(given.restart()).rejects.toThrow("own: true");
  await given.close();
  await redis.close();
}, 180_000);
