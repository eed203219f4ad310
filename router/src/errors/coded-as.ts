/** The same error with a code, for those that libraries made. */
import { GraphQLError } from "graphql";

export function codedAs(code: string, error: GraphQLError): GraphQLError {
  const { nodes = null, source = null, positions = null } = error;
  return new GraphQLError(error.message, { nodes, source, positions, extensions: { code } });
}
