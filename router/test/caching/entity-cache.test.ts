import { buildSubgraphSchema } from "@apollo/subgraph";
import { startTestRedis } from "@tessera/database/testing";
import type { Actor } from "@tessera/shared-types";
import { execute, type GraphQLError, parse } from "graphql";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EntityCacheRule, withEntityCache } from "../../src/caching/entity-cache.js";
import type { EntityStore } from "../../src/caching/entity-store.js";
import { MemoryStore } from "../../src/caching/memory-store.js";
import { RedisStore } from "../../src/caching/redis-store.js";
import { toLatin1 } from "../../src/request/json-text.js";
import { type CachePolicy, createRequestContext, type RequestContext } from "../../src/request/request-context.js";
import type { CallSubgraph, SubgraphAnswer } from "../../src/subgraphs/subgraph-call.js";
import { TextList } from "../../src/subgraphs/text-list.js";

/** A subgraph of items that remembers which were asked for. */
const asked: string[] = [];
let names: Record<string, string>;
let policy: CachePolicy | null;

const schema = buildSubgraphSchema({
  typeDefs: parse('type Query { a: Int } type Item @key(fields: "id") { id: ID! name: String }'),
  resolvers: {
    Item: {
      __resolveReference: async ({ id }: { id: string }) => {
        asked.push(id);
        if (id === "broken") throw new Error("No such luck.");
        return names[id] === undefined ? null : { id, name: names[id] };
      },
    },
  } as never,
});

const operation = {
  subgraph: "items",
  text: "query ($r0: [_Any!]!) { _e0: _entities(representations: $r0) { ... on Item { name } } }",
  name: undefined,
  kind: "query",
  entities: [{ alias: "_e0", variable: "r0", selection: "{... on Item{name}}" }],
} as const;

const callText: CallSubgraph = async ({ representations }) => {
  const variableValues = { r0: (representations[0] as TextList).toArray().map((text) => JSON.parse(text) as unknown) };
  const result = await execute({ schema, document: parse(operation.text), variableValues });
  return { form: "text", text: toLatin1(JSON.stringify(result)), cachePolicy: policy };
};

const callValue: CallSubgraph = async ({ representations }) => {
  const result = await execute({ schema, document: parse(operation.text), variableValues: { r0: representations[0] } });
  return { form: "value", data: result.data, ...(result.errors ? { errors: result.errors } : {}), cachePolicy: policy };
};

const ada = {
  kind: "user",
  id: "ada",
  tenantId: "t1",
  scopes: new Set<string>(),
  roles: [],
  attributes: {},
} satisfies Actor;
const bob = { ...ada, id: "bob" };
const eve = { ...ada, id: "eve", tenantId: "t2" };

function contextOf(actor: Actor | null): RequestContext {
  const facts = { requestId: "r", actor, deadline: Date.now() + 10_000, signal: new AbortController().signal };
  return createRequestContext(facts, {});
}

function ask(store: EntityStore, ids: readonly string[], options: AskOptions = {}): Promise<SubgraphAnswer> {
  const { actor = ada, rule = { ttlSeconds: 60 }, form = "text", context = contextOf(actor) } = options;
  const cached = withEntityCache(form === "text" ? callText : callValue, {
    store,
    rules: new Map([["items", rule]]),
    rightsOf: ({ facts }, _, scope) => (scope === "public" ? "" : `${facts.actor?.tenantId} ${facts.actor?.id}`),
  });
  const representations = ids.map((id) => ({ __typename: "Item", id }));
  const given = form === "text" ? TextList.of(representations.map((one) => JSON.stringify(one))) : representations;
  return cached({ operation, variables: {}, representations: [given], context });
}

interface AskOptions {
  readonly actor?: Actor | null;
  readonly rule?: EntityCacheRule;
  readonly form?: "text" | "value";
  readonly context?: RequestContext;
}

interface Body {
  readonly data: { readonly _e0: readonly ({ readonly name: string } | null)[] };
  readonly errors?: readonly GraphQLError[];
}

function bodyOf(answer: SubgraphAnswer): Body {
  return answer.form === "text"
    ? (JSON.parse(Buffer.from(answer.text, "latin1").toString()) as Body)
    : (answer as unknown as Body);
}

const namesIn = (answer: SubgraphAnswer) => bodyOf(answer).data._e0.map((one) => one?.name ?? null);

let redis: Awaited<ReturnType<typeof startTestRedis>>;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const stores: Record<string, () => Promise<EntityStore>> = {
  memory: async () => new MemoryStore(),
  redis: () => RedisStore.connect(redis.url, () => {}),
};

describe.each(Object.keys(stores))("entities kept in %s", (kind) => {
  let store: EntityStore;
  beforeEach(async () => {
    asked.length = 0;
    policy = null;
    names = { a: "Äpfel", b: "Birnen" };
    store = (await stores[kind]?.()) as EntityStore;
    await store.invalidate({ subgraph: "items", tenantId: null });
  });
  afterAll(() => store.close());

  test.each(["text", "value"] as const)("are not asked for again, and look the same (%s)", async (form) => {
    const first = await ask(store, ["a", "b"], { form });
    const second = await ask(store, ["a", "b"], { form });
    expect(namesIn(first)).toEqual(["Äpfel", "Birnen"]);
    expect(bodyOf(second)).toEqual(bodyOf(first));
    expect(asked).toEqual(["a", "b"]);
  });

  test("only those that are missing are asked for, and each stands at its place", async () => {
    await ask(store, ["b"]);
    expect(namesIn(await ask(store, ["a", "b", "gone"]))).toEqual(["Äpfel", "Birnen", null]);
    expect(asked).toEqual(["b", "a", "gone"]);
  });

  test("an error points to the place of its entity, and nothing of a failed answer is kept", async () => {
    await ask(store, ["b"]);
    const { data, errors } = bodyOf(await ask(store, ["b", "broken", "a"]));
    expect(data._e0.map((one) => one?.name ?? null)).toEqual(["Birnen", null, "Äpfel"]);
    expect(errors?.[0]?.path).toEqual(["_e0", 1]);
    asked.length = 0;
    await ask(store, ["a"]);
    expect(asked).toEqual(["a"]);
  });

  test("one actor is never shown what was kept for another", async () => {
    await ask(store, ["a"]);
    names = { a: "Apples" };
    expect(namesIn(await ask(store, ["a"], { actor: bob }))).toEqual(["Apples"]);
    expect(namesIn(await ask(store, ["a"], { actor: eve }))).toEqual(["Apples"]);
    expect(namesIn(await ask(store, ["a"]))).toEqual(["Äpfel"]);
  });

  test("public entities are kept once for everybody", async () => {
    await ask(store, ["a"], { rule: { ttlSeconds: 60, scope: "public" } });
    await ask(store, ["a"], { rule: { ttlSeconds: 60, scope: "public" }, actor: eve });
    expect(asked).toEqual(["a"]);
  });

  test("what a subgraph calls private is not kept for everybody", async () => {
    policy = { maxAgeSeconds: 60, scope: "private" };
    await ask(store, ["a"], { rule: { scope: "public" } });
    await ask(store, ["a"], { rule: { scope: "public" } });
    expect(asked).toEqual(["a", "a"]);
  });

  test("a change in one tenant outdates what is kept for it, and nothing of another", async () => {
    await ask(store, ["a"]);
    await ask(store, ["a"], { actor: eve });
    names = { a: "Apples" };
    await store.invalidate({ subgraph: "items", tenantId: "t1" });
    expect(namesIn(await ask(store, ["a"]))).toEqual(["Apples"]);
    expect(namesIn(await ask(store, ["a"], { actor: eve }))).toEqual(["Äpfel"]);
  });

  test("a mutation of the subgraph outdates what is kept for the tenant, and a failed one too", async () => {
    const mutation = { ...operation, kind: "mutation", entities: [] } as const;
    const changed: SubgraphAnswer = { form: "value", data: {} };
    for (const call of [async () => changed, () => Promise.reject(new Error("Lost."))]) {
      names = { a: "Äpfel" };
      await ask(store, ["a"]);
      await ask(store, ["a"], { actor: eve });
      names = { a: "Apples" };
      const rules = new Map([["items", { ttlSeconds: 60 }]]);
      const mutate = withEntityCache(call, { store, rules, rightsOf: () => "" });
      await mutate({ operation: mutation, variables: {}, representations: [], context: contextOf(ada) }).catch(
        () => {},
      );
      expect(namesIn(await ask(store, ["a"]))).toEqual(["Apples"]);
      expect(namesIn(await ask(store, ["a"], { actor: eve }))).toEqual(["Äpfel"]);
      await store.invalidate({ subgraph: "items", tenantId: "t1" });
    }
  });

  test("what was read before a change is not kept after it", async () => {
    const group = { subgraph: "items", tenantId: "t1" };
    const { version } = await store.get(group, ["k"]);
    await store.invalidate(group);
    await store.keep(group, version, new Map([["k", { json: "{}", until: Date.now() + 60_000 }]]));
    expect((await store.get(group, ["k"])).found).toEqual([undefined]);
  });

  test("the subgraph's Cache-Control decides how long, and without one and without a rule nothing is kept", async () => {
    await ask(store, ["a"], { rule: {} });
    policy = { maxAgeSeconds: 0, scope: "private" };
    await ask(store, ["a"]);
    expect(asked).toEqual(["a", "a"]);
    policy = { maxAgeSeconds: 60, scope: "private" };
    await ask(store, ["a"], { rule: {} });
    await ask(store, ["a"], { rule: {} });
    expect(asked).toEqual(["a", "a", "a"]);
  });

  test("an answer with kept entities may be kept no longer than they are", async () => {
    await ask(store, ["a"], { rule: { ttlSeconds: 30 } });
    const context = contextOf(ada);
    await ask(store, ["a"], { rule: { ttlSeconds: 30 }, context });
    expect(context.head.cachePolicy?.scope).toBe("private");
    expect(context.head.cachePolicy?.maxAgeSeconds).toBeLessThanOrEqual(30);
  });
});

test("memory holds at most what it is given: the entities used least recently go first", async () => {
  const store = new MemoryStore(1_000);
  const group = { subgraph: "items", tenantId: null };
  const { version } = store.get(group, []);
  const entity = { json: "x".repeat(100), until: Date.now() + 60_000 };
  store.keep(
    group,
    version,
    new Map([
      ["1", entity],
      ["2", entity],
    ]),
  );
  store.get(group, ["1"]);
  store.keep(group, version, new Map([["3", entity]]));
  const { found } = store.get(group, ["1", "2", "3"]);
  expect(found.map((one) => one !== undefined)).toEqual([true, false, true]);
});
