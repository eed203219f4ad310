import { describe, expect, test } from "vitest";
import { createTelemetry } from "../src/index.js";

function logged(work: (log: ReturnType<typeof createTelemetry>["log"]) => void, format: "json" | "readable" = "json") {
  const lines: string[] = [];
  work(
    createTelemetry({
      service: "tests",
      level: "info",
      format,
      destination: { write: (line) => void lines.push(line) },
    }).log,
  );
  return lines;
}
const one = (work: Parameters<typeof logged>[0]) => JSON.parse(logged(work)[0] ?? "{}");

describe("a log line", () => {
  test("is JSON with the service, the level and what is known", () => {
    expect(one((log) => log.info({ requestId: "r1" }, "served"))).toMatchObject({
      level: 30,
      service: "tests",
      requestId: "r1",
      msg: "served",
    });
  });

  test("is left out below the level", () => {
    expect(logged((log) => log.debug("detail"))).toEqual([]);
  });

  test("is readable where a person reads, with the stack of an error", () => {
    const [line] = logged((log) => log.error({ err: new Error("no disk"), requestId: "r1" }, "failed"), "readable");
    expect(line).toMatch(/^\d\d:\d\d:\d\d error failed requestId=r1\nError: no disk\n {4}at /);
  });
});

describe("a secret never reaches a log", () => {
  test.each([
    "authorization",
    "cookie",
    "set-cookie",
    "password",
    "newPassword",
    "secret",
    "clientSecret",
    "token",
    "refreshToken",
    "apiKey",
    "x-api-key",
    "api_key",
    "privateKey",
  ])("under %s, at the top, deep inside, in a list, or bound to a child", (name) => {
    const value = { [name]: "hunter2" };
    const line = logged((log) => {
      log.info(value);
      log.info({ a: { b: [{ c: value }] } });
      log.child(value).info("x");
      log.child({ deep: value }).info("x");
      log.error({ err: Object.assign(new Error("x"), { config: { headers: value } }) });
    }).join("");
    expect(line).not.toContain("hunter2");
    expect(line.match(/\[redacted\]/g)).toHaveLength(5);
  });

  test("while what only looks similar stays", () => {
    const harmless = { tokens: null, tokenCount: 3, secretary: "Ada", passwordless: true, cookieBanner: "on" };
    expect(one((log) => log.info(harmless))).toMatchObject({
      tokenCount: 3,
      secretary: "Ada",
      passwordless: true,
      cookieBanner: "on",
    });
  });

  test("and what refers to itself is cut rather than followed", () => {
    const loop: Record<string, unknown> = { name: "a" };
    loop.self = loop;
    expect(logged((log) => log.info({ loop }))[0]).toContain("[deeper]");
  });
});
