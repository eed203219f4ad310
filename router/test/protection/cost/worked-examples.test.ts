/**
 * Numbers that were published. Books: https://www.apollographql.com/docs/graphos/routing/security/demand-control.
 * Weights of every kind: the tests of Apollo Router's cost calculator (custom cost query: 127, 132 and 125), with a
 * schema of our own in the same proportions.
 */
import { describe, expect, test } from "vitest";
import { costsOf } from "./schema.js";

const library = (address: string) => `
type Query {
  book(id: ID): Book
  bestsellers: [Book] @listSize(assumedSize: 5)
  newestAdditions(after: ID, limit: Int!): [Book] @listSize(slicingArguments: ["limit"])
}
type Book { title: String author: Author publisher: Publisher }
type Author { name: String }
type Publisher { name: String address: Address }
type Address ${address} { zipCode: Int! }
`;
const book = "title author { name } publisher { name address { zipCode } }";

describe("books", () => {
  test("objects cost 1 and scalars nothing: 4", async () => {
    expect(await costsOf(library("")).estimate(`query BookQuery { book(id: 1) { ${book} } }`)).toBe(4);
  });

  const { estimate } = costsOf(library("@cost(weight: 5)"));

  test("an address that costs 5 makes it 8", async () => {
    expect(await estimate(`{ book(id: 1) { ${book} } }`)).toBe(8);
  });

  test("a list assumed to have five items costs 40", async () => {
    expect(await estimate(`{ bestsellers { ${book} } }`)).toBe(40);
  });

  test("a list costs by its slicing argument: 24 for three, 56 for seven", async () => {
    expect(await estimate(`{ newestAdditions(limit: 3) { ${book} } }`)).toBe(24);
    expect(await estimate(`{ newestAdditions(limit: 7) { ${book} } }`)).toBe(56);
    const text = `query ($limit: Int!) { newestAdditions(limit: $limit) { ${book} } }`;
    expect(await estimate(text, { limit: 3 })).toBe(24);
    expect(await estimate(text, { limit: 7 })).toBe(56);
  });
});

describe("weights of every kind", () => {
  const { estimate, actual } = costsOf(`
    type Query {
      paidField: Int @cost(weight: 5)
      paidArgument(size: Int @cost(weight: 10)): Int
      paidEnum: Kind
      paidInput(filter: Filter): Int
      paidScalar: Precise
      paidObject: Report
      names: [String!] @listSize(assumedSize: 2000, requireOneSlicingArgument: false)
      page(first: Int = 10): Page @listSize(slicingArguments: ["first"], sizedFields: ["items"])
    }
    enum Kind @cost(weight: 15) { A B }
    input Filter { depth: Int @cost(weight: 20) }
    scalar Precise @cost(weight: 30)
    type Report @cost(weight: 40) { id: ID }
    type Page { items: [Item] }
    type Item { id: ID }
  `);
  const rest = "paidField paidArgument(size: 3) paidEnum paidScalar paidObject { id } names";
  const items = "fragment Items on Page { items { id } }";
  const three = [{ id: "1" }, { id: "2" }, { id: "3" }];
  const answer = { paidField: 1, paidArgument: 2, paidEnum: "A", paidInput: 3, paidScalar: 4, paidObject: { id: 5 } };
  const data = { ...answer, names: ["a", "b", "c"], page: { items: three } };

  test("add up to 127, and to 125 when three of five items came", async () => {
    const text = `{ ${rest} paidInput(filter: { depth: 10 }) page(first: 5) { ...Items } } ${items}`;
    expect(await estimate(text)).toBe(127);
    expect(actual(text, data)).toBe(125);
  });

  test("add up to 132 when the argument has its default of ten", async () => {
    const text = `{ ${rest} paidInput(filter: { depth: 10 }) page { ...Items } } ${items}`;
    expect(await estimate(text)).toBe(132);
    expect(actual(text, data)).toBe(125);
  });

  test("add up to the same with variables in their places", async () => {
    const text = `query ($f: Filter, $n: Int) { ${rest} paidInput(filter: $f) page(first: $n) { ...Items } } ${items}`;
    expect(await estimate(text, { f: { depth: 10 }, n: 5 })).toBe(127);
    expect(actual(text, data, { f: { depth: 10 }, n: 5 })).toBe(125);
  });
});

describe("defaults", () => {
  const { estimate } = costsOf(`
    type Query { one: Thing any: Any made: Union_ list: [Thing] numbers: [Int] }
    type Mutation { change: Int }
    type Thing implements Any { id: ID list: [Thing] }
    interface Any { id: ID }
    union Union_ = Thing
  `);

  test.each([
    ["{ __typename }", 0],
    ["mutation { change }", 10],
    ["{ one { id } }", 1],
    ["{ any { id } }", 1],
    ["{ made { ... on Thing { id } } }", 1],
    ["{ list { id } }", 100],
    ["{ numbers }", 0],
    ["{ list { list { id } } }", 10_100],
    ["{ list { id } @skip(if: true) }".replace("{ id } @skip(if: true)", "@skip(if: true) { id }"), 0],
    ["{ list @include(if: false) { id } }", 0],
  ])("%s costs %i with lists of a hundred", async (text, cost) => {
    expect(await estimate(text, {}, { defaultListSize: 100 })).toBe(cost);
  });
});
