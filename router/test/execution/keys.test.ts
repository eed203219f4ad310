/** Keys, @requires and @provides in all their shapes. */
import { expect, test } from "vitest";
import { Federation, type SubgraphOfTest } from "./federation.js";

const cells = [
  { row: 1, column: { letter: "A" }, tags: ["x", "y"], grid: [[{ v: 1 }, null], null, []] },
  { row: 2, column: { letter: 'Ä"' }, tags: null, grid: null },
];
const sheet: Record<string, SubgraphOfTest> = {
  sheets: {
    sdl: `type Query { cells: [[Cell]] cell(row: Int!): Cell nothing: Cell }
      type Column { letter: String! @shareable }
      type Cell @key(fields: "row column { letter }") { row: Int! column: Column! tags: [String!] grid: [[Point]] meta: JSON }
      type Point @key(fields: "v") { v: Int! }
      scalar JSON`,
    resolvers: {
      Query: {
        cells: () => [[cells[0], null], [cells[1], cells[0]], null],
        cell: (_: unknown, { row }: { row: number }) => cells.find((one) => one.row === row),
        nothing: () => null,
      },
      Cell: {
        meta: () => ({ "a b": [1, { c: "ü" }], __proto__x: null }),
        __resolveReference: ({ row }: { row: number }) => cells.find((one) => one.row === row),
      },
      Point: { __resolveReference: (one: object) => one },
    },
  },
  formulas: {
    sdl: `type Column { letter: String! @shareable } scalar JSON
      type Cell @key(fields: "row column { letter }") {
        row: Int! column: Column! tags: [String!] @external grid: [[Point]] @external meta: JSON @external
        formula: String
        summary(sep: String!): String @requires(fields: "tags meta")
        total: Int @requires(fields: "grid { v }")
      }
      type Point @key(fields: "v") { v: Int! @shareable double: Int }`,
    resolvers: {
      Cell: {
        formula: ({ row, column }: { row: number; column: { letter: string } }) => `=${column.letter}${row}`,
        summary: ({ tags, meta }: { tags: string[] | null; meta: unknown }, { sep }: { sep: string }) =>
          `${tags?.join(sep) ?? "none"} ${JSON.stringify(meta)}`,
        total: ({ grid }: { grid: ({ v: number } | null)[][] | null }) =>
          grid?.flat().reduce((sum, point) => sum + (point?.v ?? 0), 0) ?? null,
      },
      Point: { double: ({ v }: { v: number }) => v * 2 },
    },
  },
};
const federation = new Federation(sheet);

test("compound and nested keys reach the entity, in lists of lists with nulls", async () => {
  const { data, errors } = await federation.askEveryWay("{ cells { row column { letter } formula } }");
  expect(errors).toEqual([]);
  const one = { row: 1, column: { letter: "A" }, formula: "=A1" };
  const two = { row: 2, column: { letter: 'Ä"' }, formula: '=Ä"2' };
  expect(data).toEqual({ cells: [[one, null], [two, one], null] });
});

test("required fields are sent as they are: lists, nulls, objects of a custom scalar, lists of lists of objects", async () => {
  const { data, errors } = await federation.askEveryWay('{ cells { summary(sep: "-") total meta } }');
  expect(errors).toEqual([]);
  const meta = { "a b": [1, { c: "ü" }], __proto__x: null };
  const one = { summary: `x-y ${JSON.stringify(meta)}`, total: 1, meta };
  const two = { summary: `none ${JSON.stringify(meta)}`, total: null, meta };
  expect(data).toEqual({ cells: [[one, null], [two, one], null] });
});

test("entities inside lists of lists are completed too", async () => {
  const { data } = await federation.askEveryWay("{ cell(row: 1) { grid { v double } } }");
  expect(data).toEqual({ cell: { grid: [[{ v: 1, double: 2 }, null], null, []] } });
});

test("where there is no object, nobody is asked", async () => {
  federation.asked.length = 0;
  const { data } = await federation.ask("{ nothing { formula } }");
  expect(data).toEqual({ nothing: null });
  expect(federation.asked).toHaveLength(1);
});

test("aliases, arguments by variable and several uses of one field", async () => {
  const query =
    'query ($sep: String!, $row: Int = 2) { a: cell(row: 1) { s: summary(sep: $sep) t: summary(sep: "+") } b: cell(row: $row) { id: row formula } }';
  const { data } = await federation.askEveryWay(query, { sep: "/" });
  expect(data).toEqual({
    a: { s: expect.stringContaining("x/y"), t: expect.stringContaining("x+y") },
    b: { id: 2, formula: '=Ä"2' },
  });
});

const money: Record<string, SubgraphOfTest> = {
  catalogue: {
    sdl: `type Query { items: [Item!]! } interface Size { unit: String! } type Box implements Size { unit: String! @shareable edge: Int! }
      type Ball implements Size { unit: String! @shareable radius: Int! }
      type Item @key(fields: "id") { id: ID! price(currency: String!): Int size: Size stock: Stock } type Stock { amount: Int place: String }`,
    resolvers: {
      Query: {
        items: () => [
          { id: "1", size: { __typename: "Box", unit: "cm", edge: 2 } },
          { id: "2", size: { __typename: "Ball", unit: "m", radius: 3 } },
          { id: "3", size: null },
        ],
      },
      Item: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        price: ({ id }: { id: string }, { currency }: { currency: string }) =>
          Number(id) * (currency === "EUR" ? 10 : 11),
        stock: ({ id }: { id: string }) => ({ amount: Number(id), place: "P" }),
      },
    },
  },
  shipping: {
    sdl: `interface Size { unit: String! } type Box implements Size { unit: String! @shareable edge: Int! @external } type Ball implements Size { unit: String! @shareable radius: Int! @external }
      type Stock @external { amount: Int }
      type Item @key(fields: "id") { id: ID! price(currency: String!): Int @external size: Size @external stock: Stock @external
        label: String @requires(fields: "price(currency: \\"EUR\\") stock { amount }")
        volume: String @requires(fields: "size { unit ... on Box { edge } ... on Ball { radius } }") }`,
    resolvers: {
      Item: {
        label: ({ price, stock }: { price: number; stock: { amount: number } }) => `${price}/${JSON.stringify(stock)}`,
        volume: ({ size }: { size: { edge?: number; radius?: number; unit: string } | null }) =>
          size ? `${size.edge ?? size.radius} ${size.unit}` : "none",
      },
    },
  },
};

test("@requires with arguments, nested selections and fragments", async () => {
  const { data, errors } = await new Federation(money).askEveryWay("{ items { id label volume } }");
  expect(errors).toEqual([]);
  expect(data).toEqual({
    items: [
      { id: "1", label: '10/{"amount":1}', volume: "2 cm" },
      { id: "2", label: '20/{"amount":2}', volume: "3 m" },
      { id: "3", label: '30/{"amount":3}', volume: "none" },
    ],
  });
});
