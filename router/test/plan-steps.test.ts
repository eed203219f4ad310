/** Steps of plans that everyday schemas rarely need: interface objects, renamed fields, conditions, parallel branches. */
import { buildSubgraphSchema } from "@apollo/subgraph";
import type { SubgraphConnection, SubgraphRequest } from "@tessera/shared-types";
import { type ExecutionResult, execute, parse, subscribe } from "graphql";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { compose } from "../src/index.js";
import { client, take } from "./world/socket.js";
import { startWorld, type World } from "./world/world.js";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@interfaceObject"])\n`;

/** `label` is non-null on one type and nullable on the other here, so the planner has to rename one of them. */
const stream = `${link}
  type Query { assets: [Asset!]! }
  type Subscription { moved: Asset }
  interface Asset @key(fields: "id") { id: ID! }
  type Truck implements Asset @key(fields: "id") { id: ID! label: String! @shareable }
  type Plane implements Asset @key(fields: "id") { id: ID! label: String @shareable }
`;
/** Adds a field to every asset without knowing which kinds there are. */
const owners = `${link}
  type Asset @key(fields: "id") @interfaceObject { id: ID! owner: String code(prefix: String! = "x"): String }
`;
const labels = `${link}
  type Truck @key(fields: "id") { id: ID! label: String @shareable wheels: Int }
`;

const truck = { __typename: "Truck", id: "t1", label: "Truck one" };
const plane = { __typename: "Plane", id: "p1", label: "Plane one" };
const resolvers = {
  stream: {
    Query: { assets: () => [truck, plane] },
    Subscription: {
      moved: {
        subscribe: async function* () {
          yield { moved: truck };
          yield { moved: plane };
        },
      },
    },
  },
  owners: {
    Asset: {
      __resolveReference: ({ id }: { id: string }) => ({ id, owner: `owner of ${id}` }),
      code: ({ id }: { id: string }, { prefix }: { prefix: string }) => `${prefix}-${id}`,
    },
  },
  labels: { Truck: { __resolveReference: ({ id }: { id: string }) => ({ id, wheels: 6, label: "unused" }) } },
};
const sources = { stream, owners, labels };

const asked: { readonly subgraph: string; readonly request: SubgraphRequest }[] = [];
function connect(name: keyof typeof sources): SubgraphConnection {
  const schema = buildSubgraphSchema({ typeDefs: parse(sources[name]), resolvers: resolvers[name] as never });
  const argsOf = (request: SubgraphRequest) => {
    asked.push({ subgraph: name, request });
    return { schema, document: parse(request.query), variableValues: request.variables ?? {} };
  };
  return {
    name,
    execute: async (request) => execute(argsOf(request)),
    subscribe: async (request) => (await subscribe(argsOf(request))) as AsyncGenerator<ExecutionResult, void, void>,
    close: async () => {},
  };
}

let world: World;
beforeAll(async () => {
  const names = Object.keys(sources) as (keyof typeof sources)[];
  const { supergraphSdl } = compose(names.map((name) => ({ name, sdl: sources[name], file: `/${name}.graphql` })));
  world = await startWorld({ supergraphSdl, connections: names.map(connect) });
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(() => world.router.close());

const events = async (query: string, variables = {}) =>
  (await take(client(world.router), query, 10, variables)).map(({ data, errors }) => ({
    moved: data?.moved,
    ...(errors ? { errors } : {}),
  }));

test("a field that an interface object adds reaches every kind of the interface", async () => {
  expect(await events("subscription { moved { __typename id owner code } }")).toEqual([
    { moved: { __typename: "Truck", id: "t1", owner: "owner of t1", code: "x-t1" } },
    { moved: { __typename: "Plane", id: "p1", owner: "owner of p1", code: "x-p1" } },
  ]);
});

test("fields that one subgraph types differently come back under the client's name", async () => {
  expect(await events("subscription { moved { ... on Truck { label } ... on Plane { label } } }")).toEqual([
    { moved: { label: "Truck one" } },
    { moved: { label: "Plane one" } },
  ]);
});

test("a condition decides by its variable which subgraphs are asked", async () => {
  const text =
    "subscription ($with: Boolean!) { moved { id owner @include(if: $with) ... on Truck @skip(if: $with) { wheels } } }";
  expect(await events(text, { with: true })).toEqual([
    { moved: { id: "t1", owner: "owner of t1" } },
    { moved: { id: "p1", owner: "owner of p1" } },
  ]);
  expect(asked.map(({ subgraph }) => subgraph)).toEqual(["stream", "owners", "owners"]);
  asked.length = 0;
  expect(await events(text, { with: false })).toEqual([{ moved: { id: "t1", wheels: 6 } }, { moved: { id: "p1" } }]);
  expect(asked.map(({ subgraph }) => subgraph)).toEqual(["stream", "labels"]);
});

test("variables go to the subgraphs that use them", async () => {
  const text = "subscription ($prefix: String!) { moved { code(prefix: $prefix) ... on Truck { wheels } } }";
  expect(await events(text, { prefix: "k" })).toEqual([
    { moved: { code: "k-t1", wheels: 6 } },
    { moved: { code: "k-p1" } },
  ]);
  const variablesOf = (name: string) =>
    Object.keys(asked.find(({ subgraph }) => subgraph === name)?.request.variables ?? {}).sort();
  expect(variablesOf("owners")).toEqual(["prefix", "representations"]);
  expect(variablesOf("labels")).toEqual(["representations"]);
  expect(variablesOf("stream")).toEqual([]);
});

test("queries over the same supergraph agree", async () => {
  const { data } = await world.ask(
    "{ assets { __typename id owner ... on Truck { label wheels } ... on Plane { label } } }",
  );
  expect(data).toEqual({
    assets: [
      { __typename: "Truck", id: "t1", owner: "owner of t1", label: "Truck one", wheels: 6 },
      { __typename: "Plane", id: "p1", owner: "owner of p1", label: "Plane one" },
    ],
  });
});
