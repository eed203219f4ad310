import { buildSchema, GraphQLError, type OperationDefinitionNode, parse } from "graphql";
import { expect, test } from "vitest";
import { compilePartProjection } from "../../../src/execution/text/part-projection.js";
import { compileProjection } from "../../../src/execution/text/projection.js";
import { compileReader } from "../../../src/execution/text/read-answer.js";

const schema = buildSchema(`
  type Query { users: [User!] node: Node users10k: [User!]! }
  interface Node { id: ID! }
  type User implements Node { id: ID! name: String age: Int ages: [Int!] friend: User boss: User! }
  type Item implements Node { id: ID! price: Float! }
`);

function projectionOf(text: string, responseNames: Record<string, string> = {}) {
  const document = parse(text);
  const operation = document.definitions[0] as OperationDefinitionNode;
  return compileProjection({ schema, document, operation, responseNames, form: "text" });
}

test("leaves stay the bytes a subgraph wrote", () => {
  const read = compileReader(parse("{ users { id name } }"), "text");
  const { data } = read('{"data":{"users":[{"id":"1","name":"a\\n\\"b\\u00e9"},{"id":"2","name":null}]}}\n');
  expect(data).toEqual({
    users: [
      { id: '"1"', name: '"a\\n\\"b\\u00e9"' },
      { id: '"2"', name: null },
    ],
  });
});

test("errors and extensions of an answer are read beside its data", () => {
  const read = compileReader(parse("{ node { id } }"), "text");
  const answer = read('{"errors":[{"message":"no","path":["node"]}],"data":{"node":null},"extensions":{"cost":1}}');
  expect(answer).toEqual({
    data: { node: null },
    errors: [{ message: "no", path: ["node"] }],
    extensions: { cost: 1 },
    isGraphQL: true,
  });
});

test("a page of a proxy is not GraphQL", () => {
  const read = compileReader(parse("{ node { id } }"), "text");
  for (const text of ["<html>", "", "[]", "{}", '{"data":5}', '{"data":{"node":null}}}', "[".repeat(100_000)]) {
    expect(read(text).isGraphQL, text.slice(0, 30)).toBe(false);
  }
});

test("a key __proto__ that nobody selected is not read, and one that is selected changes no prototype", () => {
  const unasked = compileReader(parse("{ node { id } }"), "text")('{"data":{"node":{"id":"1","__proto__":{"x":1}}}}');
  expect(unasked.data).toEqual({ node: { id: '"1"' } });
  const asked = compileReader(parse("{ node { __proto__: id } }"), "text")('{"data":{"node":{"__proto__":"1"}}}');
  expect(Object.entries(asked.data?.node as object)).toEqual([["__proto__", '"1"']]);
});

test("a private alias is answered under the client's name", () => {
  const { project } = projectionOf("{ users { a__0: name id } }", { a__0: "name" });
  expect(project({ users: [{ a__0: '"x"', id: '"1"' }] }, {}, []).data.text).toBe('{"users":[{"name":"x","id":"1"}]}');
  const flawed = project({ users: [{ a__0: "true", id: "[]" }] }, {}, []);
  expect(flawed.data.text).toBe('{"users":null}');
  expect(flawed.errors.map(({ path }) => path)).toEqual([["users", 0, "id"]]);
});

test("a null that a known error explains is no second error, and one without is", () => {
  const { project } = projectionOf("{ users { boss { id } } }");
  const known = new GraphQLError("The subgraph is down.", { path: ["users", 0, "boss"] });
  expect(project({ users: [{ boss: null }] }, {}, [known])).toMatchObject({
    data: { text: '{"users":null}' },
    errors: [],
  });
  expect(project({ users: [{ boss: null }] }, {}, []).errors).toHaveLength(1);
});

test("a type clients cannot see is null with an error", () => {
  const { project } = projectionOf("{ node { id } }");
  const { data, errors } = project({ node: { __typename: '"Secret"', id: '"1"' } }, {}, []);
  expect(data.text).toBe('{"node":null}');
  expect(errors.map(({ path }) => path)).toEqual([["node"]]);
});

test("@skip and @include follow the variables of each request", () => {
  const { project } = projectionOf("query ($x: Boolean!) { users { id @skip(if: $x) name @include(if: $x) } }");
  const tree = { users: [{ id: "1", name: '"x"' }] };
  expect(project(tree, { x: true }, []).data.text).toBe('{"users":[{"name":"x"}]}');
  expect(project(tree, { x: false }, []).data.text).toBe('{"users":[{"id":"1"}]}');
});

test("a part of an operation is written from its own object on", () => {
  const [operation] = parse("{ users { id } }").definitions as OperationDefinitionNode[];
  if (!operation) throw new Error("There is an operation.");
  const part = { schema, operation, type: "Node", selection: "{ id ... on User { name } }", form: "text" } as const;
  const { project } = compilePartProjection(part);
  expect(project({ __typename: '"User"', id: '"1"', name: '"x"' }, {}, []).data.text).toBe('{"id":"1","name":"x"}');
  expect(project({ __typename: '"User"', id: null }, {}, []).errors.map(({ path }) => path)).toEqual([["id"]]);
});

test("long lists and wide selections are read and written", () => {
  const aliases = Array.from({ length: 3_000 }, (_, index) => `a${index}: name`).join(" ");
  const text = `{ users10k { id } users { ${aliases} } }`;
  const users10k = Array.from({ length: 10_000 }, (_, index) => ({ id: String(index) }));
  const wide = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`a${index}`, "x"]));
  const body = JSON.stringify({ users10k, users: [wide] });
  const { data } = compileReader(parse(text), "text")(`{"data":${body}}`);
  expect(projectionOf(text).project(data ?? null, {}, []).data.text).toBe(body);
});
