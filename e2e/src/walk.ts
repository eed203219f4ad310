/** Walks the whole schema as strangers to one tenant, and as the tenant's own people. */
import { type DemoPerson, type OrganizationKey, organizations, people } from "@tessera/demo-world";
import { builtInRoles } from "@tessera/shared-types";
import {
  buildClientSchema,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getIntrospectionQuery,
} from "graphql";
import { idPlaces, takesKeys } from "./argument-values.js";
import type { Belongings } from "./belongings.js";
import { allOf, type Given, idFor, keysOf, ownOf } from "./given.js";
import type { Answer, Graph } from "./graph.js";

type Field = GraphQLField<unknown, unknown>;

/** Somebody who asks; nobody in particular has no token. */
export interface Asker {
  readonly role: string;
  readonly token: string | null;
}

/** Whoever works at this organization and nowhere else, one for each role, the strongest first, and nobody. */
export async function strangersFrom(graph: Graph, organization: OrganizationKey): Promise<Asker[]> {
  const everybody: readonly DemoPerson[] = Object.values(people);
  const loyal = everybody.filter(({ memberships }) => memberships.every((one) => one.organization === organization));
  const logins = loyal.map(
    async ({ email, memberships }): Promise<Asker> => ({
      role: memberships[0].role,
      token: await graph.login(email, organizations[organization].id),
    }),
  );
  return [...(await Promise.all(logins)), { role: "nobody", token: null }].sort((a, b) => strength(b) - strength(a));
}

const strength = ({ role }: Asker) => builtInRoles.find(({ key }) => key === role)?.scopes.length ?? 0;

export async function readSchema(graph: Graph, token: string, url = graph.url): Promise<GraphQLSchema> {
  return buildClientSchema((await graph.askAt(url, getIntrospectionQuery(), {}, token)).data);
}

/** Root fields in an order that lets askers keep their own place as long as possible: leaving comes last. */
export function rootFields(root: GraphQLObjectType | null | undefined): [GraphQLObjectType, Field][] {
  const fields = Object.values(root?.getFields() ?? {});
  const ordered = [
    ...fields.filter((field) => field.args.length > 0),
    ...fields.filter(({ args }) => args.length === 0),
  ];
  return root ? ordered.map((field) => [root, field]) : [];
}

/** One id of each kind that the tenant has, its own first. */
function oneOfEachKind({ ids }: Belongings): string[] {
  return [...new Set([...ids.values()].map(([id = ""]) => id))];
}

/** Every kind of `theirs` in every place for an id, every key of theirs in every place for a key. */
export function foreign(field: Field, theirs: Belongings, asker: Belongings): Given[] {
  const ids = oneOfEachKind(theirs);
  const keys = foreignKeys(theirs, asker);
  const calls = Math.max(idPlaces(field).length > 0 ? ids.length : 0, takesKeys(field) ? keys.length : 0, 1);
  return Array.from({ length: calls }, (_, index) =>
    allOf(ids[index % ids.length] ?? "", keys[index % keys.length] ?? "walker", asker),
  );
}

/** Their id of the kind that each argument asks for, and their organization's. */
export function likely(theirs: Belongings, asker: Belongings, tenantId: string): Given[] {
  const fitting = ownOf(theirs, tenantId);
  const { text } = ownOf(asker, tenantId);
  return [{ ...fitting, text }, allOf(tenantId, foreignKeys(theirs, asker)[0] ?? "walker", asker)];
}

/** More of them would only say the same again. */
const enoughKeys = 10;

/** Keys that only they have come first: they stand in nested fields, too. */
function foreignKeys(theirs: Belongings, asker: Belongings): string[] {
  const own = new Set(keysOf(asker));
  const keys = keysOf(theirs);
  return [...keys.filter((key) => !own.has(key)), ...keys.filter((key) => own.has(key))].slice(0, enoughKeys);
}

/** The asker's own things everywhere but in one place, which gets the matching thing of theirs; for each place. */
export function smuggled(field: Field, theirs: Belongings, asker: Belongings, tenantId: string): Given[] {
  const places = idPlaces(field);
  if (places.length < 2) return [];
  // The first of one's own may be closed to changes.
  return [0, 1, 2].flatMap((index) => {
    const own = ownOf(asker, tenantId, index);
    return places.map((place) => ({
      ...own,
      id: (path: readonly string[], name: string) =>
        (path.join() === place.join() ? idFor(theirs, path, name) : undefined) ?? own.id(path, name),
    }));
  });
}

/** Codes that mean an operation never got as far as a subgraph, so that it proved nothing. */
const askedWrongly = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "BAD_REQUEST",
  "DEPTH_EXCEEDED",
  "ALIASES_EXCEEDED",
  "ROOT_FIELDS_EXCEEDED",
  "RATE_LIMITED",
  "REQUEST_TIMEOUT",
  "SUBGRAPH_INVALID_RESPONSE",
  "SUBGRAPH_UNAVAILABLE",
  "UNPLANNABLE_OPERATION",
  "QUERY_DEADLINE",
  "DATABASE_BUSY",
  "INTERNAL_SERVER_ERROR",
]);

/** The error that shows an operation was not asked properly, or that a subgraph stumbled over it. */
export function mistakeIn({ errors = [] }: Answer): string | undefined {
  const mistake = errors.find(({ extensions, path }) => askedWrongly.has(extensions.code) || path === undefined);
  return mistake && `${mistake.extensions.code}: ${mistake.message}`;
}
