/** The body of a call over HTTP. */
import { expect, test } from "vitest";
import { bodyOf } from "../../src/execution/body.js";
import { fromLatin1, toLatin1 } from "../../src/request/json-text.js";
import { createRequestContext } from "../../src/request/request-context.js";
import type { SubgraphOperation } from "../../src/subgraphs/subgraph-call.js";
import { TextList } from "../../src/subgraphs/text-list.js";

const context = createRequestContext(
  { requestId: "r", actor: null, deadline: 0, signal: new AbortController().signal },
  {},
);

test("a body is JSON with the operation, its variables and its representations, one character per byte", () => {
  const operation: SubgraphOperation = {
    subgraph: "s",
    text: 'query Q($r0:[_Any!]!$n:String){_e0:_entities(representations:$r0){...on P{x(n:"ü")}}}',
    name: "Q",
    kind: "query",
    entities: [
      { alias: "_e0", variable: "r0", selection: "" },
      { alias: "_e1", variable: "r1", selection: "" },
    ],
  };
  const texts = [toLatin1('{"__typename":"P","id":"ä"}'), '{"__typename":"P","id":"2"}'];
  const representations = [TextList.of(texts), TextList.of([])];
  const body = bodyOf({
    operation,
    variables: { n: '🙂"', list: [1, null], gone: undefined },
    representations,
    context,
  });
  expect(JSON.parse(fromLatin1(body))).toEqual({
    query: operation.text,
    operationName: "Q",
    variables: {
      r0: [
        { __typename: "P", id: "ä" },
        { __typename: "P", id: "2" },
      ],
      r1: [],
      n: '🙂"',
      list: [1, null],
    },
  });
});

test("an operation without a name, variables or entities", () => {
  const operation: SubgraphOperation = {
    subgraph: "s",
    text: "{me{id}}",
    name: undefined,
    kind: "query",
    entities: [],
  };
  expect(bodyOf({ operation, variables: {}, representations: [], context })).toBe(
    '{"query":"{me{id}}","variables":{}}',
  );
});
