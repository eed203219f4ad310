/** An operation whose answer comes in one piece, for clients that cannot read several. */
import { type DocumentNode, getOperationAST, type OperationDefinitionNode, visit } from "graphql";

export interface Selecting {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

export function withoutDefer({ document, operation }: Selecting): Selecting {
  const whole = visit(document, { Directive: ({ name }) => (name.value === "defer" ? null : undefined) });
  return { document: whole, operation: getOperationAST(whole, operation.name?.value) ?? operation };
}
