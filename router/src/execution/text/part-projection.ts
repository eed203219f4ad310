/** A part of an operation, delivered by itself: a selection rooted at some type. */
import {
  type DocumentNode,
  type GraphQLObjectType,
  GraphQLSchema,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
} from "graphql";
import { fromJson } from "../../request/json-text.js";
import { compileProjection, type Projection } from "./projection.js";
import type { LeafForm } from "./tree.js";

export interface PartOptions {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /** Whose variables the selection may use. */
  readonly operation: OperationDefinitionNode;
  /** Name of the type the selection starts at. */
  readonly type: string;
  /** Such as `{ name ... on User { email } }`: fragments inline. */
  readonly selection: string;
  readonly responseNames?: Readonly<Record<string, string>>;
  readonly form: LeafForm;
}

export type PartProjection = Pick<Projection, "project">;

/** Projects one object. Paths of known errors, and of those it reports, start at that object. */
export function compilePartProjection(options: PartOptions): PartProjection {
  const type = options.schema.getType(options.type);
  if (isObjectType(type)) return compileAt(type, options);
  const projections = new Map<string, Projection>();
  return {
    project(data, variables, known, lacks) {
      const name = options.form === "text" ? tokenName(data?.__typename) : data?.__typename;
      const concrete = typeof name === "string" ? options.schema.getType(name) : undefined;
      // The part that holds the object has said so already.
      if (!isObjectType(concrete)) return { data: { text: "null" }, errors: [] };
      const projection = projections.get(concrete.name) ?? compileAt(concrete, options);
      projections.set(concrete.name, projection);
      return projection.project(data, variables, known, lacks);
    },
  };
}

function tokenName(token: unknown): unknown {
  return typeof token === "string" ? fromJson(token) : undefined;
}

/** The operation `query { … }` of a schema whose query type is the type of the object. */
function compileAt(
  type: GraphQLObjectType,
  { schema, operation, selection, responseNames, form }: PartOptions,
): Projection {
  const document = documentOf(selection, operation);
  return compileProjection({
    schema: new GraphQLSchema({ ...schema.toConfig(), query: type, assumeValid: true }),
    document,
    operation: document.definitions[0] as OperationDefinitionNode,
    ...(responseNames && { responseNames }),
    form,
  });
}

function documentOf(selection: string, operation: OperationDefinitionNode): DocumentNode {
  const document = parse(selection, { noLocation: true });
  const definitions = document.definitions.map((one) => ({
    ...one,
    variableDefinitions: operation.variableDefinitions ?? [],
  }));
  return { kind: Kind.DOCUMENT, definitions: definitions as OperationDefinitionNode[] };
}
