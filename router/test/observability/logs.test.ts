import type { QueryPlan } from "@apollo/query-planner";
import { createTelemetry } from "@tessera/telemetry";
import { describe, expect, test } from "vitest";
import { planSummary } from "../../src/observability/plan-summary.js";
import { createAccessLog, createSlowLog } from "../../src/observability/request-logs.js";
import { operationOf, recordOf } from "./records.js";

function logged() {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  return { lines, log: createTelemetry({ service: "test", level: "info", destination }).log };
}

const operation = operationOf('query Profile { user(id: "literal-secret") { name } }');
const plan = {
  kind: "QueryPlan",
  node: {
    kind: "Sequence",
    nodes: [
      { kind: "Fetch", serviceName: "users" },
      {
        kind: "Parallel",
        nodes: ["products", "reviews", "products"].map((serviceName) => ({
          kind: "Flatten",
          path: [],
          node: { kind: "Fetch", serviceName },
        })),
      },
    ],
  },
} as unknown as QueryPlan;

describe("the access log", () => {
  test("has one line for each operation, with all that is known of it and nothing that is secret", () => {
    const { lines, log } = logged();
    const headers = { "apollographql-client-name": "web", "apollographql-client-version": "1.2" };
    createAccessLog(log)(recordOf(operation, { headers, errorCodes: ["FORBIDDEN", "FORBIDDEN"] }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      ...{ msg: "request", requestId: "request-1", operation: "Profile", kind: "query", client: "web" },
      ...{ clientVersion: "1.2", status: 200, errors: ["FORBIDDEN"], durationMs: 12.3, subgraphCalls: 2, bytes: 120 },
    });
    expect(lines[0]?.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.stringify(lines)).not.toContain("secret");
  });

  test("has a line for what was no operation", () => {
    const { lines, log } = logged();
    createAccessLog(log)(recordOf(null, { status: 400, errorCodes: ["GRAPHQL_PARSE_FAILED"], isRequestError: true }));
    expect(lines[0]).toMatchObject({ status: 400, errors: ["GRAPHQL_PARSE_FAILED"] });
    expect(lines[0]).not.toHaveProperty("operation");
  });

  test("leaves requests out by sampling, but none with errors", () => {
    const { lines, log } = logged();
    const draws = [0.05, 0.5, 0.9];
    const write = createAccessLog(log, { sample: 0.1 }, () => draws.shift() ?? 1);
    for (let request = 0; request < 3; request += 1) write(recordOf(operation));
    expect(lines).toHaveLength(1);
    write(recordOf(operation, { errorCodes: ["FORBIDDEN"] }));
    expect(lines).toHaveLength(2);
  });

  test("cuts what a client calls itself to a length that fits a line", () => {
    const { lines, log } = logged();
    createAccessLog(log)(recordOf(operation, { headers: { "apollographql-client-name": "x".repeat(500) } }));
    expect(lines[0]?.client).toHaveLength(64);
  });
});

describe("the log of slow operations", () => {
  test("has a line with the plan for those that take long, and none for others", () => {
    const { lines, log } = logged();
    const write = createSlowLog(log, 100);
    write(recordOf(operation, { durationMs: 99, plan }));
    expect(lines).toEqual([]);
    write(recordOf(operation, { durationMs: 100, plan }));
    expect(lines[0]).toMatchObject({ msg: "slow operation", plan: "users → (products ×2 ∥ reviews)", level: 40 });
  });
});

test("a plan of conditions, deferred parts and a stream is told in one line", () => {
  const fetch = (serviceName: string) => ({ kind: "Fetch", serviceName });
  const summary = (node: object) => planSummary({ kind: "QueryPlan", node } as unknown as QueryPlan);
  expect(summary({ kind: "Condition", condition: "full", ifClause: fetch("a"), elseClause: fetch("b") })).toBe(
    "[full: a else b]",
  );
  expect(summary({ kind: "Defer", primary: { node: fetch("a") }, deferred: [{ node: fetch("b") }, {}] })).toBe(
    "a → later b",
  );
  expect(summary({ kind: "Subscription", primary: fetch("feed"), rest: fetch("users") })).toBe(
    "stream of feed → users",
  );
  expect(planSummary({ kind: "QueryPlan" } as QueryPlan)).toBe("");
});
