/** Generated subgraphs: one entity that all of them extend, and a chain of entities from each to the next. */

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@requires", "@external"])';

/** `count` subgraphs of about forty fields each. */
export function generateSubgraphs(count) {
  return Array.from({ length: count }, (_, at) => ({
    name: `module${at}`,
    file: `module${at}.graphql`,
    sdl: subgraph(at, (at + 1) % count),
  }));
}

function subgraph(at, next) {
  const fields = Array.from({ length: 20 }, (_, index) => `  field${index}: String`).join("\n");
  return `${link}
type Query {
  things${at}(first: Int = 10, filter: Filter${at}): [Thing${at}!]!
  thing${at}(id: ID!): Thing${at}
  ${at === 0 ? "me: User" : ""}
}
type Mutation { save${at}(input: Input${at}!): Thing${at} }
input Filter${at} { word: String kind: Kind${at} }
input Input${at} { name: String! kind: Kind${at} = ONE }
enum Kind${at} { ONE TWO THREE }
type Thing${at} @key(fields: "id") {
  id: ID!
  name: String!
  kind: Kind${at}
  owner: User
  next: Thing${next}
  page: PageInfo!
${fields}
}
type Thing${next} @key(fields: "id", resolvable: false) { id: ID! }
type User @key(fields: "id") { id: ID! of${at}: [Thing${at}!]! count${at}: Int }
type PageInfo @shareable { hasNextPage: Boolean! endCursor: String }
`;
}

/** From entity to entity: one fetch after the other. */
export function chain(length, name) {
  const nest = (left) => (left === 0 ? "id" : `id name next { ${nest(left - 1)} }`);
  return `query ${name} { thing0(id: "1") { ${nest(length)} } }`;
}

/** One entity from many subgraphs: fetches side by side. */
export function wide(count, name) {
  const fields = Array.from({ length: count }, (_, at) => `of${at} { id field1 owner { count${at} } }`);
  return `query ${name} { me { ${fields.join(" ")} } }`;
}
