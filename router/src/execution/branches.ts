/** Plans whose shape depends on variables: each combination of conditions around a @defer is a plan of its own. */
import type { PlanNode, QueryPlan } from "@apollo/query-planner";

/** The plan that applies to some variables; `undefined` when nothing has to be fetched. */
export type Branch = (variables: Readonly<Record<string, unknown>>) => PlanNode | undefined;

type Node = NonNullable<QueryPlan["node"]>;

export function hasDefer(node: Node | undefined): boolean {
  switch (node?.kind) {
    case "Defer":
      return true;
    case "Sequence":
    case "Parallel":
      return node.nodes.some(hasDefer);
    case "Condition":
      return hasDefer(node.ifClause) || hasDefer(node.elseClause);
    case "Flatten":
      return hasDefer(node.node);
    default:
      return false;
  }
}

/** Follows conditions from the top as long as some of it is deferred; conditions inside one plan are left to its run. */
export function branchOf(
  node: PlanNode | undefined,
  variables: Readonly<Record<string, unknown>>,
): PlanNode | undefined {
  let branch = node;
  while (branch?.kind === "Condition" && hasDefer(branch)) {
    branch = variables[branch.condition] === true ? branch.ifClause : branch.elseClause;
  }
  return branch;
}
