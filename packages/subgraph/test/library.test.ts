import { newId } from "@tessera/database";
import { platformEvents } from "@tessera/shared-types";
import { startSubgraph, type TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import library, { batches, bookAdded, reviewWritten, taken } from "./library/library.js";

const tenantId = newId();
const otherTenantId = newId();
const librarian = { id: newId(), tenantId, scopes: ["library:read", "library:write"] };
const reader = { id: newId(), tenantId, scopes: ["library:read"] };
const stranger = { id: newId(), tenantId: otherTenantId, scopes: ["library:read", "library:write"] };
const add = "mutation ($title: String!, $price: Decimal) { addBook(title: $title, price: $price) { id title price } }";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await startSubgraph(library);
});
afterAll(() => subgraph.close());

describe("who may do what", () => {
  test("a public field needs no login", async () => {
    expect(await subgraph.as(null).data("{ motto }")).toEqual({ motto: "read on" });
  });

  test("a field that needs a login refuses somebody who has none, and answers somebody who has", async () => {
    expect(await subgraph.as(null).error("{ whoAmI }")).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await subgraph.as(reader).data("{ whoAmI }")).toEqual({ whoAmI: reader.id });
  });

  test("a mutation needs its scope", async () => {
    expect(await subgraph.as(reader).error(add, { title: "Emma" })).toMatchObject({
      code: "FORBIDDEN",
      details: { needs: "library:write" },
    });
    expect((await subgraph.as(librarian).data(add, { title: "Emma" })).addBook.title).toBe("Emma");
  });

  test("an entity is refused through _entities by the rule of its type", async () => {
    const { addBook } = await subgraph.as(librarian).data(add, { title: "Persuasion" });
    expect((await subgraph.as(reader).entity("Book", addBook.id, "title")).title).toBe("Persuasion");
    const nobody = subgraph.as({ ...reader, scopes: [] });
    const asked = `query { _entities(representations: [{__typename: "Book", id: "${addBook.id}"}]) { ... on Book { title } } }`;
    expect(await nobody.error(asked)).toMatchObject({ code: "FORBIDDEN" });
  });

  test("a policy looks at the arguments and the actor's attributes", async () => {
    const assigned = { ...reader, attributes: { projects: ["p1"] } };
    const query = "query ($p: ID!) { shelf(projectId: $p) }";
    expect(await subgraph.as(assigned).data(query, { p: "p1" })).toEqual({ shelf: "p1" });
    expect(await subgraph.as(assigned).error(query, { p: "p2" })).toMatchObject({ code: "FORBIDDEN" });
  });

  test("the stub of an organization answers only that organization", async () => {
    expect(await subgraph.as(reader).entity("Organization", tenantId, "shelfMark")).toEqual({ shelfMark: "A1" });
    expect(await subgraph.as(reader).entity("Organization", otherTenantId, "shelfMark")).toBeNull();
  });
});

describe("reading", () => {
  test("another tenant's book is not there", async () => {
    const { addBook } = await subgraph.as(librarian).data(add, { title: "Sanditon" });
    const query = "query ($id: ID!) { book(id: $id) { title } }";
    expect((await subgraph.as(reader).data(query, { id: addBook.id })).book).toEqual({ title: "Sanditon" });
    expect((await subgraph.as(stranger).data(query, { id: addBook.id })).book).toBeNull();
    expect(await subgraph.as(stranger).entity("Book", addBook.id, "title")).toBeNull();
  });

  test("many entities of one request are read in one batch, and an id that is no id spoils none of them", async () => {
    const ids = await Promise.all(
      ["One", "Two", "Three"].map(async (title) => (await subgraph.as(librarian).data(add, { title })).addBook.id),
    );
    batches.length = 0;
    const representations = [...ids, ids[0]].map((id) => ({ __typename: "Book", id }));
    const query = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Book { title } } }";
    const data = await subgraph.as(reader).data(query, { r: representations });
    expect(data._entities.map((book: { title: string }) => book.title)).toEqual(["One", "Two", "Three", "One"]);
    expect(batches).toEqual([3]);

    const mixed = await subgraph
      .as(reader)
      .data(query, { r: [{ __typename: "Book", id: "no-uuid" }, representations[1]] });
    expect(mixed._entities).toEqual([null, { title: "Two" }]);
  });

  test("a decimal keeps every digit, and a binary fraction is refused", async () => {
    const price = "12345678901234567890.123456789";
    expect((await subgraph.as(librarian).data(add, { title: "Exact", price })).addBook.price).toBe(price);
    expect(await subgraph.as(librarian).error(add, { title: "Inexact", price: 0.1 })).toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });
});

describe("the tenant's cache", () => {
  const inTenant = (id: string) => subgraph.stage.as({ ...librarian, tenantId: id, roles: [] });

  test("keeps a value until it is dropped, for each tenant apart", async () => {
    const here = inTenant(tenantId);
    expect(await here.cached("shelf", 60, async () => "first")).toBe("first");
    expect(await here.cached("shelf", 60, async () => "second")).toBe("first");
    expect(await inTenant(otherTenantId).cached("shelf", 60, async () => "theirs")).toBe("theirs");
    await here.forget("shelf");
    expect(await here.cached("shelf", 60, async () => "second")).toBe("second");
  });

  test("does not keep a value that was dropped while it was being loaded", async () => {
    const here = inTenant(tenantId);
    const old = await here.cached("slow", 60, async () => {
      await here.forget("slow");
      return "old";
    });
    expect(old).toBe("old");
    expect(await here.cached("slow", 60, async () => "new")).toBe("new");
  });
});

describe("values with the wrong format are the client's mistake", () => {
  test.each([
    ["a NUL byte, which PostgreSQL cannot store", { title: "nul \u0000 byte" }],
    ["a number that is no decimal", { title: "x", price: "1,5" }],
    ["a number of absurd length", { title: "x", price: "9".repeat(100) }],
  ])("%s", async (_, variables) => {
    expect((await subgraph.as(librarian).error(add, variables)).code).toBe("BAD_USER_INPUT");
  });
});

describe("commands and events", () => {
  test("what a transaction publishes is delivered after it commits", async () => {
    const { addBook } = await subgraph.as(librarian).data(add, { title: "Announced" });
    await subgraph.settle();
    expect(subgraph.published(bookAdded).map((event) => event.payload)).toContainEqual({
      bookId: addBook.id,
      title: "Announced",
    });
  });

  test("what fails is neither stored nor published, and the client learns no secret", async () => {
    const error = await subgraph.as(librarian).error(add, { title: "fails after publishing" });
    expect(error.code).toBe("INTERNAL_SERVER_ERROR");
    expect(error.message).not.toContain("secret");
    await subgraph.settle();
    expect(subgraph.published(bookAdded).map((event) => event.payload.title)).not.toContain("fails after publishing");
  });

  test("who loses a race for the same key is told so", async () => {
    const outcomes = await Promise.all([1, 2].map(() => subgraph.as(librarian).run(add, { title: taken.title })));
    const codes = outcomes.map(({ errors }) => errors?.[0]?.extensions.code ?? "added");
    expect(codes.sort()).toEqual(["CONFLICT", "added"]);
  });

  test("a coded error carries module, code, details, request and time", async () => {
    const { errors } = await subgraph.as(librarian).run(add, { title: " " });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "TITLE_EMPTY",
      module: "library",
      details: { title: " " },
      requestId: expect.any(String),
      timestamp: expect.any(String),
    });
  });

  test("a reaction takes effect once, though its event arrives twice", async () => {
    await subgraph.deliverTwice(reviewWritten, { title: "Reviewed" }, { tenantId });
    const added = subgraph.published(bookAdded).filter((event) => event.payload.title === "Reviewed");
    expect(added).toHaveLength(1);
    expect(added[0]?.tenantId).toBe(tenantId);
  });

  test("a finished reaction is announced when somebody keeps copies, once what it wrote can be read", async () => {
    const { runtime } = subgraph;
    const ended = new AbortController();
    const announced = runtime.events.live(platformEvents.reactionDone, { tenantId, signal: ended.signal });
    await subgraph.deliverTwice(reviewWritten, { title: "Unannounced" }, { tenantId });
    Object.assign(runtime, { announcesReactions: true });
    const first = announced.next();
    await subgraph.deliverTwice(reviewWritten, { title: "Announced" }, { tenantId });
    const { value } = await first;
    expect(value).toMatchObject({ source: "library", tenantId, payload: { eventType: reviewWritten.type } });
    const [cause] = subgraph.published(reviewWritten).slice(-1);
    expect(value?.causationId).toBe(cause?.id);
    Object.assign(runtime, { announcesReactions: false });
    ended.abort();
  });

  test("a subscriber hears of its own tenant's books and of no other's", async () => {
    const results = await subgraph.as(reader).subscribe("subscription { bookAdded { title } }");
    const first = results.next();
    await subgraph.as(stranger).data(add, { title: "Elsewhere" });
    await subgraph.as(librarian).data(add, { title: "Here" });
    expect((await first).value).toMatchObject({ data: { bookAdded: { title: "Here" } } });
    await results.return?.();
  });

  test("a subscription without the scope is refused before it starts", async () => {
    const refused = subgraph.as({ ...reader, scopes: [] }).subscribe("subscription { bookAdded { title } }");
    await expect(refused).rejects.toMatchObject({ extensions: { code: "FORBIDDEN" } });
  });
});
