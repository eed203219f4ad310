/** An operation's requirements are collected once; a request evaluates them and finds what is left ready made. */
import { print } from "graphql";
import { describe, expect, test } from "vitest";
import { type AccessOptions, createAccess, type Permitted } from "../../src/access/access-plan.js";
import { SchemaAccess } from "../../src/access/coordinate-access.js";
import { filterOperation } from "../../src/access/filter-operation.js";
import { meets } from "../../src/access/requirement.js";
import { actor, operation, supergraph } from "./schema.js";

const access = (options: AccessOptions = {}) => createAccess(supergraph.apiSchema, supergraph.access, options);
const flat = (text: string) => text.replace(/\s+/g, " ");
const textOf = ({ document }: Permitted) => (document ? flat(print(document)) : null);
const places = ({ places: found }: Permitted) =>
  found.map(({ coordinate, path }) => `${coordinate} at ${path.join(".")}`);

describe("what is left of an operation", () => {
  test("is the client's own document when nothing is required, for everybody the same object", () => {
    const open = operation('{ book(id: "1") { title } }');
    const plan = access().plan(open);
    expect(plan.permit(null)).toBe(plan.permit(actor("any")));
    expect(plan.permit(null)).toMatchObject({ variant: "", document: open.document, places: [] });
  });

  test("is the client's own document for those who may see all of it", () => {
    const source = operation('{ book(id: "1") { title price } }');
    expect(access().permit(source, actor("prices:read")).document).toBe(source.document);
    expect(access().permit(source, actor("sales:admin", "sales:read")).variant).toBe("");
  });

  test("lacks what the actor may not see, with the place of each", () => {
    const permitted = access().permit(operation('{ book(id: "1") { title price notes { text } } }'), actor());
    expect(textOf(permitted)).toBe('{ book(id: "1") { title } }');
    expect(places(permitted)).toEqual(["Book.price at book.price", "Book.notes at book.notes"]);
  });

  test("is nothing when no root field may be seen", () => {
    const permitted = access().permit(operation("{ me { name } }"), null);
    expect(permitted.document).toBeNull();
    expect(textOf(access().permit(operation("{ me { name } }"), actor()))).toBe("{ me { name } }");
  });

  test("is worked out once for all who see the same, whatever else they may do", () => {
    const plan = access().plan(operation('{ book(id: "1") { title price } }'));
    expect(plan.permit(actor("a"))).toBe(plan.permit(actor("b", "c")));
    expect(plan.permit(null)).toBe(plan.permit(actor()));
    expect(plan.permit(actor("prices:read"))).not.toBe(plan.permit(actor()));
  });

  test("does not depend on requirements that only matter below what is gone already", () => {
    const plan = access().plan(operation('mutation { lend(id: "1") { price } note(text: "x") }'));
    expect(plan.permit(actor())).toBe(plan.permit(actor("prices:read")));
    expect(plan.permit(actor("loans:write"))).not.toBe(plan.permit(actor("loans:write", "prices:read")));
  });
});

describe("the variant", () => {
  test("names requirements and not places, so equal operations with other texts have equal variants", () => {
    const one = access().permit(operation('{ book(id: "1") { title price } }'), actor());
    const other = access().permit(operation('query   Other {  book(id: "22222") { title\n price } }'), actor());
    expect(one.variant).toBe(other.variant);
    expect(one.variant).toContain("prices:read");
  });

  test("is equal for requirements written in another order", () => {
    const plan = access().plan(operation('{ book(id: "1") { price cost } }'));
    const permitted = plan.permit(actor("sales:admin"));
    expect(permitted.variant.split(" ")).toHaveLength(1);
    expect(places(permitted)).toEqual(["Book.price at book.price", "Book.cost at book.cost"]);
  });

  test("differs when something else was removed", () => {
    const plan = access().plan(operation('{ book(id: "1") { title price notes { text } } }'));
    const variants = [actor(), actor("prices:read"), actor("notes:read"), actor("prices:read", "notes:read"), null];
    expect(new Set(variants.map((who) => plan.permit(who).variant)).size).toBe(5);
  });
});

describe("interfaces, unions and fragments", () => {
  test("a field of an interface needs what the field of each implementation needs", () => {
    const source = operation("{ items { id title } }");
    expect(places(access().permit(source, actor()))).toEqual(["Item.title at items.@.title"]);
    expect(access().permit(source, actor("records:read")).variant).toBe("");
  });

  test("a fragment used twice is filtered once and has two places", () => {
    const source = operation(
      '{ a: book(id: "1") { ...F } b: book(id: "2") { twin { ...F } } } fragment F on Book { title price }',
    );
    expect(places(access().permit(source, actor()))).toEqual(["Book.price at a.price", "Book.price at b.twin.price"]);
  });

  test("a requirement deep within fragments counts", () => {
    const source = operation(
      '{ book(id: "1") { ...A } } fragment A on Book { title ...B } fragment B on Book { notes { text } }',
    );
    expect(textOf(access().permit(source, actor()))).toBe('{ book(id: "1") { ...A } } fragment A on Book { title }');
    expect(access().permit(source, actor("notes:read")).variant).toBe("");
  });

  test("fragments that multiply each other are searched in no time", () => {
    const many = Array.from({ length: 30 }, (_, n) => `fragment F${n} on Book { ...F${n + 1} twin { ...F${n + 1} } }`);
    const source = { text: `{ me { id } book(id: "1") { ...F0 } } ${many.join(" ")} fragment F30 on Book { title }` };
    const found = access().permit(operation(source.text), null);
    expect(places(found)).toEqual(["Query.me at me"]);
    const refusedWithin = operation(source.text.replace("{ title }", "{ title price }"));
    expect(access().permit(refusedWithin, null).places).toHaveLength(1_000);
  });
});

describe("policies", () => {
  const source = operation('{ book(id: "1") { title reviewed draft } }');

  test("are named once for each operation, and only those it needs", () => {
    expect(access().plan(source).policies).toEqual(["editor", "on_duty", "open_hours", "owner"]);
    expect(access().plan(operation('{ book(id: "1") { reviewed } }')).policies).toEqual(["open_hours"]);
    expect(access().plan(operation('{ book(id: "1") { price } }')).policies).toEqual([]);
  });

  test.each([
    [{}, ["Book.reviewed", "Book.draft"]],
    [{ open_hours: true }, ["Book.draft"]],
    [{ open_hours: true, editor: true }, ["Book.draft"]],
    [{ open_hours: true, editor: true, on_duty: false }, ["Book.draft"]],
    [{ open_hours: true, editor: true, on_duty: true }, []],
    [{ open_hours: false, owner: true }, ["Book.reviewed"]],
  ])("hold by the decisions %j", (decisions, refused) => {
    const permitted = access().permit(source, actor(), decisions);
    expect(permitted.places.map(({ coordinate }) => coordinate)).toEqual(refused);
  });

  test("that the router decides may also be granted to an anonymous client", () => {
    const plan = access().plan(operation('{ book(id: "1") { reviewed } }'));
    expect(plan.permit(null, { open_hours: true }).variant).toBe("");
    expect(plan.permit(null, { open_hours: false }).variant).not.toBe("");
  });

  test("left to the subgraphs pass for an actor and never for an anonymous client", () => {
    const plan = access({ undecidedPolicies: "pass" }).plan(source);
    expect(plan.permit(actor()).variant).toBe("");
    expect(plan.permit(null).places).toHaveLength(2);
    expect(plan.permit(actor(), { open_hours: false }).places).toHaveLength(1);
  });

  test("named like properties of every object are undecided all the same", () => {
    expect(access().permit(source, actor(), JSON.parse('{"__proto__": true}')).places).toHaveLength(2);
  });
});

describe("the report", () => {
  const source = operation(
    'query ($with: Boolean!) { book(id: "1") { title price @include(if: $with) cost @skip(if: true) } }',
  );

  test("names the places that the variables let be part of the answer", () => {
    const checked = access();
    const permitted = checked.permit(source, null);
    const report = checked.report(permitted, null, { with: true });
    expect(report.errors.map(({ path, extensions }) => [path, extensions.details])).toEqual([
      [["book", "price"], { coordinate: "Book.price", reason: "UNAUTHENTICATED" }],
    ]);
    expect(checked.report(permitted, null, { with: false }).errors).toEqual([]);
    expect(checked.report(permitted, actor(), { with: true }).errors[0]?.extensions.details).toMatchObject({
      reason: "FORBIDDEN",
    });
  });

  test("rejects the operation in reject mode, but not for what is skipped", () => {
    const strict = access({ mode: "reject" });
    const permitted = strict.permit(source, actor());
    expect(strict.report(permitted, actor(), { with: true })).toMatchObject({ isRejected: true });
    expect(strict.report(permitted, actor(), { with: false })).toMatchObject({ isRejected: false, errors: [] });
    const allowed = strict.permit(source, actor("prices:read"));
    expect(strict.report(allowed, actor("prices:read"), { with: true })).toMatchObject({
      isRejected: false,
      errors: [],
    });
    expect(access().report(permitted, actor(), { with: true }).isRejected).toBe(false);
  });

  test("of a dry run says what would go, and nothing goes", () => {
    const dry = access({ dryRun: true, mode: "reject" });
    const permitted = dry.permit(source, actor());
    expect(permitted).toMatchObject({ variant: "", document: source.document });
    expect(permitted.removed.size).toBe(0);
    const would = [{ coordinate: "Book.price", path: ["book", "price"] }];
    expect(dry.report(permitted, actor(), { with: true })).toEqual({
      errors: [],
      isRejected: false,
      wouldRemove: would,
    });
    expect(dry.report(permitted, actor(), { with: false }).wouldRemove).toBeNull();
    expect(dry.report(dry.permit(source, actor("prices:read")), actor(), { with: true }).wouldRemove).toBeNull();
  });
});

test("for any actor the ready-made answer is what filtering the operation for that actor gives", () => {
  const scopes = ["prices:read", "sales:admin", "sales:read", "records:read", "notes:read", "loans:write"];
  const sources = [
    "{ items { id title ... on Book { price cost } } books { notes { text } reviewed } me { name } }",
    "{ shelf { ... on Book { ...F } ... on Record { title minutes } } } fragment F on Book { price draft twin { cost ...G } } fragment G on Book { notes { text } }",
    'mutation { lend(id: "1") { price } note(text: "x") }',
  ].map(operation);
  const checked = access({ undecidedPolicies: "pass" });
  const open = new SchemaAccess(supergraph.apiSchema, supergraph.access);
  for (const source of sources) {
    for (let mask = 0; mask < 1 << scopes.length; mask++) {
      const who = mask === 0 ? null : actor(...scopes.filter((_, index) => mask & (1 << index)));
      const expected = filterOperation(
        source.document,
        source.operation,
        supergraph.apiSchema,
        open,
        (needs) => !needs.every((one) => meets(one, who, {}, "pass")),
      );
      const permitted = checked.permit(source, who);
      expect([...permitted.removed]).toEqual([...expected.removed]);
      expect(permitted.document && print(permitted.document)).toEqual(expected.document && print(expected.document));
    }
  }
});
