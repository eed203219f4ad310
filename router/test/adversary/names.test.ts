import { parse } from "graphql";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { problemsOf } from "./check-answer.js";
import { type Hostile, type HostileSubgraphs, openHostile } from "./hostile-world.js";

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is meant to look like one
const evil = '"); globalThis.hacked = 1; ("\\u2028\u2028\u2029 ${globalThis.hacked = 1} `*/ </script> \\" \' é😀';
const literal = JSON.stringify(evil);

const entity = {
  ...{ id: "1", constructor: "c", toString: "t", hasOwnProperty: 7, valueOf: true, isPrototypeOf: ["p"] },
  ...{
    list: { leaf_Int: 1, text: "x", items: [{ o: 1, incomplete: "i" }] },
    kind: "constructor",
    kinds: ["toString", "isPrototypeOf"],
  },
  ...{ json: JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') },
};

/** Everything is named like something of JavaScript, or of the code that is generated. */
const subgraphs: HostileSubgraphs = {
  one: {
    sdl: `
      "*/ \`\${1}\` </script>"
      type Query { constructor: toString toString(x: String = ${literal}, y: [Kind!] = [constructor]): String echo(x: String): String odd: Odd }
      type toString @key(fields: "id") {
        id: ID! constructor: String toString: String! hasOwnProperty: Int valueOf: Boolean
        isPrototypeOf: [String] list: list kind: Kind kinds: [Kind!] json: leaf_json_1 self: toString
      }
      type list { leaf_Int: Int text: String items: [items!]! }
      type items { o: Int incomplete: String }
      enum Kind { constructor toString isPrototypeOf hasOwnProperty }
      scalar leaf_json_1
      interface Odd { name: String }
      type leaf_json implements Odd { name: String getOwn: leaf_json_1 arguments: Int eval: Int }
      type undefined implements Odd { name: String }
    `,
    resolvers: {
      Query: {
        constructor: () => entity,
        toString: (_: unknown, { x, y }: { x: string; y: string[] }) => `${x}${y}`,
        echo: (_: unknown, { x }: { x: string }) => x,
        odd: () => ({ __typename: "leaf_json", name: "n", getOwn: 1, arguments: 2, eval: 3 }),
      },
      toString: { __resolveReference: () => entity, self: () => entity },
    },
  },
  two: {
    sdl: `
      type toString @key(fields: "id") { id: ID! constructor: String @external hidden: Int @requires(fields: "constructor") prototype: toString }
    `,
    resolvers: {
      toString: {
        __resolveReference: (one: object) => one,
        hidden: ({ constructor: sent }: { constructor: unknown }) => (sent === "c" ? 1 : 0),
        prototype: () => ({ id: "1" }),
      },
    },
  },
};

const queries: readonly string[] = [
  "{ constructor { constructor toString hasOwnProperty valueOf isPrototypeOf } }",
  "{ __proto__: constructor { __proto__: id constructor: toString toString: constructor } }",
  "{ constructor { __proto__: list { __proto__: items { __proto__: o } } hidden } }",
  "{ constructor { id __proto__: hidden prototype { __proto__: prototype { constructor hidden } } } }",
  "{ hasOwnProperty: constructor { __proto__: self { __proto__: self { __proto__: id } } } }",
  "{ constructor { list { leaf_Int text items { o incomplete } } json kind kinds } odd { __typename name ... on leaf_json { getOwn arguments eval } } }",
  "{ constructor { _private0_id: id id: toString _required0_x: toString _refused_id: kind prototype { hidden } } }",
  "{ _e0: constructor { _entities: hidden _e0: prototype { id } representations: id r0: self { hidden } } }",
  "{ __schema: constructor { id } __type: constructor { id } }",
  "{ constructor { ... on toString { __proto__: id } ...constructor } } fragment constructor on toString { __proto__: id ...__proto__ } fragment __proto__ on toString { valueOf }",
  "query constructor($constructor: Boolean = true, $__proto__: Boolean = false) { constructor { id @include(if: $constructor) toString @skip(if: $__proto__) } }",
  "{ __proto__: __typename constructor: __typename x: constructor { __proto__: __typename hidden } }",
];

let remote: Hostile;
let local: Hostile;
beforeAll(async () => {
  remote = await openHostile(subgraphs);
  local = await openHostile(subgraphs, { inProcess: ["one", "two"] });
});
beforeEach(() => {
  remote.spoil = () => false;
});
afterAll(async () => {
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect((globalThis as { hacked?: unknown }).hacked).toBeUndefined();
  await Promise.all([remote.close(), local.close()]);
});

/** As a parser that keeps `__proto__` sees it. */
const expected: Readonly<Record<number, string>> = {
  1: '{"__proto__":{"__proto__":"1","constructor":"t","toString":"c"}}',
  2: '{"constructor":{"__proto__":{"__proto__":[{"__proto__":1}]},"hidden":1}}',
  3: '{"constructor":{"id":"1","__proto__":1,"prototype":{"__proto__":{"constructor":"c","hidden":1}}}}',
  6: '{"constructor":{"_private0_id":"1","id":"t","_required0_x":"t","_refused_id":"constructor","prototype":{"hidden":1}}}',
  7: '{"_e0":{"_entities":1,"_e0":{"id":"1"},"representations":"1","r0":{"hidden":1}}}',
  11: '{"__proto__":"Query","constructor":"Query","x":{"__proto__":"toString","hidden":1}}',
};

describe("names of JavaScript and of generated code", () => {
  test.each(queries.map((query, at) => [query, at] as const))(
    "stand for nothing but themselves: %s",
    async (query, at) => {
      for (const world of [remote, local]) {
        const { bytes, data, errors } = await world.ask(query);
        expect(errors).toEqual([]);
        expect(
          problemsOf({ schema: world.schema, document: parse(query), data, errors, variables: { constructor: true } }),
        ).toEqual([]);
        const text = expected[at];
        if (text) expect(bytes.toString()).toBe(`{"data":${text}}`);
      }
    },
  );

  test("hurt nobody as keys of what subgraphs answer", async () => {
    const keys = ["__proto__", "constructor", "prototype", "toString", "__defineGetter__"];
    for (const key of keys) {
      const inside = `{"id":"1","${key}":{"polluted":true,"prototype":{"polluted":true}},"toString":"t"}`;
      remote.spoil = (_, response) => {
        const text = `{"${key}":{"polluted":true},"data":{"${key}":{"polluted":true},"constructor":${inside}},"extensions":{"${key}":{"polluted":true}}}`;
        response.setHeader("content-type", "application/json").end(text);
        return true;
      };
      const query = "{ constructor { id toString } }";
      const { data, errors } = await remote.ask(query);
      expect(problemsOf({ schema: remote.schema, document: parse(query), data, errors })).toEqual([]);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    }
  });

  test("hurt nobody as keys of what clients send", async () => {
    const send = async (body: string) => {
      const headers = { "content-type": "application/json" };
      return (await fetch(remote.url, { method: "POST", headers, body })).json();
    };
    const query = '"query":"query ($x: String) { echo(x: $x) }"';
    expect(await send(`{${query},"variables":{"x":"a","__proto__":{"x":"b","polluted":1}}}`)).toEqual({
      data: { echo: "a" },
    });
    expect(await send(`{${query},"variables":{"__proto__":{"x":"b"}}}`)).toEqual({ data: { echo: null } });
    expect(
      await send(`{${query},"variables":{"constructor":1},"extensions":{"__proto__":{"persistedQuery":1}}}`),
    ).toEqual({ data: { echo: null } });
    expect(await send(`{"__proto__":{${query}}}`)).toMatchObject({
      errors: [{ extensions: { code: "QUERY_MISSING" } }],
    });
    expect(await send(`{${query},"operationName":"__proto__"}`)).toMatchObject({
      errors: [{ extensions: { code: "OPERATION_RESOLUTION_FAILURE" } }],
    });
  });
});

describe("texts that look like code", () => {
  test("arrive as they were sent: literals, defaults, variables, leaves", async () => {
    for (const world of [remote, local]) {
      const query = `query ($x: String = ${literal}) { a: echo(x: ${literal}) b: echo(x: $x) toString }`;
      expect((await world.ask(query)).data).toEqual({ a: evil, b: evil, toString: `${evil}constructor` });
      expect((await world.ask(query, { variables: { x: `${evil}!` } })).data).toMatchObject({ b: `${evil}!` });
    }
  });

  test("in enums of a subgraph's answer are errors, not code", async () => {
    for (const kind of [evil, "__proto__", "valueOf", 'constructor"', ["constructor"], { toString: 1 }]) {
      remote.spoil = (_, response) => {
        const text = JSON.stringify({ data: { constructor: { kind, kinds: ["isPrototypeOf", kind] } } });
        response.setHeader("content-type", "application/json").end(text);
        return true;
      };
      const { data, errors } = await remote.ask("{ constructor { kind kinds } }");
      expect(data).toEqual({ constructor: { kind: null, kinds: null } });
      expect(errors.map(({ path }) => path)).toEqual([
        ["constructor", "kind"],
        ["constructor", "kinds", 1],
      ]);
    }
  });
});
