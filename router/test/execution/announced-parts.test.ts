/** Parts in the form that announces them first, `incrementalSpec=v0.2`: put together by what they say of themselves. */
import { expect, test } from "vitest";
import { partWith } from "../../src/request/client-answer.js";
import { fromJson } from "../../src/request/json-text.js";
import { Federation, type SubgraphOfTest, ways } from "./federation.js";
import { shop } from "./shop.js";

type Path = readonly (string | number)[];

interface Message {
  readonly data?: Record<string, unknown> | null;
  readonly pending?: readonly { readonly id: string; readonly path: Path; readonly label?: string }[];
  readonly incremental?: readonly { readonly id: string; readonly data: object; readonly errors?: object[] }[];
  readonly completed?: readonly { readonly id: string; readonly errors?: { readonly path: Path }[] }[];
  readonly hasNext: boolean;
}

async function messagesOf(federation: Federation, query: string, variables = {}): Promise<Message[]> {
  const all = await Promise.all(
    ways.map(async (way) => {
      const messages: unknown[] = [];
      const parts = federation.compile(query, way).runInParts(federation.execution(query, variables, way.form), true);
      for await (const part of parts) {
        const errors = part.errors.map((error) => error.toJSON());
        messages.push(fromJson(partWith(part, errors, "incrementalSpec=v0.2").body.text));
      }
      return messages as Message[];
    }),
  );
  const [first = [], ...others] = all;
  for (const other of others) expect(other).toEqual(first);
  return first;
}

/** As a client does it. Whatever comes has to be announced and open, and nothing may be open in the end. */
function together(messages: readonly Message[]): unknown {
  const open = new Map<string, Path>();
  const whole = { data: messages[0]?.data };
  for (const [index, { pending = [], incremental = [], completed = [], hasNext }] of messages.entries()) {
    for (const { id, path } of pending) {
      expect(open.has(id)).toBe(false);
      open.set(id, path);
    }
    for (const { id, data } of incremental) {
      const place = (open.get(id) as Path).reduce((value, key) => (value as never)[key], whole.data as unknown);
      Object.assign(place as object, data);
    }
    for (const { id } of completed) expect(open.delete(id)).toBe(true);
    expect(hasNext).toBe(index < messages.length - 1);
  }
  expect([...open.keys()]).toEqual([]);
  return whole.data;
}

const ofShop = new Federation(shop, { incrementalDelivery: { enableDefer: true } });

test("a part is announced, comes under its id, and is completed", async () => {
  expect(await messagesOf(ofShop, '{ me { id ... @defer(label: "more") { numberOfReviews } } }')).toEqual([
    { data: { me: { id: "1" } }, pending: [{ id: "0", path: ["me"], label: "more" }], hasNext: true },
    { incremental: [{ id: "0", data: { numberOfReviews: 2 } }], completed: [{ id: "0" }], hasNext: false },
  ]);
});

test.each([
  "{ users { id ... @defer { name numberOfReviews } } }",
  '{ me { id ... @defer(label: "A") { name reviews { id ... @defer(label: "B") { body product { upc name } } } } } }',
  "{ ... @defer { topProducts(first: 1) { upc inStock } } me { id } }",
  "{ me { ... @defer { name } } }",
  '{ user(id: "none") { id ... @defer { numberOfReviews } } }',
])("the parts of %s make the whole answer", async (query) => {
  const { data } = await ofShop.askEveryWay(query);
  expect(together(await messagesOf(ofShop, query))).toEqual(data);
});

test("a part inside a part is announced with the one it is in", async () => {
  const query = '{ me { id ... @defer(label: "A") { reviews { id ... @defer(label: "B") { body } } } } }';
  const announced = (await messagesOf(ofShop, query)).map(({ pending = [] }) => pending.map(({ label }) => label));
  expect(announced).toEqual([["A"], ["B", "B"], [], []]);
});

const pets: Record<string, SubgraphOfTest> = {
  shelter: {
    sdl: `type Query { pets: [Pet!] } interface Pet { id: ID! }
      type Cat implements Pet @key(fields: "id") { id: ID! } type Dog implements Pet @key(fields: "id") { id: ID! }`,
    resolvers: { Query: { pets: () => ["Cat", "Dog"].map((__typename) => ({ __typename, id: __typename })) } },
  },
  vet: {
    sdl: 'type Cat @key(fields: "id") { id: ID! lives: Int! shots: Int }',
    resolvers: {
      Cat: {
        shots: () => 2,
        lives: () => {
          throw new Error("unknown");
        },
      },
    },
  },
};
const shelter = new Federation(pets, { incrementalDelivery: { enableDefer: true } });

test("a null that leaves nothing of a part completes it with the error", async () => {
  const messages = await messagesOf(shelter, "{ pets { id ... on Cat @defer { lives } } }");
  const ended = messages.flatMap(({ completed = [] }) => completed).filter(({ errors }) => errors);
  expect(ended).toMatchObject([{ errors: [{ message: "unknown", path: ["pets", 0, "lives"] }] }]);
  expect(messages.flatMap(({ incremental = [] }) => incremental)).toEqual([]);
  expect(together(messages)).toEqual({ pets: [{ id: "Cat" }, { id: "Dog" }] });
});

test("a part whose object turns out to be of another type is completed without anything", async () => {
  const messages = await messagesOf(shelter, "{ pets { id ... @defer { ... on Cat { shots } } } }");
  expect(together(messages)).toEqual({ pets: [{ id: "Cat", shots: 2 }, { id: "Dog" }] });
});

test("a part of an object that the client has not been shown is not announced", async () => {
  const messages = await messagesOf(shelter, "{ pets { id ... on Cat { lives ... @defer { shots } } } }");
  expect(messages.flatMap(({ pending = [] }) => pending)).toEqual([]);
  expect(together(messages)).toEqual({ pets: null });
});
