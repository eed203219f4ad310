/** Fields an actor may not see are taken out before planning and reported, as the federation specification says. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Answer, startWorld, type World } from "./world/world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
beforeEach(() => {
  world.calls.length = 0;
});
afterAll(() => world.router.close());

const refusals = ({ errors = [] }: Answer) =>
  errors.map(({ path, extensions }) => [
    extensions.code,
    path?.join("."),
    (extensions.details as { coordinate: string }).coordinate,
  ]);
const sent = () => world.calls.map(({ request }) => request.query).join("\n");

describe("@authenticated", () => {
  test("an anonymous client gets null and an error, and no subgraph is asked", async () => {
    const answer = await world.ask("{ me { name } }");
    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ me: null });
    expect(refusals(answer)).toEqual([["UNAUTHORIZED_FIELD_OR_TYPE", "me", "Query.me"]]);
    expect(answer.errors?.[0]?.message).toBe("Unauthorized field or type");
    expect(answer.errors?.[0]?.extensions.details).toMatchObject({ reason: "UNAUTHENTICATED" });
    expect(world.calls).toEqual([]);
  });

  test("any actor is let through, also one without scopes", async () => {
    const answer = await world.ask("{ me { name } }", { token: "-" });
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toEqual({ me: { name: "Ada" } });
  });

  test("what is allowed beside it is answered", async () => {
    const answer = await world.ask('{ me { name } person(id: "p2") { name } }');
    expect(answer.data).toEqual({ me: null, person: { name: "Bob" } });
    expect(refusals(answer)).toHaveLength(1);
    expect(sent()).not.toMatch(/\bme\b/);
  });
});

describe("@requiresScopes", () => {
  const query = '{ person(id: "p1") { name email } }';

  test.each([
    ["no token", undefined],
    ["no scope", "-"],
    ["one scope of a pair", "people:admin"],
    ["the other scope of the pair", "audit:read"],
  ])("with %s the field is refused", async (_, token) => {
    const answer = await world.ask(query, token === undefined ? {} : { token });
    expect(answer.data).toEqual({ person: { name: "Ada", email: null } });
    expect(refusals(answer)).toEqual([["UNAUTHORIZED_FIELD_OR_TYPE", "person.email", "Person.email"]]);
    expect(sent()).not.toContain("email");
  });

  test.each([
    ["the one scope of the first list", "people:read"],
    ["every scope of the second list", "people:admin,audit:read"],
  ])("with %s the field is answered", async (_, token) => {
    const answer = await world.ask(query, { token });
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toEqual({ person: { name: "Ada", email: "ada@example.org" } });
  });

  test("a refused mutation is not executed, and one beside it is", async () => {
    const text = 'mutation { rename(id: "p1", name: "X") { name } logIn(name: "a") { name } }';
    const refused = await world.ask(text);
    expect(refused.data).toEqual({ rename: null, logIn: { name: "Ada" } });
    expect(sent()).not.toContain("rename");
    const allowed = await world.ask(text, { token: "people:write" });
    expect(allowed.data).toMatchObject({ rename: { name: "X" } });
  });
});

describe("@policy is decided by the subgraph", () => {
  test("but an anonymous client never gets that far", async () => {
    const answer = await world.ask('{ person(id: "p1") { id reviewed } }');
    expect(refusals(answer)).toEqual([["UNAUTHORIZED_FIELD_OR_TYPE", "person.reviewed", "Person.reviewed"]]);
    expect(sent()).not.toContain("reviewed");
  });

  test("and an actor's request reaches it", async () => {
    const answer = await world.ask('{ person(id: "p1") { id reviewed } }', { token: "-" });
    expect(answer.errors).toBeUndefined();
    expect(sent()).toContain("reviewed");
  });
});

describe("null propagation", () => {
  test("a refused non-null field makes its object null", async () => {
    const answer = await world.ask('{ person(id: "p1") { name salary } }');
    expect(answer.data).toEqual({ person: null });
    expect(refusals(answer)).toEqual([["UNAUTHORIZED_FIELD_OR_TYPE", "person.salary", "Person.salary"]]);
  });

  test("and goes up through non-null lists to the root", async () => {
    const answer = await world.ask("{ people { name salary } }");
    expect(answer.data).toBeNull();
    expect(refusals(answer)).toEqual([["UNAUTHORIZED_FIELD_OR_TYPE", "people.@.salary", "Person.salary"]]);
  });

  test("and leaves the parts alone that may be null", async () => {
    const answer = await world.ask('{ person(id: "p1") { name boss { name salary } } }');
    expect(answer.data).toEqual({ person: { name: "Ada", boss: null } });
  });

  test("with the scope everything is there", async () => {
    const answer = await world.ask("{ people { name salary } }", { token: "people:admin" });
    expect(answer.data).toEqual({
      people: [
        { name: "Ada", salary: 10 },
        { name: "Bob", salary: 20 },
      ],
    });
  });
});

describe("a refused type", () => {
  test("takes out the fields that return it", async () => {
    const query = '{ person(id: "p1") { id badge { code } } }';
    const answer = await world.ask(query, { token: "-" });
    expect(answer.data).toEqual({ person: { id: "p1", badge: null } });
    expect(refusals(answer)).toEqual([["UNAUTHORIZED_FIELD_OR_TYPE", "person.badge", "Person.badge"]]);
    expect((await world.ask(query, { token: "badge:read" })).data).toEqual({
      person: { id: "p1", badge: { code: "A" } },
    });
  });

  test("takes its fragments out of a union, whose other members stay", async () => {
    const query = "{ agents { ... on Person { name } ... on Robot { power } } }";
    const answer = await world.ask(query);
    expect(answer.data).toEqual({ agents: [{ name: "Ada" }, { power: null }, null] });
    expect(refusals(answer)).toEqual([["UNAUTHORIZED_FIELD_OR_TYPE", "agents.@", "Robot"]]);
    expect((await world.ask(query, { token: "-" })).data).toEqual({ agents: [{ name: "Ada" }, { power: 7 }, null] });
  });

  test("takes out an interface that could show it, because composition hands its requirement on", async () => {
    const answer = await world.ask("{ members { id } }");
    expect(answer.data).toBeNull();
    expect(refusals(answer)).toEqual([["UNAUTHORIZED_FIELD_OR_TYPE", "members", "Query.members"]]);
    expect((await world.ask("{ members { id } }", { token: "-" })).data).toEqual({
      members: [{ id: "p1" }, { id: "r1" }],
    });
  });
});

describe("however the selection is written", () => {
  test("an alias is the key of the null and of the path", async () => {
    const answer = await world.ask('{ first: person(id: "p1") { mail: email name } }');
    expect(answer.data).toEqual({ first: { mail: null, name: "Ada" } });
    expect(refusals(answer)).toEqual([["UNAUTHORIZED_FIELD_OR_TYPE", "first.mail", "Person.email"]]);
  });

  test("a named fragment is filtered once and reported at every place", async () => {
    const text = `{ a: person(id: "p1") { ...F } b: person(id: "p2") { ...F } } fragment F on Person { name email }`;
    const answer = await world.ask(text);
    expect(answer.data).toEqual({ a: { name: "Ada", email: null }, b: { name: "Bob", email: null } });
    expect(refusals(answer).map(([, path]) => path)).toEqual(["a.email", "b.email"]);
  });

  test("a fragment that loses everything goes away, and its object stays", async () => {
    const answer = await world.ask('{ person(id: "p1") { ...F } } fragment F on Person { email }');
    expect(answer.data).toEqual({ person: { email: null } });
    expect(refusals(answer).map(([, path]) => path)).toEqual(["person.email"]);
  });

  test("an inline fragment without a type condition is looked into", async () => {
    const answer = await world.ask('{ person(id: "p1") { ... @include(if: true) { email } name } }');
    expect(answer.data).toEqual({ person: { email: null, name: "Ada" } });
  });

  test("a variable that only the refused field used is left out", async () => {
    const text = 'mutation ($id: ID!, $name: String!) { rename(id: $id, name: $name) { id } logIn(name: "x") { id } }';
    const answer = await world.ask(text, { variables: { id: "p1", name: "N" } });
    expect(answer.data).toEqual({ rename: null, logIn: { id: "p1" } });
  });

  test("what the client skips is not reported", async () => {
    const text = 'query ($with: Boolean!) { person(id: "p1") { name email @include(if: $with) } }';
    const without = await world.ask(text, { variables: { with: false } });
    expect(without.data).toEqual({ person: { name: "Ada" } });
    expect(without.errors).toBeUndefined();
    expect(refusals(await world.ask(text, { variables: { with: true } }))).toHaveLength(1);
  });

  test("the same text is filtered anew for every actor", async () => {
    const text = '{ person(id: "p1") { email badge { code } } }';
    const seen = async (token: string) => (await world.ask(text, { token })).data.person;
    expect(await seen("people:read")).toEqual({ email: "ada@example.org", badge: null });
    expect(await seen("badge:read")).toEqual({ email: null, badge: { code: "A" } });
    expect(await seen("people:read,badge:read")).toEqual({ email: "ada@example.org", badge: { code: "A" } });
    expect(await seen("people:read")).toEqual({ email: "ada@example.org", badge: null });
  });

  test("the default of a variable decides too", async () => {
    const text = 'query ($with: Boolean = false) { person(id: "p1") { name email @include(if: $with) } }';
    expect((await world.ask(text)).errors).toBeUndefined();
    const wrong = await world.ask(text, { variables: { with: "yes" } });
    expect(wrong.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  });

  test("fields behind another subgraph are filtered too", async () => {
    const answer = await world.ask('{ site(id: "s1") { name manager { name email } } }');
    expect(answer.data).toEqual({ site: { name: "Berlin", manager: { name: "Ada", email: null } } });
    expect(refusals(answer)).toEqual([["UNAUTHORIZED_FIELD_OR_TYPE", "site.manager.email", "Person.email"]]);
  });

  test("many refusals are reported up to a hundred", async () => {
    const aliases = Array.from({ length: 99 }, (_, index) => `a${index}: email`).join(" ");
    const answer = await world.ask(
      `{ a: person(id: "p1") { ...F } b: person(id: "p2") { ...F } } fragment F on Person { ${aliases} }`,
    );
    expect(answer.errors?.length).toBeLessThanOrEqual(100);
  });
});

test("errors of the subgraphs and refusals stand side by side", async () => {
  const answer = await world.ask("{ me { name } secretly }");
  expect(answer.data).toEqual({ me: null, secretly: null });
  expect(answer.errors?.map(({ extensions }) => extensions.code).sort()).toEqual([
    "PERSON_LOCKED",
    "UNAUTHORIZED_FIELD_OR_TYPE",
  ]);
});
