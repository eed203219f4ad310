/** Introspection beside ordinary fields, and plans that have nothing. */
import { getIntrospectionQuery, graphqlSync, parse } from "graphql";
import { expect, test } from "vitest";
import { compileOperation } from "../../src/execution/compile.js";
import { Federation } from "./federation.js";
import { shop } from "./shop.js";

const federation = new Federation(shop);

test("the schema is answered as graphql-js answers it", async () => {
  const { data } = await federation.askEveryWay(getIntrospectionQuery());
  expect(data).toEqual(
    JSON.parse(JSON.stringify(graphqlSync({ schema: federation.apiSchema, source: getIntrospectionQuery() }).data)),
  );
});

test("introspection stands beside ordinary fields, aliased, in fragments, with variables", async () => {
  const query = `query ($name: String!, $no: Boolean!) { me { id } kind: __typename ...Types s: __schema { queryType { name } } gone: __schema @include(if: $no) { queryType { name } } }
    fragment Types on Query { t: __type(name: $name) { name fields { name } } none: __type(name: "Nothing") { name } }`;
  for (const name of ["Review", "Product"]) {
    const { data, errors } = await federation.askEveryWay(query, { name, no: false });
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      me: { id: "1" },
      kind: "Query",
      t: { name },
      none: null,
      s: { queryType: { name: "Query" } },
    });
    expect(data).not.toHaveProperty("gone");
  }
});

test("a plan that has nothing for a field is refused; an operation without such a field is answered", async () => {
  const compile = (query: string) => {
    const document = parse(query);
    return compileOperation({
      planned: { plan: { kind: "QueryPlan" }, text: query, responseNames: {} },
      shown: { document, operation: document.definitions[0] as never },
      schema: federation.apiSchema,
      isLocal: () => false,
    });
  };
  expect(() => compile("{ me { id } }")).toThrow(expect.objectContaining({ code: "UNPLANNABLE_OPERATION" }));
  expect((await federation.askEveryWay("{ __typename }")).data).toEqual({ __typename: "Query" });
  expect((await federation.askEveryWay("{ me @skip(if: true) { id } }")).data).toEqual({});
});
