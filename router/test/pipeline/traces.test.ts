import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openShop } from "./shop.js";

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const traceId = "0af7651916cd43dd8448eb211c80319c";
const client = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: "vendor=1" };

beforeAll(() => provider.register());
beforeEach(() => exporter.reset());
afterAll(() => provider.shutdown());

function spansNamed(name: string) {
  const spans = exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
  return spans.filter((span) => span.name === name);
}

test("the trace of a client goes on through the router's spans into what each subgraph gets", async () => {
  const { ask, products, reviews } = await openShop();
  expect((await ask("query Stars { top { stars } }", client)).errors).toBeUndefined();
  const [request] = spansNamed("query Stars");
  expect(request?.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
  const [plan] = spansNamed("router.plan");
  expect(plan?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
  const calls = spansNamed("router.subgraph");
  expect(calls.map(({ attributes }) => attributes["tessera.subgraph"])).toEqual(["products", "reviews"]);
  [products, reviews].forEach(({ received }, at) => {
    expect(calls[at]?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(received[0]?.traceparent).toBe(`00-${traceId}-${calls[at]?.spanContext().spanId}-01`);
    expect(received[0]?.tracestate).toBe("vendor=1");
  });
});

test("a plan that is known is not made again, and a client without a trace begins one", async () => {
  const { ask, products } = await openShop();
  await ask("{ top { id } }", client);
  exporter.reset();
  await ask("{ top { id } }", client);
  expect(spansNamed("router.plan")).toEqual([]);
  expect(spansNamed("router.subgraph")).toHaveLength(1);
  await ask("{ top { id } }");
  expect(products.received.at(-1)?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(products.received.at(-1)?.traceparent).not.toContain(traceId);
});
