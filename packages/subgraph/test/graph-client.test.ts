import { randomBytes } from "node:crypto";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { moduleServiceId } from "@tessera/access";
import { newId } from "@tessera/database";
import { startGraph, startSubgraph, type TestGraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caller, refusals, silent } from "./caller/caller.js";
import ledger, { entryAdded } from "./ledger/ledger.js";

const tenantId = newId();
const person = { id: newId(), tenantId, scopes: ["ledger:read", "ledger:write"] };
const reader = { ...person, id: newId(), scopes: ["ledger:read"] };
const stranger = { id: newId(), tenantId: newId(), scopes: ["ledger:read", "ledger:write"] };
const add = "mutation ($text: String!) { addLedgerEntry(text: $text) { text writtenBy } }";
const entries = "{ ledgerEntries { text } }";
const asked =
  "query ($q: String!, $v: JSON, $s: [String!]!, $t: Int) { asked(query: $q, variables: $v, scopes: $s, timeoutMs: $t) }";

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
beforeAll(() => provider.register());
afterAll(() => provider.shutdown());

describe.each(["single", "distributed"] as const)("a module asks the supergraph, topology %s", (topology) => {
  let graph: TestGraph;
  beforeAll(async () => {
    graph = await startGraph([ledger, caller], { topology });
  });
  afterAll(() => graph.close());

  const ask = (who: typeof person, q: string, s: string[], more: { v?: object; t?: number } = {}) =>
    graph.ask(who, asked, { q, s, ...more });
  const codeOf = async (answer: ReturnType<typeof ask>) => (await answer).errors?.[0]?.extensions.code;

  test("it acts under its own name for the tenant of the caller", async () => {
    const { data } = await ask(person, add, ["ledger:write"], { v: { text: "by a module" } });
    expect(data.asked).toEqual({
      data: { addLedgerEntry: { text: "by a module", writtenBy: moduleServiceId("caller") } },
    });
    await graph.settle();
    const seen = graph.published(entryAdded).at(-1);
    expect(seen).toMatchObject({ tenantId, actorId: moduleServiceId("caller"), depth: 1 });
  });

  test("it has the scopes it states and no other, whatever the person behind it may do", async () => {
    const without = await ask(person, add, ["ledger:read"], { v: { text: "no" } });
    expect(without.data.asked).toMatchObject({
      data: null,
      errors: [{ extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE" } }],
    });
    const holding = await ask(person, add, ["ledger:write"], { v: { text: "yes" } });
    expect(holding.data.asked.errors).toBeUndefined();
  });

  test("nobody gets more rights through a module than they have", async () => {
    expect(await codeOf(ask(reader, add, ["ledger:write"], { v: { text: "no" } }))).toBe("GRAPH_SCOPES_EXCEEDED");
    expect((await ask(reader, entries, ["ledger:read"])).errors).toBeUndefined();
  });

  test("it does not reach another tenant", async () => {
    await ask(person, add, ["ledger:write"], { v: { text: "mine" } });
    const own = await ask(person, entries, ["ledger:read"]);
    const others = await ask(stranger, entries, ["ledger:read"]);
    expect(own.data.asked.data.ledgerEntries).toContainEqual({ text: "mine" });
    expect(others.data.asked).toEqual({ data: { ledgerEntries: [] } });
  });

  test("the request keeps its name and its trace on all its ways", async () => {
    const traceId = randomBytes(16).toString("hex");
    const variables = { q: add, v: { text: "named" }, s: ["ledger:write"] };
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    const { requestId } = await graph.ask(person, asked, variables, headers);
    await graph.settle();
    expect(graph.published(entryAdded).at(-1)).toMatchObject({ payload: { text: "named" }, correlationId: requestId });
    const writing = exporter.getFinishedSpans().filter(({ name }) => name === "database.transaction");
    expect(writing.map((span) => span.spanContext().traceId)).toContain(traceId);
  });

  test("it waits no longer than it says", async () => {
    const slow = "{ slowLedger(milliseconds: 8000) }";
    const started = Date.now();
    expect(await codeOf(ask(person, slow, ["ledger:read"], { t: 100 }))).toBe("GRAPH_TIMEOUT");
    expect(Date.now() - started).toBeLessThan(6_000);
    const quick = await ask(person, "{ slowLedger(milliseconds: 1) }", ["ledger:read"], { t: 5_000 });
    expect(quick.data.asked).toEqual({ data: { slowLedger: true } });
  });

  test("a mistake in the operation is an answer, a scope that is none a refusal", async () => {
    const { data } = await ask(person, "{ noSuchField }", ["ledger:read"]);
    expect(data.asked.errors[0].extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(await codeOf(ask(person, entries, ["everything"]))).toBe("GRAPH_SCOPE_INVALID");
  });

  test("what triggers itself comes to an end", async () => {
    refusals.length = 0;
    await graph.data(person, add, { text: "echo" });
    await graph.settle();
    const echoes = graph.published(entryAdded).filter(({ payload }) => payload.text === "echo");
    expect(echoes.map(({ depth = 0 }) => depth)).toEqual(Array.from({ length: 17 }, (_, index) => index));
    expect(refusals).toEqual(["GRAPH_TOO_DEEP"]);
  });
});

describe("a module that cannot", () => {
  test("one that does not state that it calls the supergraph is refused", async () => {
    const started = await startSubgraph(silent);
    const error = await started.as(person).error(asked, { q: entries, s: ["ledger:read"] });
    expect(error).toMatchObject({ code: "GRAPH_NOT_STATED", details: { module: "caller" } });
    await started.close();
  });

  test("one whose supergraph is not there is told to try again", async () => {
    const started = await startSubgraph(caller);
    const error = await started.as(person).error(asked, { q: entries, s: ["ledger:read"] });
    expect(error.code).toBe("GRAPH_UNAVAILABLE");
    await started.close();
  });
});
