/** The operation without what is deferred: the shape of the first part. */
import { type DocumentNode, getOperationAST, type SelectionNode, visit } from "graphql";
import { isDeferred, type Variables } from "./deferred-places.js";
import type { ShownOperation } from "./introspection.js";

export function withoutDeferred({ document, operation }: ShownOperation, variables: Variables): ShownOperation {
  const drop = (node: SelectionNode) => (isDeferred(node, variables) ? null : undefined);
  const left: DocumentNode = visit(document, { InlineFragment: drop, FragmentSpread: drop });
  return { document: left, operation: getOperationAST(left, operation.name?.value) ?? operation };
}
