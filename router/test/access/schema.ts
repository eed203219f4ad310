/** A supergraph with every kind of requirement, and operations of it as the pipeline hands them on. */
import type { Actor } from "@tessera/shared-types";
import { getOperationAST, parse, validate } from "graphql";
import type { OperationToCheck } from "../../src/access/access-plan.js";
import { compose } from "../../src/composition/compose.js";
import { buildSupergraph } from "../../src/supergraph/supergraph.js";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@requiresScopes", "@policy"])`;

const library = `${link}
type Query { book(id: ID!): Book books: [Book!]! item: Item items: [Item!] me: Reader @authenticated shelf: Shelf }
type Mutation { lend(id: ID!): Book @requiresScopes(scopes: [["loans:write"]]) note(text: String): String }
interface Item { id: ID! title: String }
type Book implements Item @key(fields: "id") {
  id: ID! title: String
  price: Float @requiresScopes(scopes: [["prices:read"], ["sales:admin", "sales:read"]])
  cost: Float @requiresScopes(scopes: [["sales:read", "sales:admin"], ["prices:read"]])
  notes: [Note!] @authenticated
  reviewed: Boolean @policy(policies: [["open_hours"]])
  draft: String @policy(policies: [["editor", "on_duty"], ["owner"]])
  twin: Book
}
type Record implements Item @key(fields: "id") { id: ID! title: String @requiresScopes(scopes: [["records:read"]]) minutes: Int }
union Shelf = Book | Record
type Note @requiresScopes(scopes: [["notes:read"]]) { text: String }
type Reader @key(fields: "id") { id: ID! name: String }
`;

export const supergraph = buildSupergraph(
  compose([{ name: "library", sdl: library, file: "/library.graphql", url: "http://library" }]).supergraphSdl,
);

export function operation(text: string): OperationToCheck {
  const document = parse(text);
  const problems = validate(supergraph.apiSchema, document);
  const found = getOperationAST(document);
  if (problems[0] ?? !found) throw problems[0] ?? new Error("no operation");
  return { document, operation: found as NonNullable<typeof found> };
}

export function actor(...scopes: string[]): Actor {
  return { kind: "user", id: "u", tenantId: "t", scopes: new Set(scopes), roles: [], attributes: {} };
}
