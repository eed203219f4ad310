/** An operation of which nothing may be executed: every field is null, as far up as non-null types say. */
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { RouterError } from "../errors/router-error.js";
import type { Executable } from "./executable.js";
import { compileProjection } from "./text/projection.js";

export function executableOfNothing(
  shown: { readonly document: DocumentNode; readonly operation: OperationDefinitionNode },
  schema: GraphQLSchema,
): Executable {
  const projection = compileProjection({ schema, ...shown, responseNames: {}, form: "value" });
  return {
    kind: shown.operation.operation,
    isDeferred: false,
    source: null,
    calls: () => [],
    prepare: (variables) => projection.prepare(variables),
    async run({ variables, refused = [] }) {
      const { data, errors } = projection.project({}, variables, refused);
      return { data, errors: [...refused, ...errors] };
    },
    // biome-ignore lint/correctness/useYield: an operation without anything to run has no parts
    async *runInParts() {
      throw new RouterError("INTERNAL_SERVER_ERROR");
    },
    async complete() {
      throw new RouterError("INTERNAL_SERVER_ERROR");
    },
  };
}
