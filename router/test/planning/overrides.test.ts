import { parse } from "graphql";
import { expect, test } from "vitest";
import { createOverrides, type DecideLabels, type OverrideConfig } from "../../src/planning/overrides.js";
import { createRequestContext, type RequestContext } from "../../src/request/request-context.js";
import { buildSupergraph } from "../../src/supergraph/supergraph.js";
import { composeThin, thinWorld } from "./thin-execution.js";

const thing = (where: string) => ({
  Query: { things: () => [{ id: "1", size: where, weight: where }] },
  Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, size: where, weight: where, owner: where }) },
});
const subgraphs = {
  old: {
    sdl: `
      type Query { things: [Thing!]! other: Other }
      type Thing @key(fields: "id") { id: ID! size: String weight: String owner: String }
      type Other { id: ID! }`,
    resolvers: thing("old"),
  },
  fresh: {
    sdl: `
      type Thing @key(fields: "id") {
        id: ID!
        size: String @override(from: "old", label: "percent(25)")
        weight: String @override(from: "old", label: "new-scales")
      }
      type Other @shareable { id: ID! }`,
    resolvers: thing("fresh"),
  },
};
subgraphs.old.sdl = subgraphs.old.sdl.replace("type Other {", "type Other @shareable {");

const supergraph = buildSupergraph(composeThin(subgraphs));

function contextOf(requestId: string): RequestContext {
  const { signal } = new AbortController();
  return createRequestContext({ requestId, actor: null, deadline: Number.POSITIVE_INFINITY, signal }, {});
}

function operation(text: string) {
  const document = parse(text);
  const [first] = document.definitions;
  if (first?.kind !== "OperationDefinition") throw new Error("no operation");
  return { document, operation: first };
}

const things = operation("{ things { id size weight } }");
const labels = (config: OverrideConfig, id = "r", custom?: DecideLabels) =>
  createOverrides(supergraph, config, custom).labelsFor(things, contextOf(id));

test("The supergraph says which labels it has, and where", () => {
  expect(Object.fromEntries(supergraph.overrideLabels)).toEqual({
    "Thing.size": ["percent(25)"],
    "Thing.weight": ["new-scales"],
  });
});

test("A label decides which subgraph is asked", async () => {
  const world = await thinWorld(subgraphs);
  const text = "{ things { size weight } }";
  expect(await world.ask(text)).toEqual({ things: [{ size: "old", weight: "old" }] });
  expect(await world.ask(text, {}, ["new-scales"])).toEqual({ things: [{ size: "old", weight: "fresh" }] });
  expect(await world.ask(text, {}, ["new-scales", "percent(25)"])).toEqual({
    things: [{ size: "fresh", weight: "fresh" }],
  });
});

test("The config turns a label on and off", () => {
  expect(labels({ "new-scales": true, "percent(25)": false })).toEqual(["new-scales"]);
  expect(labels({ "new-scales": false, "percent(25)": true })).toEqual(["percent(25)"]);
});

test("A percentage is of requests, by the label itself or by the config, and one request always gets the same", () => {
  const requests = Array.from({ length: 2_000 }, (_, at) => `request ${at}`);
  const share = (label: string, config: OverrideConfig) =>
    requests.filter((id) => (labels(config, id) as string[]).includes(label)).length / requests.length;
  expect(share("percent(25)", {})).toBeCloseTo(0.25, 1);
  expect(share("percent(25)", { "percent(25)": 60 })).toBeCloseTo(0.6, 1);
  expect(share("new-scales", { "new-scales": 0 })).toBe(0);
  expect(share("new-scales", { "new-scales": 100 })).toBe(1);
  expect(labels({ "new-scales": 50 }, "the same")).toEqual(labels({ "new-scales": 50 }, "the same"));
});

test("A function decides what neither says, and a label nobody decides is off", async () => {
  const off = { "percent(25)": false };
  expect(labels(off)).toEqual([]);
  const asked: (readonly string[])[] = [];
  const custom: DecideLabels = (open, { facts }) => {
    asked.push(open);
    return facts.requestId === "tester" ? ["new-scales", "percent(25)", "unknown"] : [];
  };
  expect(labels(off, "tester", custom)).toEqual(["new-scales"]);
  expect(labels(off, "somebody", custom)).toEqual([]);
  expect(asked).toEqual([["new-scales"], ["new-scales"]]);
  expect(await labels(off, "later", async () => ["new-scales"])).toEqual(["new-scales"]);
});

test("An operation that cannot meet a label has none", () => {
  const overrides = createOverrides(supergraph, { "new-scales": true, "percent(25)": true });
  expect(overrides.labelsFor(operation("{ other { id } }"), contextOf("r"))).toEqual([]);
  expect(overrides.labelsFor(operation("{ things { id } }"), contextOf("r"))).toEqual(["new-scales", "percent(25)"]);
});
