import { buildSchema, type OperationDefinitionNode, parse } from "graphql";
import { expect, test } from "vitest";
import { compileProjection } from "../../../src/execution/text/projection.js";
import { compileReader } from "../../../src/execution/text/read-answer.js";

const schema = buildSchema(`
  type Query { users: [User!]! node: Node }
  interface Node { id: ID! }
  type User implements Node { id: ID! name: String age: Int tags: [String!] friends: [User!] }
  type Item implements Node { id: ID! price: Float! }
`);
test("an answer is read and written", () => {
  const document = parse("{ users { id name tags friends { id } } node { __typename id ... on Item { price } } }");
  const data =
    '{"users":[{"id":1,"name":"A\\n\\"","tags":["a","b"],"friends":[]},{"id":"2","name":null,"tags":null,"friends":[{"id":"1"}]}],"node":{"__typename":"Item","id":"7","price":1.50}}';
  const answer = compileReader(document, "text")(`{"data":${data}}`);
  expect(answer.data).toMatchInlineSnapshot(`
    {
      "node": {
        "__typename": ""Item"",
        "id": ""7"",
        "price": "1.50",
      },
      "users": [
        {
          "friends": [],
          "id": "1",
          "name": ""A\\n\\""",
          "tags": "["a","b"]",
        },
        {
          "friends": [
            {
              "id": ""1"",
            },
          ],
          "id": ""2"",
          "name": null,
          "tags": null,
        },
      ],
    }
  `);
  const projection = compileProjection({
    schema,
    document,
    operation: document.definitions[0] as OperationDefinitionNode,
    form: "text",
  });
  expect(projection.project(answer.data ?? null, {}, [])).toMatchInlineSnapshot(`
    {
      "data": {
        "encoding": "latin1",
        "text": "{"users":[{"id":"1","name":"A\\n\\"","tags":["a","b"],"friends":[]},{"id":"2","name":null,"tags":null,"friends":[{"id":"1"}]}],"node":{"__typename":"Item","id":"7","price":1.50}}",
      },
      "errors": [],
    }
  `);
  expect(projection.project({ users: [{ id: '"1"' }, { id: null }] }, {}, [])).toMatchInlineSnapshot(`
    {
      "data": {
        "encoding": "latin1",
        "text": "null",
      },
      "errors": [
        [GraphQLError: Cannot return null for non-nullable field User.id.],
      ],
    }
  `);
});
