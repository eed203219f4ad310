import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { createSigner, createVerifier, generateSigningKey, tesseraIssuer } from "@tessera/access";
import { newId } from "@tessera/database";
import { startSubgraph, type TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServedSubgraph, serveSubgraph } from "../src/index.js";
import library from "./library/library.js";

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const traceId = "0af7651916cd43dd8448eb211c80319c";

let started: TestSubgraph;
let served: ServedSubgraph;
let token: string;

beforeAll(async () => {
  provider.register();
  const key = await generateSigningKey();
  const verifier = createVerifier({ issuers: [tesseraIssuer({ keys: async () => ({ keys: [key.publicJwk] }) })] });
  const scopes = new Set(["library:read", "library:write"]);
  const actor = { kind: "user", id: newId(), tenantId: newId(), scopes, roles: [], attributes: {} } as const;
  token = (await createSigner({ key }).sign(actor)).token;
  started = await startSubgraph(library);
  served = await serveSubgraph(library, { ...started.runtime, verifier }, { port: 0 });
});
afterAll(async () => {
  await served.close();
  await started.close();
  await provider.shutdown();
});

async function spansOf(query: string) {
  exporter.reset();
  const response = await fetch(served.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${token}`,
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    },
    body: JSON.stringify({ query }),
  });
  expect(await response.json()).not.toHaveProperty("errors");
  const spans = exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
  return { spans, request: spans.find(({ name }) => name === "subgraph.request") };
}

test.each([
  [`{ book(id: "${newId()}") { title } }`, "database.read"],
  ['mutation { addBook(title: "Traces") { id } }', "database.transaction"],
])("a stand-alone subgraph continues the trace of the router down to the database: %s", async (query, name) => {
  const { spans, request } = await spansOf(query);
  expect(request?.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
  expect(request?.attributes).toEqual({ "tessera.subgraph": "library" });
  const database = spans.find((span) => span.name === name);
  expect(database?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
  expect(database?.attributes["db.system.name"]).toBe("postgresql");
});

test("a request that touches no data has no span of the database", async () => {
  const { spans } = await spansOf("{ motto }");
  expect(spans.map(({ name }) => name)).toEqual(["subgraph.request"]);
});
