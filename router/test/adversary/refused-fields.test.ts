import type { Actor } from "@tessera/shared-types";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import WebSocket from "ws";
import {
  type Answered,
  type Hostile,
  type HostileOptions,
  type HostileSubgraphs,
  openHostile,
  startHostile,
} from "./hostile-world.js";

const person = { __typename: "Person", id: "1", name: "Ada", ssn: "SECRET-SSN", rank: 3, email: "a@x" };
const robot = { __typename: "Robot", id: "2", name: "Rob", serial: "SECRET-SERIAL" };

/** Secrets everywhere: on fields, types, implementations, behind required fields and interface objects. */
const subgraphs: HostileSubgraphs = {
  core: {
    sdl: `
      type Query { me: Person members: [Member!]! any: [Any!]! medias: [Media!]! vault: Vault must: Person! }
      type Mutation { rename(name: String!): Renamed }
      type Renamed { person: Person secret: String @requiresScopes(scopes: [["s"]]) }
      interface Member { id: ID! name: String ssn: String }
      type Person implements Member @key(fields: "id") {
        id: ID! name: String ssn: String @requiresScopes(scopes: [["s"]]) rank: Int email: String boss: Person
      }
      type Robot implements Member @key(fields: "id") @requiresScopes(scopes: [["s"]]) {
        id: ID! name: String ssn: String serial: String!
      }
      union Any = Person | Robot
      type Vault @requiresScopes(scopes: [["s"]]) { gold: Int! }
      interface Media @key(fields: "id") { id: ID! title: String }
      type Book implements Media @key(fields: "id") { id: ID! title: String }
    `,
    resolvers: {
      Query: {
        me: () => person,
        must: () => person,
        members: () => [person, robot],
        any: () => [person, robot],
        medias: () => [{ __typename: "Book", id: "b1", title: "Dune" }],
        vault: () => ({ gold: 7 }),
      },
      Mutation: { rename: () => ({ person, secret: "SECRET" }) },
      Person: { __resolveReference: () => person, boss: () => person },
      Robot: { __resolveReference: () => robot },
      Media: { __resolveReference: () => ({ __typename: "Book", id: "b1", title: "Dune" }) },
      Book: { __resolveReference: () => ({ id: "b1", title: "Dune" }) },
    },
  },
  rights: {
    sdl: `
      type Person @key(fields: "id") {
        id: ID! ssn: String @external rank: Int @external
        graded: String @requires(fields: "rank") checked: String @requires(fields: "ssn") @requiresScopes(scopes: [["s"]])
      }
      type Media @key(fields: "id") @interfaceObject {
        id: ID! price: Int @requiresScopes(scopes: [["s"]]) likes: Int
      }
    `,
    resolvers: {
      Person: {
        __resolveReference: (one: object) => one,
        graded: ({ rank }: { rank: number }) => `grade ${rank}`,
        checked: ({ ssn }: { ssn: string }) => `checked ${ssn}`,
      },
      Media: { __resolveReference: (one: object) => one, price: () => 4242, likes: () => 1 },
    },
  },
};

const verifier = {
  async verify(token: string): Promise<Actor> {
    const scopes = new Set(token === "all" ? ["s"] : []);
    return { kind: "user", id: token, tenantId: "t", scopes, roles: token === "all" ? ["dev"] : [], attributes: {} };
  },
};

const start = (options: HostileOptions = {}): Promise<Hostile> => startHostile(subgraphs, { verifier, ...options });
const all = { headers: { authorization: "Bearer all" } };
const none = { headers: { authorization: "Bearer none" } };
const textOf = ({ bytes }: Answered) => bytes.toString();

/** Each asks for something secret in another way; `null` where the secret would be. */
const tricks: readonly (readonly [query: string, refused: object | null])[] = [
  ["{ me { ssn } }", { me: { ssn: null } }],
  ["{ me { name: ssn id } }", { me: { name: null, id: "1" } }],
  ["{ me { id: ssn name } }", { me: { id: null, name: "Ada" } }],
  ["{ me { id: ssn graded } }", { me: { id: null, graded: "grade 3" } }],
  ["{ me { rank: ssn graded } }", { me: { rank: null, graded: "grade 3" } }],
  ["{ me { __typename: ssn graded } }", { me: { __typename: null, graded: "grade 3" } }],
  [
    "{ me { __proto__: ssn constructor: ssn name } }",
    JSON.parse('{"me":{"__proto__":null,"constructor":null,"name":"Ada"}}'),
  ],
  [
    "{ me { ...F } } fragment F on Person { x: ssn ...G } fragment G on Person { y: ssn }",
    { me: { x: null, y: null } },
  ],
  ["{ me { ... { ssn } ... on Member { ssn } ... @include(if: true) { z: ssn } } }", { me: { ssn: null, z: null } }],
  // Composition asks of an interface what it asks of each implementation.
  ["{ members { ssn } }", null],
  ["{ me { checked graded } }", { me: { checked: null, graded: "grade 3" } }],
  ["{ me { boss { boss { ssn } } } }", { me: { boss: { boss: { ssn: null } } } }],
  ["{ vault { gold } }", { vault: null }],
  ["{ vault { __typename } }", { vault: null }],
  [
    "{ any { ... on Robot { serial } ... on Person { ssn } __typename } }",
    {
      any: [
        { ssn: null, __typename: "Person" },
        { serial: null, __typename: "Robot" },
      ],
    },
  ],
  ["{ medias { price } }", { medias: [{ price: null }] }],
  ["{ medias { ... on Book { price } likes } }", { medias: [{ price: null, likes: 1 }] }],
  [
    'mutation { rename(name: "x") { secret person { ssn name } } }',
    { rename: { secret: null, person: { ssn: null, name: "Ada" } } },
  ],
  ["{ me { a: ssn @skip(if: false) b: ssn @skip(if: true) } }", { me: { a: null } }],
  ["{ must { ssn ... @defer { email ssn } } }", { must: { ssn: null, email: "a@x" } }],
];

let world: Hostile;
beforeAll(async () => {
  world = await openHostile(subgraphs, { verifier });
});
beforeEach(() => {
  world.spoil = () => false;
  world.received.length = 0;
});
afterAll(() => world.close());

describe("what a sender may not see", () => {
  test.each(tricks)("is not in the answer to %s, and is for whoever may see it", async (query, refused) => {
    const hidden = await world.ask(query, none);
    expect(textOf(hidden)).not.toMatch(/SECRET|4242|gold":7/);
    expect(hidden.errors.map(({ extensions }) => extensions.code)).toContain("UNAUTHORIZED_FIELD_OR_TYPE");
    expect(world.received.filter((one) => one.query.includes("price") || one.query.includes("gold"))).toEqual([]);
    if (!query.includes("Robot")) expect(hidden.data).toEqual(refused);
    const shown = await world.ask(query, all);
    expect(shown.errors).toEqual([]);
  });

  test("is not fetched for the plan either, unless a visible field needs it", async () => {
    await world.ask("{ me { ssn name } }", none);
    expect(world.received.map(({ query }) => query).join()).not.toContain("ssn");
    await world.ask("{ me { ssn name } }", all);
    expect(world.received.map(({ query }) => query).join()).toContain("ssn");
  });

  test("is in no part of a deferred answer", async () => {
    const query =
      '{ me { name ... @defer(label: "later") { ssn email boss { ssn } } ... @defer { id: ssn checked graded } } }';
    const parts = async (token: string) => {
      const accept = "multipart/mixed; deferSpec=20220824, application/json";
      const headers = { "content-type": "application/json", accept, authorization: `Bearer ${token}` };
      return (await fetch(world.url, { method: "POST", headers, body: JSON.stringify({ query }) })).text();
    };
    const hidden = await parts("none");
    expect(hidden).not.toContain("SECRET");
    expect(hidden).toContain("grade 3");
    expect(await parts("all")).toContain("SECRET-SSN");
  });

  test("stays hidden when subgraphs point errors to it", async () => {
    world.spoil = (result, response) => {
      const errors = [{ message: "no", path: ["me", "ssn"], extensions: { code: "X" } }];
      response.setHeader("content-type", "application/json").end(JSON.stringify({ ...result, errors }));
      return true;
    };
    const { errors } = await world.ask("{ me { name graded } }", none);
    expect(errors.map(({ path }) => path)).toContainEqual(["me"]);
    expect(JSON.stringify(errors.map(({ path }) => path))).not.toContain("ssn");
    const shown = await world.ask("{ me { ssn } }", all);
    expect(shown.errors[0]?.path).toEqual(["me", "ssn"]);
  });

  test("is named by no suggestion where only some may introspect", async () => {
    const guarded = await start({ introspection: { roles: ["dev"] } });
    const open = await start({ introspection: true });
    const wrong = ["{ me { sssn } }", "{ vaultt { gold } }", "{ me { ... on Robott { id } } }"];
    for (const query of wrong) {
      expect(textOf(await guarded.ask(query, none))).not.toContain("Did you mean");
      expect(textOf(await open.ask(query, none))).toContain("Did you mean");
    }
    const schema = "{ __schema { types { name fields { name } } } }";
    expect((await guarded.ask(schema, none)).errors[0]?.extensions.code).toBe("INTROSPECTION_REFUSED");
    for (const query of [
      "{ ...F } fragment F on Query { ... { x: __schema { types { name } } } }",
      '{ __type(name: "Vault") { fields { name } } me { name } }',
    ]) {
      expect(textOf(await guarded.ask(query, none))).not.toContain("gold");
      expect((await guarded.ask(query, all)).errors).toEqual([]);
    }
    // In any order: what one was shown is not kept for the other.
    expect(textOf(await guarded.ask(schema, all))).toContain("gold");
    expect(textOf(await guarded.ask(schema, none))).not.toContain("gold");
  });

  test("stays so on a socket that says who asks with each operation", async () => {
    const client = createClient({ url: world.url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
    const ask = async (headers?: object) => {
      for await (const answer of client.iterate({
        query: "{ me { ssn } }",
        ...(headers ? { extensions: { headers } } : {}),
      }))
        return answer.data;
    };
    expect(await ask()).toEqual({ me: { ssn: null } });
    expect(await ask({ authorization: "Bearer all" })).toEqual({ me: { ssn: "SECRET-SSN" } });
    expect(await ask()).toEqual({ me: { ssn: null } });
    await client.dispose();
    const known = createClient({
      ...{ url: world.url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 },
      connectionParams: { authorization: "Bearer none" },
    });
    // Who said who they are when they connected cannot become somebody else for one operation.
    for await (const { data } of known.iterate({
      query: "{ me { ssn } }",
      extensions: { headers: { authorization: "Bearer all", Authorization: "Bearer all", "x-api-key": "k" } },
    })) {
      expect(data).toEqual({ me: { ssn: null } });
    }
    await known.dispose();
  });
});
