/** Records of finished requests, as the router makes them. */
import { buildSchema, getOperationAST, parse } from "graphql";
import type { RequestRecord } from "../../src/observability/request-record.js";
import type { Operation } from "../../src/request/operations.js";
import { type ClientHeaders, createRequestContext } from "../../src/request/request-context.js";

export const schema = buildSchema(`
  type Query { user(id: ID!): User node: Node old: Int }
  type Mutation { rename(id: ID!, name: String!): User }
  interface Node { id: ID! }
  type User implements Node { id: ID! name: String friends: [User!]! }
`);

export function operationOf(text: string): Operation {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("It has no operation.");
  const { operation: kind, name } = operation;
  return { document, operation, kind, name: name?.value, refusal: null, hasDefer: false };
}

export function recordOf(
  operation: Operation | null,
  more: Partial<RequestRecord> & { readonly headers?: ClientHeaders } = {},
): RequestRecord {
  const { headers = {}, ...rest } = more;
  const facts = { requestId: "request-1", actor: null, deadline: 0, signal: new AbortController().signal };
  return {
    context: createRequestContext({ ...facts, token: "secret-token" }, { authorization: "Bearer secret", ...headers }),
    ...{ operation, schema, status: 200, errorCodes: [], isRequestError: false, durationMs: 12.34 },
    ...{ subgraphCalls: 2, bytes: 120, ...rest },
  };
}
