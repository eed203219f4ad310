import { describe, expect, test } from "vitest";
import { createTelemetry } from "../src/index.js";

const registry = () => createTelemetry({ service: "tests", level: "silent", healthTimeoutMs: 30 }).health;
const fine = async () => ({ ok: true, detail: "fine" });

describe("health", () => {
  test("is good when nothing is registered", async () => {
    expect(await registry().check()).toEqual({ ok: true, checks: {} });
  });

  test("is good when every part is, with the time each took", async () => {
    const health = registry();
    health.register("database", async () => ({ ok: true, detail: "18.0", latencyMs: 7 }));
    health.register("cache", fine);
    const report = await health.check();
    expect(report.ok).toBe(true);
    expect(report.checks.database).toEqual({ ok: true, detail: "18.0", latencyMs: 7 });
    expect(report.checks.cache?.latencyMs).toBeGreaterThanOrEqual(0);
  });

  test("is bad when one part is, throws or does not answer in time", async () => {
    const health = registry();
    health.register("database", fine);
    health.register("cache", () => Promise.reject(new Error("refused")));
    health.register("external", () => new Promise(() => {}));
    const report = await health.check();
    expect(report.ok).toBe(false);
    expect(report.checks).toMatchObject({
      database: { ok: true },
      cache: { ok: false, detail: "refused" },
      external: { ok: false, detail: "no answer within 30 ms" },
    });
  });

  test("of one name is bad when one of several parts of that name is", async () => {
    const health = registry();
    const away = health.register("integrations", async () => ({ ok: false, detail: "mail is down" }));
    health.register("integrations", fine);
    expect(await health.check("integrations")).toMatchObject({
      ok: false,
      checks: { integrations: { detail: "mail is down" } },
    });
    away();
    expect(await health.check("integrations")).toMatchObject({ ok: true });
  });

  test("of a name nobody registered is unknown", async () => {
    expect(await registry().check("nothing")).toBeNull();
  });
});
