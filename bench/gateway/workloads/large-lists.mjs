/** A list of 10,000 entities that need a field of another subgraph, which in turn requires two fields of theirs. */
const query = `
  query Stock($first: Int!) {
    topProducts(first: $first) { upc name price weight inStock shippingEstimate }
  }
`;

export const largeLists = {
  id: "large-lists",
  title: "Lists of 10,000 entities",
  text: "10,000 products, each with two fields of a second subgraph; ten connections, since an answer has near a megabyte",
  connections: 10,
  bodies: () => [JSON.stringify({ query, variables: { first: 10_000 } })],
};
