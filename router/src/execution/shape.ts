/**
 * Turns merged data into the answer of the client's operation, by the rules of the GraphQL specification: graphql-js
 * executes the operation over data that is already there, so aliases, fragments, abstract types, leaf values and null
 * propagation are right by construction.
 */
import {
  type DocumentNode,
  type ExecutionResult,
  executeSync,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  type OperationDefinitionNode,
} from "graphql";

export interface Shaping {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>;
}

type Data = Readonly<Record<string, unknown>>;

/** `errors` are those of completion alone: a null where none is allowed, a leaf value of the wrong kind. */
export function shape(data: Data | null, shaping: Shaping): ExecutionResult {
  return executeSync({
    schema: shaping.schema,
    document: shaping.document,
    operationName: shaping.operation.name?.value ?? null,
    rootValue: data ?? {},
    variableValues: shaping.variables,
    fieldResolver: byResponseKey,
    typeResolver: byTypename,
  });
}

const byResponseKey: GraphQLFieldResolver<unknown, unknown> = (source, _args, _context, info) =>
  (source as Data)[String(info.path.key)];

const byTypename: GraphQLTypeResolver<unknown, unknown> = (value) => {
  const name = (value as Data).__typename;
  return typeof name === "string" ? name : undefined;
};

/** Completion errors that no known error explains: one lies on the way to the other, the null it left caused them. */
export function unexplained(completion: readonly GraphQLError[], known: readonly GraphQLError[]): GraphQLError[] {
  return completion.filter((error) => !known.some((one) => one.path === undefined || onOneWay(one.path, error.path)));
}

function onOneWay(one: readonly (string | number)[], other: readonly (string | number)[] | undefined): boolean {
  return !other || one.every((key, index) => index >= other.length || key === "@" || key === other[index]);
}
