/** From a definition to an executable schema: scalars, entity loading, access rules, and the checks that refuse a mistake. */
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type DocumentNode, type GraphQLSchema, isObjectType, Kind, parse } from "graphql";
import { enforceAccess } from "./access-rules.js";
import type { Context } from "./context.js";
import type { SubgraphDefinition } from "./define-subgraph.js";
import { CodedError } from "./errors.js";
import { kernelScalars } from "./scalars.js";

type ResolverMap = Record<string, Record<string, unknown>>;
interface Reference {
  readonly __typename: string;
  readonly id?: string;
}

export function buildSchema(definition: SubgraphDefinition, sdl: string): GraphQLSchema {
  const document = parse(sdl);
  const resolvers = { ...(definition.resolvers as ResolverMap) };
  for (const [name, scalar] of Object.entries(kernelScalars)) {
    if (declares(document, name)) Object.assign(resolvers, { [name]: scalar });
  }
  refuseMistakes(definition, document, resolvers);
  const schema = buildSubgraphSchema({
    typeDefs: document,
    resolvers: withReferences(definition, document, resolvers) as never,
  });
  enforceAccess(schema, definition);
  return schema;
}

function declares(document: DocumentNode, type: string): boolean {
  return document.definitions.some((node) => "name" in node && node.name?.value === type);
}

/** Adds `__resolveReference` to the types this module owns and to the stubs it extends. */
function withReferences(definition: SubgraphDefinition, document: DocumentNode, resolvers: ResolverMap): ResolverMap {
  const complete: ResolverMap = { ...resolvers };
  for (const [type, read] of Object.entries(definition.entities ?? {})) {
    const resolve = (reference: Reference, context: Context) =>
      reference.id ? context.load(read, reference.id) : null;
    complete[type] = { ...complete[type], __resolveReference: resolve };
  }
  for (const type of keyedTypes(document)) {
    if (definition.entities?.[type]) continue;
    complete[type] = { __resolveReference: type === "Organization" ? ownTenant : asItCame, ...complete[type] };
  }
  return complete;
}

/** A stub of the tenant itself is good only for the tenant that asks: what it would add belongs to somebody else. */
const ownTenant = (reference: Reference, context: Context) => (reference.id === context.tenantId ? reference : null);

/** What a stub adds to is there for whoever has said who they are. @throws UNAUTHENTICATED */
const asItCame = (reference: Reference, context: Context) => (context.tenantId ? reference : null);

function refuseMistakes(definition: SubgraphDefinition, document: DocumentNode, resolvers: ResolverMap): void {
  const problems = [...resolversWithoutField(document, resolvers), ...entitiesWithoutType(definition, document)];
  if (problems.length > 0) throw new CodedError("SUBGRAPH_INVALID", `${definition.name}: ${problems.join("; ")}.`);
}

function fieldsByType(document: DocumentNode): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const node of document.definitions) {
    if (!("name" in node) || !node.name) continue;
    const names = found.get(node.name.value) ?? new Set<string>();
    if ("fields" in node) for (const field of node.fields ?? []) names.add(field.name.value);
    found.set(node.name.value, names);
  }
  return found;
}

function resolversWithoutField(document: DocumentNode, resolvers: ResolverMap): string[] {
  const fields = fieldsByType(document);
  return Object.entries(resolvers).flatMap(([type, map]) => {
    const known = fields.get(type);
    if (!known) return [`a resolver for ${type}, which schema.graphql does not declare`];
    if (!isFieldMap(document, type)) return [];
    const strange = Object.keys(map).filter((field) => !field.startsWith("__") && !known.has(field));
    return strange.map((field) => `a resolver for ${type}.${field}, which schema.graphql does not declare`);
  });
}

function isFieldMap(document: DocumentNode, type: string): boolean {
  return document.definitions.some(
    (node) =>
      "name" in node &&
      node.name?.value === type &&
      (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION),
  );
}

function entitiesWithoutType({ entities = {} }: SubgraphDefinition, document: DocumentNode): string[] {
  const keyed = new Set(keyedTypes(document));
  return Object.keys(entities)
    .filter((type) => !keyed.has(type))
    .map((type) => `a loader for ${type}, which is no type with @key in schema.graphql`);
}

function keyedTypes(document: DocumentNode): string[] {
  return document.definitions.flatMap((node) =>
    node.kind === Kind.OBJECT_TYPE_DEFINITION && node.directives?.some(({ name }) => name.value === "key")
      ? [node.name.value]
      : [],
  );
}

/** Object types of a schema, without the introspection types. */
export function objectTypes(schema: GraphQLSchema) {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => !type.name.startsWith("__"));
}
