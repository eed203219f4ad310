import { trace } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import { createTelemetry, requestIdFrom } from "../src/index.js";

const telemetry = () => createTelemetry({ service: "tests", level: "silent" });

describe("metrics", () => {
  test("have the service on every series, and the runtime's own", async () => {
    const { metrics } = telemetry();
    metrics.requestDuration.observe({ operation_type: "query", outcome: "ok" }, 0.02);
    metrics.activeSubscriptions.inc({ transport: "websocket" });
    const { text, contentType } = await metrics.scrape();
    expect(contentType).toContain("text/plain");
    expect(text).toMatch(
      /tessera_request_duration_seconds_bucket\{le="0.025",service="tests",operation_type="query",outcome="ok"\} 1/,
    );
    expect(text).toMatch(/tessera_active_subscriptions\{transport="websocket",service="tests"\} 1/);
    expect(text).toMatch(/process_resident_memory_bytes\{service="tests"\} \d+/);
  });

  test("of two telemetries do not mix", async () => {
    const [one, two] = [telemetry(), telemetry()];
    one.metrics.activeSubscriptions.inc({ transport: "websocket" });
    expect((await two.metrics.scrape()).text).not.toMatch(/tessera_active_subscriptions\{.*\} 1/);
  });

  test("of pool and events are read when they are scraped", async () => {
    const { metrics } = telemetry();
    let inUse = 1;
    metrics.watchDatabasePool(() => ({ inUse, waiting: 0, size: 10 }));
    metrics.watchEvents(async () => ({ outbox: 4, parked: 2, deadLetters: 0 }));
    metrics.watchProcesses(async () => ({ running: 1, waiting: 3, stuck: 5 }));
    inUse = 3;
    const { text } = await metrics.scrape();
    expect(text).toMatch(/tessera_database_connections\{state="inUse",service="tests"\} 3/);
    expect(text).toMatch(/tessera_events_waiting\{state="parked",service="tests"\} 2/);
    expect(text).toMatch(/tessera_processes\{state="stuck",service="tests"\} 5/);
  });

  test("go on when one part cannot be read", async () => {
    const { metrics } = telemetry();
    metrics.watchEvents(() => Promise.reject(new Error("database is down")));
    const { text } = await metrics.scrape();
    expect(text).not.toMatch(/tessera_events_waiting\{/);
    expect(text).toMatch(/process_cpu_seconds_total/);
  });

  test("go on without a part that does not answer in time", async () => {
    const { metrics } = telemetry();
    metrics.watchEvents(() => new Promise(() => {}));
    const { text } = await metrics.scrape();
    expect(text).not.toMatch(/tessera_events_waiting\{/);
    expect(text).toMatch(/process_cpu_seconds_total/);
  });
});

describe("a span", () => {
  test("gives back what the work gives back, and throws what it throws", async () => {
    const { span } = telemetry();
    expect(await span("work", { size: 1 }, async () => 42)).toBe(42);
    await expect(span("work", {}, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });

  test("reaches the operator's tracer, with its failure", async () => {
    const seen: unknown[] = [];
    const recorded = {
      recordException: (error: Error) => void seen.push(error.message),
      setStatus: (status: object) => void seen.push(status),
      end: () => void seen.push("end"),
    };
    const startActiveSpan = (name: string, _options: object, work: (span: object) => unknown) => {
      seen.push(name);
      return work(recorded);
    };
    trace.setGlobalTracerProvider({ getTracer: () => ({ startActiveSpan, startSpan: () => recorded }) } as never);
    await telemetry()
      .span("work", {}, () => Promise.reject(new Error("no")))
      .catch(() => {});
    trace.disable();
    expect(seen).toEqual(["work", "no", { code: 2, message: "no" }, "end"]);
  });
});

describe("a request id", () => {
  test("is taken over when it is harmless", () => {
    expect(requestIdFrom("0195-abcd:1.2_3")).toBe("0195-abcd:1.2_3");
  });

  test.each([
    undefined,
    "",
    "short",
    "with space in it",
    "line\nbreak-xxxx",
    "x".repeat(129),
    ["a-b-c-d-e"],
    '{"a":"bcdef"}',
  ])("is made new instead of %j", (header) => {
    expect(requestIdFrom(header)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("made new is in the order of time", async () => {
    const first = requestIdFrom();
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect(requestIdFrom() > first).toBe(true);
  });
});
