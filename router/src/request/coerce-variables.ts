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

export function coerceVariables(schema: GraphQLSchema, request: OperationRequest, { operation }: Operation): Values {
  const definitions = operation.variableDefinitions ?? [];
  if (definitions.length === 0) return { variables: none };
  const { files } = request;
  const given = request.variables ?? none;
  const values = getVariableValues(schema, definitions, files ? withFiles(given, files) : given);
  if (values.errors) return { errors: values.errors.map((error) => codedAs("BAD_USER_INPUT", error)) };
  return { variables: files ? withoutFiles(values.coerced, files) : values.coerced };
}
