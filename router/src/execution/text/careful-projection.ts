/** Data that is not complete: graphql-js executes the operation over the tree, so errors and nulls are right by construction. */
import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  Kind,
  type OperationDefinitionNode,
  visit,
} from "graphql";
import { fromJson } from "../../request/json-text.js";
import { interfaceObject } from "../../supergraph/api-schema.js";
import { withStandIns } from "./stand-ins.js";
import { getOwn, type LeafForm, type Tree } from "./tree.js";

export interface Careful {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly responseNames: Readonly<Record<string, string>>;
  readonly form: LeafForm;
}

export interface Completed {
  readonly data: Tree | null;
  /** Of completion alone: a null where none is allowed, a leaf of the wrong kind. */
  readonly errors: readonly GraphQLError[];
}

export type CarefulProjection = (tree: Tree, variables: Readonly<Record<string, unknown>>) => Completed;

export function carefulProjection({ schema, document, operation, responseNames, form }: Careful): CarefulProjection {
  const keys = new Map<FieldNode, string>();
  const standIns = withStandIns(schema);
  const renamed = withResponseNames(document, responseNames, keys);
  const valueAt = form === "text" ? fromText : (value: unknown) => value;
  const fieldResolver: GraphQLFieldResolver<unknown, unknown> = (source, _args, _context, { fieldNodes, path }) =>
    valueAt(getOwn(source, (fieldNodes[0] && keys.get(fieldNodes[0])) ?? String(path.key)));
  const typeResolver: GraphQLTypeResolver<unknown, unknown> = (source, _context, _info, type) => {
    const given = valueAt(getOwn(source, "__typename"));
    const name = given === undefined && type.extensions[interfaceObject] ? type.name : given;
    return typeof name === "string" ? (standIns.names.get(name) ?? name) : undefined;
  };
  return (tree, variables) => {
    const { data, errors } = executeSync({
      schema: standIns.schema,
      document: renamed,
      operationName: operation.name?.value ?? null,
      rootValue: tree,
      variableValues: variables,
      fieldResolver,
      typeResolver,
    });
    return { data: data ?? null, errors: errors ?? [] };
  };
}

/** Leaves are parsed where they are met; objects stay as they are. */
function fromText(value: unknown): unknown {
  if (typeof value === "string") return fromJson(value);
  return Array.isArray(value) ? value.map(fromText) : value;
}

/** Fields by the names they are answered with. `keys` takes what the tree calls them. */
function withResponseNames(
  document: DocumentNode,
  responseNames: Readonly<Record<string, string>>,
  keys: Map<FieldNode, string>,
): DocumentNode {
  return visit(document, {
    Field: {
      leave(node): FieldNode | undefined {
        const key = node.alias?.value ?? node.name.value;
        const name = getOwn(responseNames, key);
        if (typeof name !== "string") return undefined;
        const renamed: FieldNode = { ...node, alias: { kind: Kind.NAME, value: name } };
        keys.set(renamed, key);
        return renamed;
      },
    },
  });
}

/**
 * Completion errors that no known error explains: one lies on the way to the other, the null it left caused them, or the
 * field is one that another error left out.
 */
export function unexplained(
  completion: readonly GraphQLError[],
  known: readonly GraphQLError[],
  lacks: (path: readonly (string | number)[]) => boolean,
): GraphQLError[] {
  return completion.filter(
    ({ path }) => !lacks(path ?? []) && !known.some((one) => one.path === undefined || onOneWay(one.path, path)),
  );
}

function onOneWay(one: readonly (string | number)[], other: readonly (string | number)[] | undefined): boolean {
  return !other || one.every((key, index) => index >= other.length || key === "@" || key === other[index]);
}
