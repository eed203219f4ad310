/** Four subgraphs around products, reviews and their authors. */
import type { SubgraphOfTest } from "./federation.js";

const users = [
  { id: "1", name: "Uri Goldshtein", username: "urigo", birthday: 1234567890 },
  { id: "2", name: "Dotan Simha", username: "dotansimha", birthday: 1234567890 },
  { id: "3", name: 'Zoë "Z" Ünal 🙂', username: "zoë", birthday: null },
];
const products = [
  { upc: "1", name: "Table", price: 899, weight: 100 },
  { upc: "2", name: "Couch", price: 1299, weight: 1000 },
  { upc: "3", name: "Glass", price: 15, weight: 20 },
  { upc: "4", name: null, price: null, weight: 50 },
];
const reviews = [
  { id: "1", author: "1", product: "1", body: "Love it!" },
  { id: "2", author: "1", product: "2", body: "Too expensive." },
  { id: "3", author: "2", product: "3", body: "Could be \\ better.\n" },
  { id: "4", author: "2", product: "1", body: "Prefer something else." },
  { id: "5", author: "3", product: "4", body: null },
  { id: "6", author: "3", product: "1", body: "Genügt 👍" },
];
const inStock: Readonly<Record<string, boolean>> = { "1": true, "2": false, "3": false, "4": true };

interface Review {
  readonly id: string;
  readonly author: string;
  readonly product: string;
}

export const shop: Record<string, SubgraphOfTest> = {
  accounts: {
    sdl: `type Query { me: User user(id: ID!): User users: [User] }
      type User @key(fields: "id") { id: ID! name: String username: String @shareable birthday: Int }`,
    resolvers: {
      Query: {
        me: () => users[0],
        user: (_: unknown, { id }: { id: string }) => users.find((one) => one.id === id),
        users: () => users,
      },
      User: { __resolveReference: ({ id }: { id: string }) => users.find((one) => one.id === id) },
    },
  },
  inventory: {
    sdl: `type Product @key(fields: "upc") { upc: String! weight: Int @external price: Int @external inStock: Boolean
      shippingEstimate: Int @requires(fields: "price weight") }`,
    resolvers: {
      Product: {
        __resolveReference: (one: object) => one,
        inStock: ({ upc }: { upc: string }) => inStock[upc] ?? null,
        shippingEstimate: ({ price, weight }: { price: number | null; weight: number }) =>
          price === null ? null : price > 1000 ? 0 : Math.round(weight * 0.5),
      },
    },
  },
  products: {
    sdl: `type Query { topProducts(first: Int = 5): [Product] }
      type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
    resolvers: {
      Query: { topProducts: (_: unknown, { first }: { first: number }) => products.slice(0, first) },
      Product: { __resolveReference: ({ upc }: { upc: string }) => products.find((one) => one.upc === upc) },
    },
  },
  reviews: {
    sdl: `type Review @key(fields: "id") { id: ID! body: String product: Product author: User @provides(fields: "username") }
      type User @key(fields: "id") { id: ID! username: String @external numberOfReviews: Int reviews: [Review] }
      type Product @key(fields: "upc") { upc: String! reviews: [Review] }`,
    resolvers: {
      Review: {
        __resolveReference: ({ id }: { id: string }) => reviews.find((one) => one.id === id),
        author: ({ author }: Review) => ({ id: author, username: users.find(({ id }) => id === author)?.username }),
        product: ({ product }: Review) => ({ upc: product }),
      },
      User: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        numberOfReviews: ({ id }: { id: string }) => reviews.filter(({ author }) => author === id).length,
        reviews: ({ id }: { id: string }) => reviews.filter(({ author }) => author === id),
      },
      Product: {
        __resolveReference: ({ upc }: { upc: string }) => ({ upc }),
        reviews: ({ upc }: { upc: string }) => reviews.filter(({ product }) => product === upc),
      },
    },
  },
};

/** The query of the public comparison of gateways. */
export const largeQuery = `
  fragment User on User { id username name }
  fragment Review on Review { id body }
  fragment Product on Product { inStock name price shippingEstimate upc weight }
  query TestQuery {
    users { ...User reviews { ...Review product { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } } } }
    topProducts { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } }
  }`;
