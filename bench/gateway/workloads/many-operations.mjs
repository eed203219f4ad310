/** 200 different operations, each with 20 sets of variables, the same on every machine. */
import { pseudoRandom } from "../world/pseudo-random.mjs";

const operations = 200;
const variableSets = 20;

const scalars = {
  User: ["id", "name", "username", "birthday"],
  Review: ["id", "body"],
  Product: ["upc", "name", "price", "weight", "inStock", "shippingEstimate"],
};
const objects = {
  User: { reviews: "Review" },
  Review: { author: "User", product: "Product" },
  Product: { reviews: "Review" },
};
const roots = [
  ["me", "User"],
  ["user(id: $id)", "User"],
  ["topProducts(first: $first)", "Product"],
];

function bodies() {
  const random = pseudoRandom(20);
  const texts = new Set();
  while (texts.size < operations) texts.add(operation(random));
  return [...texts].flatMap((text, index) => {
    const query = text.replace("Operation", `Operation${index + 1}`);
    return Array.from({ length: variableSets }, (_, set) => JSON.stringify({ query, variables: variables(set) }));
  });
}

const variables = (set) => ({ id: String(1 + (set % 6)), first: 1 + ((set * 7) % 9) });

function operation(random) {
  // Every variable has to be used, so `user` and `topProducts` are always there, and `me` now and then.
  const chosen = roots.filter(([field]) => field.includes("(") || random() < 0.3);
  const fields = chosen.map(([field, type]) => `${field} ${selection(type, 2, random)}`);
  return `query Operation($id: ID!, $first: Int!) { ${fields.join(" ")} }`;
}

function selection(type, depth, random) {
  const leaves = scalars[type].filter(() => random() < 0.5);
  const nested = Object.entries(objects[type]).filter(() => depth > 0 && random() < 0.6);
  const parts = nested.map(([field, inner]) => `${field} ${selection(inner, depth - 1, random)}`);
  const chosen = [...leaves, ...parts];
  return `{ ${(chosen.length > 0 ? chosen : [scalars[type][0]]).join(" ")} }`;
}

export const manyOperations = {
  id: "many-operations",
  title: "200 operations",
  text: "200 operations of one to three levels, each with 20 sets of variables, in a shuffled order",
  connections: 50,
  bodies,
};
