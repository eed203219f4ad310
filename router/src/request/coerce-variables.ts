/** Variables of a request by the types its operation declares for them. */
import { type GraphQLError, type GraphQLSchema, getVariableValues } from "graphql";
import { codedAs } from "../errors/coded-as.js";
import type { Operation } from "./operations.js";
import type { OperationRequest } from "./outcome.js";
import { withFiles, withoutFiles } from "./variables-with-files.js";

export type Values =
  | { readonly variables: Readonly<Record<string, unknown>>; readonly errors?: undefined }
  | { readonly errors: readonly GraphQLError[] };

const none: Readonly<Record<string, unknown>> = {};

/** Each repeats the value that was wrong, and that may be large. */
const mostErrors = 10;

/** @param suggests whether errors may name what the client may have meant: parts of the schema. */
export function coerceVariables(
  schema: GraphQLSchema,
  request: OperationRequest,
  { operation }: Operation,
  suggests: boolean,
): Values {
  const definitions = operation.variableDefinitions ?? [];
  if (definitions.length === 0) return { variables: none };
  const { files } = request;
  const given = request.variables ?? none;
  const options = { maxErrors: mostErrors, hideSuggestions: !suggests };
  const values = getVariableValues(schema, definitions, files ? withFiles(given, files) : given, options);
  if (values.errors) return { errors: values.errors.map((error) => codedAs("BAD_USER_INPUT", error)) };
  return { variables: files ? withoutFiles(values.coerced, files) : values.coerced };
}
