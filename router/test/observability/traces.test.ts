import { context, propagation, trace } from "@opentelemetry/api";
import { afterEach, expect, test } from "vitest";
import { startTraces } from "../../src/observability/start-traces.js";
import { describeSpan, isTracing, traceRequest, traceStep } from "../../src/observability/trace-requests.js";
import { type LocalServer, startLocalServer } from "./local-server.js";
import { operationOf, recordOf } from "./records.js";

let collector: LocalServer | undefined;

afterEach(async () => {
  await collector?.close();
  // What is registered is of the whole process.
  trace.disable();
  context.disable();
  propagation.disable();
});

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

function spans(): OtlpSpan[] {
  return (collector?.received ?? []).flatMap(({ body }) => {
    const { resourceSpans } = JSON.parse(body.toString()) as {
      resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[];
    };
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  });
}

const traceId = "0af7651916cd43dd8448eb211c80319c";
const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };

test("without an SDK nothing is made, and the work runs all the same", async () => {
  expect(isTracing()).toBe(false);
  expect(await traceRequest(headers, async (span) => span)).toBeNull();
  expect(await traceStep("router.plan", {}, async () => 1)).toBe(1);
});

test("spans continue the client's trace, hang below each other, and reach the collector", async () => {
  collector = await startLocalServer();
  const traces = startTraces({ otlpEndpoint: `${collector.url}/v1/traces`, headers: { "x-key": "k" } });
  let forwarded: Record<string, string> = {};
  await traceRequest(headers, async (span) => {
    await traceStep("router.plan", {}, async () => {});
    await traceStep("router.subgraph", { "tessera.subgraph": "users" }, async () => {
      forwarded = {};
      propagation.inject(context.active(), forwarded);
    });
    if (span) describeSpan(span, recordOf(operationOf("query Profile { old }"), { errorCodes: ["FORBIDDEN"] }));
  });
  await traces.close();

  const [plan, subgraph, request] = spans();
  expect([plan?.name, subgraph?.name, request?.name]).toEqual(["router.plan", "router.subgraph", "query Profile"]);
  expect(request).toMatchObject({ traceId, parentSpanId: "b7ad6b7169203331" });
  for (const span of [plan, subgraph]) expect(span).toMatchObject({ traceId, parentSpanId: request?.spanId });
  expect(forwarded.traceparent).toBe(`00-${traceId}-${subgraph?.spanId}-01`);
  expect(request?.status).toMatchObject({ code: 2, message: "FORBIDDEN" });
  const attributes = Object.fromEntries(
    request?.attributes.map(({ key, value }) => [key, Object.values(value)[0]]) ?? [],
  );
  expect(attributes).toMatchObject({
    "graphql.operation.type": "query",
    "graphql.operation.name": "Profile",
    "http.response.status_code": 200,
  });
  expect(collector?.received[0]?.headers["x-key"]).toBe("k");
});

test("a failed step is marked, and its error goes on", async () => {
  collector = await startLocalServer();
  const traces = startTraces({ otlpEndpoint: `${collector.url}/v1/traces` });
  const failing = traceRequest({}, () => traceStep("router.plan", {}, () => Promise.reject(new Error("no plan"))));
  await expect(failing).rejects.toThrow("no plan");
  await traces.close();
  expect(spans().map(({ status }) => status.message)).toEqual(["no plan", "no plan"]);
});

test("of requests nobody else has decided about, only the share that is asked for is recorded", async () => {
  collector = await startLocalServer();
  const traces = startTraces({ otlpEndpoint: `${collector.url}/v1/traces`, sampleRatio: 0 });
  await traceRequest({}, async () => {});
  await traceRequest(headers, async () => {});
  await traces.close();
  expect(spans().map((span) => span.traceId)).toEqual([traceId]);
});
