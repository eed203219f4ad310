import { gunzipSync } from "node:zlib";
import { Report } from "@apollo/usage-reporting-protobuf";
import { createTelemetry } from "@tessera/telemetry";
import { afterEach, describe, expect, test } from "vitest";
import { DurationHistogram } from "../../src/observability/apollo/duration-histogram.js";
import { createApolloReporter } from "../../src/observability/apollo/usage-reporter.js";
import { type LocalServer, startLocalServer } from "./local-server.js";
import { operationOf, recordOf } from "./records.js";

let server: LocalServer;
afterEach(() => server?.close());

async function start(...statuses: number[]) {
  server = await startLocalServer(...statuses);
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const { log } = createTelemetry({ service: "test", level: "info", destination });
  const options = { key: "service:graph:key", graphRef: "graph@current", endpoint: server.url, intervalMs: 60_000 };
  const reporter = createApolloReporter(options, { log, supergraphSdl: "schema { query: Query }", waitMs: 5 });
  return { reporter, lines };
}

const reports = () => server.received.map(({ body }) => Report.decode(gunzipSync(body)));
const operation = operationOf('query Profile { user(id: "secret-literal") { name } }');

describe("usage reports to Apollo", () => {
  test("sum requests up by operation and client, without literals, variables or headers", async () => {
    const { reporter } = await start();
    const headers = { "apollographql-client-name": "web", "apollographql-client-version": "2" };
    reporter.add(recordOf(operation, { headers }));
    reporter.add(recordOf(operation, { headers, errorCodes: ["X"] }));
    reporter.add(recordOf(operationOf("{ old }")));
    reporter.add(recordOf(null));
    await reporter.flush();

    expect(server.received[0]).toMatchObject({
      path: "/api/ingress/traces",
      headers: { "x-api-key": "service:graph:key", "content-encoding": "gzip", "content-type": "application/protobuf" },
    });
    const [report] = reports();
    expect(report?.header).toMatchObject({ graphRef: "graph@current", agentVersion: "tessera-router" });
    expect(report?.header?.executableSchemaId).toMatch(/^[0-9a-f]{64}$/);
    expect([report?.operationCount, report?.tracesPreAggregated]).toEqual([3, true]);
    const queries = report?.tracesPerQuery ?? {};
    expect(Object.keys(queries).sort()).toEqual(["# -\n{old}", '# Profile\nquery Profile{user(id:""){name}}']);
    const profile = queries['# Profile\nquery Profile{user(id:""){name}}'];
    expect(profile?.referencedFieldsByType).toMatchObject({
      Query: { fieldNames: ["user"] },
      User: { fieldNames: ["name"] },
    });
    const stats = (
      profile?.statsWithContext as readonly { context: object; queryLatencyStats: object }[] | undefined
    )?.[0];
    expect(stats?.context).toMatchObject({ clientName: "web", clientVersion: "2" });
    expect(stats?.queryLatencyStats).toMatchObject({ requestCount: 2, requestsWithErrorsCount: 1 });
    expect(gunzipSync(server.received[0]?.body ?? "").toString("latin1")).not.toMatch(/secret/);
    await reporter.close();
  });

  test("are sent again when the other side fails, and once when it takes them", async () => {
    const { reporter, lines } = await start(503, 429);
    reporter.add(recordOf(operation));
    await reporter.flush();
    expect(server.received).toHaveLength(3);
    expect(lines).toEqual([]);
    await reporter.close();
    expect(server.received).toHaveLength(3);
  });

  test("are given up, with a line in the log, when the other side refuses them", async () => {
    const { reporter, lines } = await start(401);
    reporter.add(recordOf(operation));
    await reporter.flush();
    expect(server.received).toHaveLength(1);
    expect(lines[0]).toContain("status 401");
    expect(lines[0]).not.toContain("service:graph:key");
    await reporter.close();
  });

  test("are sent at the end, for the supergraph that was served when the requests came", async () => {
    const { reporter } = await start();
    reporter.add(recordOf(operation));
    reporter.setSupergraph("schema { query: Other }");
    reporter.add(recordOf(operation));
    await reporter.close();
    const ids = reports().map(({ header }) => header?.executableSchemaId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
  });
});

test("durations are counted in buckets that grow by a tenth, empty ones as negative runs", () => {
  const durations = new DurationHistogram();
  for (const ms of [0, 0.0005, 0.0011, 0.0014, 1e20]) durations.add(ms);
  // 1.1 µs is in the first bucket above 1 µs, 1.4 µs in the fourth, anything too long in the last of 384.
  expect(durations.toArray()).toEqual([2, 1, -2, 1, -378, 1]);
});
