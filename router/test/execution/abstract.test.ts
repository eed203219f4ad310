/** Interfaces, unions, interface objects, and fields that subgraphs type differently. */
import { expect, test } from "vitest";
import { Federation, type SubgraphOfTest } from "./federation.js";

const truck = { __typename: "Truck", id: "t1", label: "Truck one", base: { __typename: "Yard", id: "y" } };
const plane = { __typename: "Plane", id: "p1", label: "Plane one", base: { __typename: "Port", id: "z" } };
const ghost = { __typename: "Secret", id: "s1" };
const fleet: Record<string, SubgraphOfTest> = {
  stream: {
    sdl: `type Query { assets: [Asset]! things: [Thing] hidden: [Asset] }
      union Thing = Truck | Yard
      interface Asset @key(fields: "id") { id: ID! }
      type Truck implements Asset @key(fields: "id") { id: ID! label: String! @shareable base: Base }
      type Plane implements Asset @key(fields: "id") { id: ID! label: String @shareable base: Base }
      type Secret implements Asset @key(fields: "id") @inaccessible { id: ID! }
      interface Base { id: ID! } type Yard implements Base @key(fields: "id") { id: ID! } type Port implements Base @key(fields: "id") { id: ID! }`,
    resolvers: {
      Query: {
        assets: () => [truck, plane, null, truck],
        things: () => [{ __typename: "Yard", id: "y" }, truck, null],
        hidden: () => [ghost, truck],
      },
      Asset: { __resolveReference: ({ id }: { id: string }) => [truck, plane].find((one) => one.id === id) },
    },
  },
  owners: {
    sdl: `type Query { owned: [Asset] } type Asset @key(fields: "id") @interfaceObject { id: ID! owner: String code(prefix: String! = "x"): String }`,
    resolvers: {
      Query: { owned: () => [{ id: "p1" }, { id: "t1" }] },
      Asset: {
        __resolveReference: ({ id, __typename }: { id: string; __typename: string }) => ({
          id,
          owner: `${__typename} ${id}`,
        }),
        owner: ({ id }: { id: string }) => `Asset ${id}`,
        code: ({ id }: { id: string }, { prefix }: { prefix: string }) => `${prefix}-${id}`,
      },
    },
  },
  places: {
    sdl: `type Truck @key(fields: "id") { id: ID! wheels: Int } type Yard @key(fields: "id") { id: ID! city(n: Int): String gates: Int } type Port @key(fields: "id") { id: ID! city(n: Int): String }`,
    resolvers: {
      Truck: { wheels: () => 6 },
      Yard: { city: (_: unknown, { n }: { n?: number }) => `Yardley ${n}`, gates: () => 4 },
      Port: { city: () => "Portland" },
    },
  },
};
const federation = new Federation(fleet);

test("a field that an interface object adds reaches every kind of the interface", async () => {
  const { data, errors } = await federation.askEveryWay("{ assets { __typename id owner code } }");
  expect(errors).toEqual([]);
  const first = { __typename: "Truck", id: "t1", owner: "Asset t1", code: "x-t1" };
  expect(data?.assets).toEqual([
    first,
    { __typename: "Plane", id: "p1", owner: "Asset p1", code: "x-p1" },
    null,
    first,
  ]);
});

test("objects that come as an interface object learn what they are", async () => {
  const { data, errors } = await federation.askEveryWay(
    "{ owned { __typename owner ... on Truck { label wheels } ... on Plane { name: label } } }",
  );
  expect(errors).toEqual([]);
  expect(data?.owned).toEqual([
    { __typename: "Plane", owner: "Asset p1", name: "Plane one" },
    { __typename: "Truck", owner: "Asset t1", label: "Truck one", wheels: 6 },
  ]);
});

test("fields that one subgraph types differently come back under the client's name", async () => {
  const { data } = await federation.askEveryWay("{ assets { ... on Truck { label wheels } ... on Plane { label } } }");
  expect(data?.assets).toEqual([
    { label: "Truck one", wheels: 6 },
    { label: "Plane one" },
    null,
    { label: "Truck one", wheels: 6 },
  ]);
});

test("unions and fragments inside fragments", async () => {
  const { data } = await federation.askEveryWay(
    "{ things { ... on Truck { wheels ... on Asset { owner } } ... on Yard { gates city(n: 1) } __typename } }",
  );
  expect(data?.things).toEqual([
    { gates: 4, city: "Yardley 1", __typename: "Yard" },
    { wheels: 6, owner: "Asset t1", __typename: "Truck" },
    null,
  ]);
});

test("an object of a type clients do not see is null", async () => {
  const { data } = await federation.askEveryWay("{ hidden { id owner } }");
  expect(data?.hidden).toEqual([null, { id: "t1", owner: "Asset t1" }]);
});

test("paths with type conditions reach only the objects of these types", async () => {
  const conditioned = new Federation(fleet, { typeConditionedFetching: true });
  const query =
    "{ assets { ... on Truck { base { ... on Yard { city(n: 1) gates } } } ... on Plane { base { ... on Port { city(n: 2) } } } } }";
  expect(JSON.stringify(conditioned.plan(query))).toContain("|[");
  const { data } = await conditioned.askEveryWay(query);
  const first = { base: { city: "Yardley 1", gates: 4 } };
  expect(data?.assets).toEqual([first, { base: { city: "Portland" } }, null, first]);
});
