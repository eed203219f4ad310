/** Events of subscriptions, completed with the fields of other subgraphs. */
import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { Federation, readable, type SubgraphOfTest, ways } from "./federation.js";

const assets: Record<string, SubgraphOfTest> = {
  stream: {
    sdl: `type Query { a: Int } type Subscription { moved(kind: String): Asset } interface Asset @key(fields: "id") { id: ID! }
      type Truck implements Asset @key(fields: "id") { id: ID! label: String! @shareable } type Plane implements Asset @key(fields: "id") { id: ID! label: String @shareable }`,
    resolvers: {},
  },
  owners: {
    sdl: `type Asset @key(fields: "id") @interfaceObject { id: ID! owner: String }`,
    resolvers: { Asset: { owner: ({ id }: { id: string }) => `owner of ${id}` } },
  },
};
const federation = new Federation(assets);
const query =
  "subscription ($kind: String) { moved(kind: $kind) { id owner ... on Truck { label } ... on Plane { label } } }";

test("the source is one operation of the subgraph that has the stream, with the variables it takes", () => {
  const { source, kind } = federation.compile(query, { form: "text", mergeFetches: true });
  expect(kind).toBe("subscription");
  expect(source?.operation).toMatchObject({ subgraph: "stream", kind: "subscription" });
  expect(source?.variablesOf({ kind: "x", other: 1 })).toEqual({ kind: "x" });
});

test("an event is completed with other subgraphs' fields, and itself left as it is", async () => {
  for (const way of ways) {
    const executable = federation.compile(query, way);
    const event = { data: { moved: { __typename: "Plane", id: "p", label__alias_0: "Plane ü", label: undefined } } };
    const before = JSON.stringify(event);
    const { data, errors } = readable(await executable.complete(event, federation.execution(query, {}, way.form)));
    expect(errors).toEqual([]);
    expect(data).toEqual({ moved: { id: "p", owner: "owner of p", label: "Plane ü" } });
    expect(JSON.stringify(event)).toBe(before);
  }
});

test("errors of an event keep their code, and its null is an answer", async () => {
  const executable = federation.compile(query, { form: "text", mergeFetches: true });
  const failed = {
    data: { moved: null },
    errors: [new GraphQLError("lost", { path: ["moved"], extensions: { code: "LOST" } })],
  };
  const { data, errors } = readable(await executable.complete(failed, federation.execution(query, {}, "text")));
  expect(data).toEqual({ moved: null });
  expect(errors).toEqual([{ message: "lost", path: ["moved"], code: "LOST", module: "stream" }]);
});
