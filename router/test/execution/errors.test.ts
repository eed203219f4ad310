/** Errors of subgraphs at the client's paths, partial data, and answers that are not GraphQL. */
import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { RouterError } from "../../src/errors/router-error.js";
import { Federation, type SubgraphOfTest, ways } from "./federation.js";

const rooms: Record<string, SubgraphOfTest> = {
  hotel: {
    sdl: `type Query { rooms: [Room] lobby: Room broken: String strict: [Room!] }
      interface Place { id: ID! } type Room implements Place @key(fields: "id") { id: ID! label: String! } type Hall implements Place @key(fields: "id") { id: ID! label: String }`,
    resolvers: {
      Query: {
        rooms: () => [{ id: "1" }, { id: "2" }, null, { id: "1" }],
        strict: () => [{ id: "1" }, { id: "2" }],
        lobby: () => ({ id: "2" }),
        broken: () => {
          throw new Error("no database");
        },
      },
    },
  },
  guests: {
    sdl: `type Room @key(fields: "id") { id: ID! guest: Guest beds: Int! size: Int } type Guest { id: ID! name: String age: Int }`,
    resolvers: {
      Room: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        guest: ({ id }: { id: string }) => ({ id }),
        beds: ({ id }: { id: string }) => {
          if (id === "2") throw new GraphQLError("no beds", { extensions: { code: "NO_BEDS", details: { id } } });
          return 2;
        },
        size: () => 7,
      },
      Guest: {
        name: ({ id }: { id: string }) => {
          if (id === "1") throw new GraphQLError("secret", { extensions: { code: "SECRET" } });
          return `Guest ${id}`;
        },
      },
    },
  },
  prices: { sdl: `type Room @key(fields: "id") { id: ID! price: Int }`, resolvers: { Room: { price: () => 3 } } },
};
const federation = new Federation(rooms);
const secret = (path: (string | number)[]) => ({ message: "secret", path, code: "SECRET", module: "guests" });

test("an error of an entity is reported at every place that shows it; its neighbours keep their data", async () => {
  const { data, errors } = await federation.askEveryWay("{ rooms { id person: guest { age title: name } price } }");
  expect(data).toEqual({
    rooms: [
      { id: "1", person: { age: null, title: null }, price: 3 },
      { id: "2", person: { age: null, title: "Guest 2" }, price: 3 },
      null,
      { id: "1", person: { age: null, title: null }, price: 3 },
    ],
  });
  expect(errors).toEqual([secret(["rooms", 0, "person", "title"]), secret(["rooms", 3, "person", "title"])]);
});

test("a null where none is allowed goes up, and the error that explains it is the only one", async () => {
  const { data, errors } = await federation.askEveryWay("{ rooms { id beds } strict { beds } lobby { size } }");
  const room = { id: "1", beds: 2 };
  expect(data).toEqual({ rooms: [room, null, null, room], strict: null, lobby: { size: 7 } });
  const noBeds = (path: (string | number)[]) => ({ message: "no beds", path, code: "NO_BEDS", module: "guests" });
  const byText = (one: object, other: object) => JSON.stringify(one).localeCompare(JSON.stringify(other));
  expect([...errors].sort(byText)).toEqual([noBeds(["rooms", 1, "beds"]), noBeds(["strict", 1, "beds"])]);
});

test("an error without a code is internal, and names its subgraph", async () => {
  const { data, errors } = await federation.askEveryWay("{ broken lobby { id } }");
  expect(data).toEqual({ broken: null, lobby: { id: "2" } });
  expect(errors).toEqual([
    { message: "no database", path: ["broken"], code: "INTERNAL_SERVER_ERROR", module: "hotel" },
  ]);
});

test("a call that fails is an error of every object it was for, once each; the rest is answered", async () => {
  const failing = new Federation(rooms);
  failing.answer = async (call, usual) =>
    call.operation.subgraph === "guests"
      ? { form: "value", data: null, errors: [new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph: "guests" })] }
      : usual();
  const { data, errors } = await failing.askEveryWay("{ rooms { price size } lobby { guest { id } } }");
  expect(data).toEqual({
    rooms: [{ price: 3, size: null }, { price: 3, size: null }, null, { price: 3, size: null }],
    lobby: { guest: null },
  });
  expect(errors.map(({ path, code }) => [JSON.stringify(path), code]).sort()).toEqual([
    ['["lobby"]', "SUBGRAPH_UNAVAILABLE"],
    ['["rooms",0]', "SUBGRAPH_UNAVAILABLE"],
    ['["rooms",1]', "SUBGRAPH_UNAVAILABLE"],
    ['["rooms",3]', "SUBGRAPH_UNAVAILABLE"],
  ]);
});

test("a root call that fails leaves null, and fields that depend on it are not asked for", async () => {
  const failing = new Federation(rooms);
  failing.answer = async (call, usual) =>
    call.operation.subgraph === "hotel" ? { form: "text", text: '{"errors":[{"message":"full"}]}' } : usual();
  for (const way of ways) {
    failing.asked.length = 0;
    const { data, errors } = await failing.ask("{ rooms { size } }", {}, way);
    expect(data).toEqual({ rooms: null });
    expect(errors).toEqual([{ message: "full", code: "INTERNAL_SERVER_ERROR", module: "hotel" }]);
    expect(failing.asked).toEqual([]);
  }
});

const strict: Record<string, SubgraphOfTest> = {
  hotel: {
    sdl: `type Query { full: Int! free: Int! rooms: [Room] } type Room @key(fields: "id") { id: ID! }`,
    resolvers: {
      Query: {
        full: () => {
          throw new GraphQLError("no register", { extensions: { code: "CLOSED" } });
        },
        free: () => 3,
        rooms: () => [{ id: "1" }, { id: "2" }, { id: "3" }],
      },
    },
  },
  guests: {
    sdl: `type Room @key(fields: "id") { id: ID! doors: Int! beds: Int! }`,
    resolvers: {
      Room: {
        __resolveReference: ({ id }: { id: string }) => (id === "3" ? null : { id }),
        doors: () => 1,
        beds: ({ id }: { id: string }) => {
          if (id === "2") throw new GraphQLError("no beds", { extensions: { code: "NO_BEDS" } });
          return 2;
        },
      },
    },
  },
};

test("what an error left out of an answer beside its own field is no error of its own", async () => {
  const federation = new Federation(strict);
  const root = await federation.askEveryWay("{ vacant: free full }");
  expect(root.data).toBeNull();
  expect(root.errors).toEqual([{ message: "no register", path: ["full"], code: "CLOSED", module: "hotel" }]);
  const { data, errors } = await federation.askEveryWay("{ rooms { exits: doors beds } }");
  expect(data).toEqual({ rooms: [{ exits: 1, beds: 2 }, null, null] });
  // Nobody says why the third is not there.
  expect(errors.map(({ message, path }) => [message, path])).toEqual([
    ["no beds", ["rooms", 1, "beds"]],
    ["Cannot return null for non-nullable field Room.doors.", ["rooms", 2, "exits"]],
  ]);
});

test("the same in a part that comes later", async () => {
  const query = "{ rooms { id ... @defer { exits: doors beds } } }";
  const federation = new Federation(strict, { incrementalDelivery: { enableDefer: true } });
  for (const form of ["text", "value"] as const) {
    const parts = await federation.partsOf(query, {}, { form, mergeFetches: true });
    expect(parts.length).toBeGreaterThan(1);
    const found = parts.flatMap(({ errors }) => errors.map(({ message }) => message));
    expect(found).toEqual(["no beds", "Cannot return null for non-nullable field Room.doors."]);
  }
});

test("a body that is not GraphQL, data without entities and a call that rejects are errors, not silent nulls", async () => {
  for (const text of ["<html>", "{}", '{"data":{}}', '{"data":{"_entities":null}}', "[]", '{"data":null}']) {
    const odd = new Federation(rooms);
    odd.answer = async (call, usual) => (call.operation.subgraph === "prices" ? { form: "text", text } : usual());
    const { data, errors } = await odd.askEveryWay("{ lobby { id price } }");
    expect(data).toEqual({ lobby: { id: "2", price: null } });
    expect(errors).toEqual([expect.objectContaining({ code: "SUBGRAPH_INVALID_RESPONSE", path: ["lobby"] })]);
  }
  const lost = new Federation(rooms);
  lost.answer = (call, usual) => (call.operation.subgraph === "prices" ? Promise.reject(new Error("x")) : usual());
  const { data, errors } = await lost.askEveryWay("{ lobby { id price } }");
  expect(data).toEqual({ lobby: { id: "2", price: null } });
  expect(errors).toEqual([expect.objectContaining({ code: "SUBGRAPH_UNAVAILABLE", path: ["lobby"] })]);
});

test("an entity the subgraph does not know is null, and so is an object that lacks a key", async () => {
  const odd = new Federation(rooms);
  odd.answer = async (call, usual) =>
    call.operation.subgraph === "prices" ? { form: "value", data: { _entities: [null, { price: 5 }] } } : usual();
  const { data, errors } = await odd.askEveryWay("{ rooms { price } }");
  expect(data).toEqual({ rooms: [{ price: null }, { price: 5 }, null, { price: null }] });
  expect(errors).toEqual([]);
});

test("private aliases leave under the client's name, in data and in paths", async () => {
  const query = "{ rooms { a_1: id x_1: guest { n_1: name } } }";
  for (const way of ways) {
    const executable = federation.compile(query, way, { x_1: "guest", n_1: "name", a_1: "id" });
    const { data, errors } = await executable.run(federation.execution(query, {}, way.form));
    const rows = JSON.parse(data.text).rooms;
    expect(rows[1]).toEqual({ id: "2", guest: { name: "Guest 2" } });
    expect(errors[0]?.path).toEqual(["rooms", 0, "guest", "name"]);
  }
});

test("errors of what was taken out before planning are part of the answer", async () => {
  const refused = new GraphQLError("not allowed", {
    path: ["lobby"],
    extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE" },
  });
  const query = "{ broken }";
  const execution = { ...federation.execution(query, {}, "text"), refused: [refused] };
  const { errors } = await federation.compile(query, { form: "text", mergeFetches: true }).run(execution);
  expect(errors.map(({ message }) => message)).toEqual(["not allowed", "no database"]);
});
