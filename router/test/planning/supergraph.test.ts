import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from "@apollo/federation-internals";
import { printSchema } from "graphql";
import { expect, test } from "vitest";
import { compose } from "../../src/composition/compose.js";
import { startPlanner } from "../../src/planning/start-planner.js";
import { buildSupergraph } from "../../src/supergraph/supergraph.js";
import { SupergraphError } from "../../src/supergraph/supergraph-error.js";
import { composeThin } from "./thin-execution.js";

const link = (version: string, imports: string) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/${version}", import: [${imports}])\n`;

const rich = compose([
  {
    name: "catalogue",
    url: "http://catalogue/graphql",
    file: "catalogue.graphql",
    sdl: `${link("v2.12", '"@key", "@inaccessible", "@tag", "@shareable", "@cost", "@listSize", "@authenticated", "@requiresScopes", "@policy", "@context", "@fromContext"')}
      directive @shown(as: String) on FIELD
      type Query @tag(name: "public") {
        item(id: ID!, secret: Int @inaccessible): Item @authenticated
        items(first: Int = 3, by: Order = NAME): [Item!]! @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
        page(first: Int): Page! @listSize(slicingArguments: ["first"], sizedFields: ["items"]) @cost(weight: 3)
        hidden: Hidden @inaccessible
        things: [Thing!]!
        find(by: Filter): [Item]
      }
      type Page { items: [Item!]! }
      "What is sold."
      type Item implements Named & Concealed @key(fields: "id") @cost(weight: 5) @context(name: "item") {
        id: ID!
        name: String @deprecated(reason: "Use title.") @policy(policies: [["p"]])
        title: Title
        cost: Int @inaccessible
        part: Part
        none: String
      }
      type Part @key(fields: "no") { no: ID! of(item: String @fromContext(field: "$item { none }")): String }
      interface Named { id: ID! }
      interface Concealed @inaccessible { none: String }
      type Hidden implements Named @inaccessible { id: ID! }
      union Thing = Item | Page | Hidden
      scalar Title @specifiedBy(url: "https://title.example")
      enum Order { NAME PRICE @inaccessible @tag(name: "x") SIZE @deprecated }
      input Filter { word: String = "a" limit: Int @inaccessible order: Order = NAME }`,
  },
  {
    name: "prices",
    file: "prices.graphql",
    sdl: `${link("v2.9", '"@key", "@requiresScopes", "@cost"')}
      type Item @key(fields: "id") { id: ID! price(in: String @cost(weight: 2)): Int @requiresScopes(scopes: [["prices:read"]]) }`,
  },
]).supergraphSdl;

test("The API schema is the one Apollo's library gives", () => {
  const supergraph = Supergraph.build(rich, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
  const theirs = printSchema(supergraph.apiSchema().toGraphQLJSSchema());
  const inOrder = (text: string) => text.split("\n\n").sort();
  expect(inOrder(printSchema(buildSupergraph(rich, { defer: false }).apiSchema))).toEqual(inOrder(theirs));
});

test("Clients may use @defer unless it is turned off", () => {
  expect(buildSupergraph(rich).apiSchema.getDirective("defer")).toBeDefined();
  expect(buildSupergraph(rich, { defer: false }).apiSchema.getDirective("defer")).toBeUndefined();
});

test("Everything the router enforces is read, and the planner takes the same file", async () => {
  const { subgraphs, access, demand, subtypes, requiredFields } = buildSupergraph(rich);
  expect(subgraphs).toEqual([
    { name: "catalogue", url: "http://catalogue/graphql", graph: "CATALOGUE" },
    { name: "prices", url: "http://localhost/graphql", graph: "PRICES" },
  ]);
  expect(Object.fromEntries(access)).toEqual({
    "Query.item": [{}],
    "Item.name": [{ policies: [["p"]] }],
    "Item.price": [{ scopes: [["prices:read"]] }],
  });
  expect(Object.fromEntries(demand.weights)).toEqual({ "Query.page": 3, Item: 5, "Item.price(in:)": 2 });
  expect(demand.listSizes.get("Query.page")).toEqual({
    assumedSize: null,
    slicingArguments: ["first"],
    sizedFields: ["items"],
    requireOneSlicingArgument: true,
  });
  expect(demand.listSizes.get("Query.items")).toMatchObject({ requireOneSlicingArgument: false });
  expect([...(subtypes.possibleTypes.get("Thing") ?? [])].sort()).toEqual(["Hidden", "Item", "Page"]);
  expect([...(subtypes.supertypes.get("Item") ?? [])].sort()).toEqual(["Concealed", "Named", "Thing"]);
  expect([...requiredFields]).toEqual(["none"]);

  const planner = await startPlanner({ supergraphSdl: rich, workers: 0 });
  const planned = await planner.plan({ text: "{ items { price part { of } } }", overrides: [] });
  expect(planned.plan.node).toMatchObject({ kind: "Sequence" });
});

const plain = composeThin({ one: { sdl: 'type Query { a: A } type A @key(fields: "id") { id: ID! x: Int }' } });

test.each(["v0.2", "v0.3", "v0.4", "v0.5"])("A supergraph of join %s is read and planned", async (version) => {
  const sdl = plain.replace(/join\/v0\.\d/, `join/${version}`);
  expect(sdl).toContain(`join/${version}`);
  expect(buildSupergraph(sdl).subgraphs).toHaveLength(1);
  const planner = await startPlanner({ supergraphSdl: sdl, workers: 0 });
  await expect(planner.plan({ text: "{ a { x } }", overrides: [] })).resolves.toBeDefined();
});

test("Specs that are linked under another name are found", () => {
  const renamed = rich
    .replace(
      '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)',
      '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", as: "veil", for: SECURITY)',
    )
    .replaceAll("@inaccessible", "@veil")
    .replace('import: ["@listSize"]', 'import: ["@listSize", { name: "@cost", as: "@weighs" }]')
    .replaceAll(/@cost(?!__)(?=\(| on)/g, "@weighs");
  const { apiSchema, demand } = buildSupergraph(renamed);
  expect(apiSchema.getType("Hidden")).toBeUndefined();
  expect(apiSchema.getDirective("veil")).toBeUndefined();
  expect(demand.weights.get("Item")).toBe(5);
});

test.each([
  ["SUPERGRAPH_NOT_GRAPHQL", "type Query {", /line 1/],
  ["SUPERGRAPH_NOT_GRAPHQL", "", /Compose it again/],
  ["SUPERGRAPH_NOT_COMPOSED", "type Query { a: Int }", /rover supergraph compose/],
  ["SUPERGRAPH_NOT_COMPOSED", `${link("v2.9", '"@key"')} type Query { a: Int }`, /one subgraph/],
  [
    "SUPERGRAPH_OF_FEDERATION_1",
    'schema @core(feature: "https://specs.apollo.dev/core/v0.2") @core(feature: "https://specs.apollo.dev/join/v0.1", for: EXECUTION) { query: Query } type Query { a: Int }',
    /Compose the same subgraphs with Federation 2/,
  ],
  ["SUPERGRAPH_FEATURE_UNKNOWN", plain.replace("join/v0.5", "join/v0.9"), /join\/v0\.9 for EXECUTION/],
  [
    "SUPERGRAPH_FEATURE_UNKNOWN",
    plain.replace("{\n  query", '@link(url: "https://example.org/guard/v1.0", for: SECURITY) {\n  query'),
    /guard\/v1\.0 for SECURITY/,
  ],
  ["SUPERGRAPH_INVALID", plain.replace(/a: A\b/, "a: Absent"), /Absent/],
])("%s: what cannot be served is refused with what to do", (code, sdl, message) => {
  expect(() => buildSupergraph(sdl)).toThrow(SupergraphError);
  expect(() => buildSupergraph(sdl)).toThrow(message);
  expect(() => buildSupergraph(sdl)).toThrow(expect.objectContaining({ code }));
});

test("A feature that is linked without a purpose may be unknown", () => {
  const linked = plain.replace("{\n  query", '@link(url: "https://example.org/notes/v1.0") {\n  query');
  expect(linked).not.toBe(plain);
  expect(buildSupergraph(linked).subgraphs).toHaveLength(1);
});
