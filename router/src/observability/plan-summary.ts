/** A plan in one line: `users → (products ×2 ∥ reviews)`. Arrows are steps that wait for each other. */
import type { PlanNode, QueryPlan, SubscriptionNode } from "@apollo/query-planner";

const known = new WeakMap<QueryPlan, string>();

export function planSummary(plan: QueryPlan): string {
  const found = known.get(plan);
  if (found !== undefined) return found;
  const summary = plan.node ? summaryOf(plan.node) : "";
  known.set(plan, summary);
  return summary;
}

function summaryOf(node: PlanNode | SubscriptionNode): string {
  switch (node.kind) {
    case "Fetch":
      return node.serviceName;
    case "Flatten":
      return summaryOf(node.node);
    case "Sequence":
      return node.nodes.map(summaryOf).join(" → ");
    case "Parallel":
      return `(${counted(node.nodes.map(summaryOf)).join(" ∥ ")})`;
    case "Condition":
      return `[${node.condition}: ${branch(node.ifClause)}${node.elseClause ? ` else ${branch(node.elseClause)}` : ""}]`;
    case "Defer": {
      const later = node.deferred.flatMap((part) => (part.node ? [summaryOf(part.node)] : []));
      return [branch(node.primary.node), ...later.map((part) => `later ${part}`)].join(" → ");
    }
    case "Subscription":
      return `stream of ${summaryOf(node.primary)}${node.rest ? ` → ${summaryOf(node.rest)}` : ""}`;
  }
}

const branch = (node: PlanNode | undefined): string => (node ? summaryOf(node) : "nothing");

function counted(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count > 1 ? `${name} ×${count}` : name));
}
