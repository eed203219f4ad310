/** The same world as one schema without federation: what it answers is right by definition, whatever gateways think. */
import { createRequire } from "node:module";
import { resolvers } from "./resolvers.mjs";

const { buildSchema, executeSync, parse, validate } = createRequire(import.meta.url)("graphql");

const schema = buildSchema(`
  type Query { me: User, user(id: ID!): User, users: [User], topProducts(first: Int = 5): [Product] }
  type User { id: ID!, name: String, username: String, birthday: Int, reviews: [Review] }
  type Review { id: ID!, body: String, author: User, product: Product }
  type Product {
    upc: String!, name: String, price: Int, weight: Int, inStock: Boolean, shippingEstimate: Int, reviews: [Review]
  }
`);

const { accounts, products, reviews, inventory } = resolvers;

attach("Query", { ...accounts.Query, ...products.Query });
attach("User", reviews.User);
attach("Review", { author: reviews.Review.author, product: ({ upc }) => products.Product.__resolveReference({ upc }) });
attach("Product", {
  reviews: reviews.Product.reviews,
  inStock: (product) => inventory.Product.__resolveReference(product).inStock,
  shippingEstimate: inventory.Product.shippingEstimate,
});

function attach(type, functions) {
  const fields = schema.getType(type).getFields();
  for (const [name, resolve] of Object.entries(functions)) fields[name].resolve = resolve;
}

/** @returns JSON text of the answer; throws when the request is at fault. */
export function rightAnswer(body) {
  const { query, variables } = JSON.parse(body);
  const document = parse(query);
  const { data, errors = [] } = executeSync({ schema, document, variableValues: variables });
  const [problem] = [...validate(schema, document), ...errors];
  if (problem) throw problem;
  return JSON.stringify({ data });
}
