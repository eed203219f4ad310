/** Three small subgraphs that share entities: people, readings of sites, and a feed that has the stream. */

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@interfaceObject", "@authenticated", "@requiresScopes", "@policy", "@inaccessible"])`;

export const people = `${link}
type Query {
  me: Person @authenticated
  person(id: ID!): Person
  people: [Person!]!
  members: [Member!]!
  nobody: Person!
  slow: String
  broken: String
  secretly: String
  agents: [Agent]
  wait(ms: Int!): Int
}
type Mutation {
  logIn(name: String!): Person
  rename(id: ID!, name: String!): Person @requiresScopes(scopes: [["people:write"]])
}
interface Member { id: ID! name: String }
type Person implements Member @key(fields: "id") {
  id: ID!
  name: String
  email: String @requiresScopes(scopes: [["people:read"], ["people:admin", "audit:read"]])
  salary: Int! @requiresScopes(scopes: [["people:admin"]])
  boss: Person
  badge: Badge
  reviewed: String @policy(policies: [["self"]])
}
type Robot implements Member @key(fields: "id") @authenticated { id: ID! name: String power: Int }
union Agent = Person | Robot
type Badge @requiresScopes(scopes: [["badge:read"]]) { code: String! }
`;

export const sites = `${link}
type Query { site(id: ID!): Site sites: [Site!]! }
type Site @key(fields: "id") { id: ID! name: String! kind: SiteKind area: Int manager: Person }
enum SiteKind { OFFICE PLANT }
type Person @key(fields: "id") { id: ID! sites: [Site!]! }
`;

export const feed = `${link}
type Query { latest: Reading }
type Mutation { record(value: Float!): Reading @authenticated }
type Subscription {
  readings(site: ID, count: Int = 3): Reading
  ticks(ms: Int!): Tick
  audit: Reading @requiresScopes(scopes: [["audit:read"]])
  refused: Reading
}
type Tick { at: Int! }
interface Signal { id: ID! at: Int! }
type Reading implements Signal @key(fields: "id") {
  id: ID!
  at: Int!
  value: Float
  site: Site
  by: Person
  also: [Site!]
  signal: Signal
  note: String @authenticated
}
type Alarm implements Signal { id: ID! at: Int! level: Int }
type Site @key(fields: "id") { id: ID! area: Int @external intensity: Float @requires(fields: "area") }
type Person @key(fields: "id", resolvable: false) { id: ID! }
`;
