/** The same error with a code, for those that libraries made. */
import { GraphQLError } from "graphql";

/** Messages repeat what the client has sent, which it knows well enough. */
const longestMessage = 1_000;

export function codedAs(code: string, error: GraphQLError): GraphQLError {
  const { nodes = null, source = null, positions = null } = error;
  return new GraphQLError(shortened(error.message), { nodes, source, positions, extensions: { code } });
}

function shortened(message: string): string {
  return message.length <= longestMessage ? message : `${message.slice(0, longestMessage)}…`;
}
