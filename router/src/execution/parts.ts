/** With @defer: the first part of an answer, then the others as their fetches are done. */
import type { GraphQLError, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { ExecutedPart } from "./executable.js";
import type { Program } from "./program.js";
import type { Run } from "./run.js";
import type { Projection } from "./text/projection.js";
import type { LeafForm } from "./text/tree.js";

export interface PartsOptions {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly responseNames: Readonly<Record<string, string>>;
  readonly form: LeafForm;
  readonly projection: Projection;
}

export async function* runInParts(
  run: Run,
  program: Program,
  options: PartsOptions,
): AsyncGenerator<ExecutedPart, void, void> {
  await run.start();
  const errors: GraphQLError[] = program.parts.flatMap(({ index }) => run.errorsOf(index));
  const { data, errors: more } = options.projection.project(run.root, run.execution.variables, errors);
  yield { data, errors: [...errors, ...more], hasNext: false };
}
