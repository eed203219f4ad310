/** Supergraphs for hostile tests, with operations that ask for the type name wherever the type is not clear. */
import type { HostileSubgraph } from "./hostile-world.js";

interface TestWorld {
  readonly subgraphs: Readonly<Record<string, HostileSubgraph>>;
  readonly queries: readonly string[];
}

const items = [
  { id: "1", name: "Chair", color: "RED", sizes: [1, 2], price: 1.5, tags: ["a", "b"], raw: { any: [1, "é"] } },
  { id: "2", name: "Tåble", color: "BLUE", sizes: [], price: -0.25, tags: null, raw: null },
];

/** Entities, required fields, lists of leaves, enums, custom scalars. */
export const shop: TestWorld = {
  subgraphs: {
    catalog: {
      sdl: `
        type Query { items: [Item!] item(id: ID!): Item first: Item! matrix: [[Float!]!] }
        type Item @key(fields: "id") {
          id: ID! name: String! color: Color sizes: [Int!]! price: Float tags: [String] raw: Json weight: Int! old: Boolean
        }
        enum Color { RED BLUE }
        scalar Json
      `,
      resolvers: {
        Query: {
          items: () => items,
          item: (_: unknown, { id }: { id: string }) => items.find((one) => one.id === id),
          first: () => items[0],
          matrix: () => [[1, 2], [3]],
        },
        Item: {
          __resolveReference: ({ id }: { id: string }) => items.find((one) => one.id === id),
          weight: () => 7,
          old: () => true,
        },
      },
    },
    shipping: {
      sdl: `
        type Item @key(fields: "id") {
          id: ID! weight: Int! @external cost: Float @requires(fields: "weight") depot: Depot! parts: [Part!]
        }
        type Depot @key(fields: "id") { id: ID! city: String! }
        type Part { code: String! item: Item }
      `,
      resolvers: {
        Item: {
          __resolveReference: (one: { id: string; weight?: number }) => one,
          cost: ({ weight = 0 }) => weight * 2,
          depot: () => ({ id: "d1", city: "Łódź" }),
          parts: ({ id }: { id: string }) => [{ code: `p${id}`, item: { id: "2" } }],
        },
        Depot: { __resolveReference: () => ({ id: "d1", city: "Łódź" }) },
      },
    },
    people: {
      sdl: `
        type Depot @key(fields: "id") { id: ID! boss: Boss! }
        type Boss { name: String age: Int! }
      `,
      resolvers: { Depot: { __resolveReference: ({ id }: { id: string }) => ({ id, boss: { name: "Bo", age: 40 } }) } },
    },
  },
  queries: [
    "{ items { id name color sizes price tags raw old } }",
    "{ items { __typename name cost depot { city boss { name age } } parts { code item { name cost } } } matrix }",
    "{ first { id weight cost depot { id boss { age } } } item(id: 2) { color parts { item { sizes tags } } } }",
    "{ a: items { n: name } b: items { n: name d: depot { b: boss { a: age } } } c: first { cost } }",
    "{ items { constructor: name toString: color hasOwnProperty: sizes depot { valueOf: city boss { __x: name } } } }",
  ],
};

/** Interfaces, unions and objects behind them. */
export const library: TestWorld = {
  subgraphs: {
    books: {
      sdl: `
        type Query { things: [Thing] nodes: [Node!]! node: Node any: Any! }
        interface Node { id: ID! title: String }
        interface Thing { id: ID! }
        type Book implements Node & Thing @key(fields: "id") { id: ID! title: String pages: Int! next: Node }
        type Film implements Node & Thing @key(fields: "id") { id: ID! title: String minutes: Int cast: [Any!] }
        union Any = Book | Film
      `,
      resolvers: {
        Query: {
          things: () => [book, film, null],
          nodes: () => [book, film],
          node: () => film,
          any: () => book,
        },
        Book: { __resolveReference: () => book, next: () => film },
        Film: { __resolveReference: () => film, cast: () => [book, film] },
      },
    },
    notes: {
      sdl: `
        type Book @key(fields: "id") { id: ID! notes: [Note!]! stars: Int }
        type Film @key(fields: "id") { id: ID! notes: [Note!]! }
        type Note { text: String! on: Subject }
        union Subject = Book | Film
      `,
      resolvers: {
        Book: { __resolveReference: (one: object) => one, notes, stars: () => 5 },
        Film: { __resolveReference: (one: object) => one, notes },
      },
    },
  },
  queries: [
    "{ things { __typename id ... on Book { pages stars } ... on Film { minutes } } }",
    "{ nodes { __typename title ... on Book { notes { text on { __typename } } next { __typename id } } } }",
    "{ node { __typename ... on Film { notes { text } cast { __typename ... on Book { id stars } } } } }",
    "{ any { __typename ... on Book { notes { on { __typename ... on Film { id title } } } } } things { __typename } }",
    "{ nodes { __typename ...N } any { __typename ...B } } fragment N on Node { t: title ...B } fragment B on Book { p: pages s: stars }",
  ],
};

const book = { __typename: "Book", id: "b1", title: "Dune", pages: 400 };
const film = { __typename: "Film", id: "f1", title: "Alien", minutes: 117 };

function notes() {
  return [{ text: "ok", on: film }];
}
