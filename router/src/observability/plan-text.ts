/**
 * A plan as a tree that a person reads:
 *
 *     Sequence
 *     ├─ Fetch from users
 *     │    { me { __typename id } }
 *     └─ at me
 *        └─ Fetch from reviews
 *             needs { ... on User { __typename id } }
 *             { ... on User { reviews { text } } }
 */
import type { PlanNode, QueryPlan, QueryPlanSelectionNode, SubscriptionNode } from "@apollo/query-planner";
import { Kind, parse, print, type SelectionSetNode } from "graphql";

/** A line, what is said about it, and what hangs below it. */
interface Branch {
  readonly title: string;
  readonly details?: readonly string[];
  readonly below?: readonly Branch[];
}

export function planText({ node }: QueryPlan): string {
  if (!node) return "Nothing is asked of any subgraph.";
  return linesOf(branchOf(node)).join("\n");
}

function linesOf({ title, details = [], below = [] }: Branch): string[] {
  const rail = below.length > 0 ? "│ " : "  ";
  const lines = [title, ...details.map((line) => `${rail}${line}`)];
  below.forEach((branch, index) => {
    const isLast = index === below.length - 1;
    const [first = "", ...further] = linesOf(branch);
    lines.push(`${isLast ? "└─ " : "├─ "}${first}`, ...further.map((line) => `${isLast ? "   " : "│  "}${line}`));
  });
  return lines;
}

function branchOf(node: PlanNode | SubscriptionNode): Branch {
  switch (node.kind) {
    case "Fetch": {
      const needs = node.requires ? [`needs ${selected(node.requires)}`] : [];
      return { title: `Fetch from ${node.serviceName}`, details: [...needs, asked(node.operation)] };
    }
    case "Flatten":
      return { title: `at ${node.path.join(".")}`, below: [branchOf(node.node)] };
    case "Sequence":
    case "Parallel":
      return { title: node.kind, below: node.nodes.map(branchOf) };
    case "Condition":
      return {
        title: `Only if $${node.condition}`,
        below: [...optional(node.ifClause), ...optional(node.elseClause, "Otherwise")],
      };
    case "Defer":
      return {
        title: "Defer",
        below: [
          ...optional(node.primary.node, "First"),
          ...node.deferred.flatMap((part) => optional(part.node, `Later ${part.label ?? part.queryPath.join(".")}`)),
        ],
      };
    case "Subscription":
      return { title: "Stream", below: [branchOf(node.primary), ...optional(node.rest, "For each event")] };
  }
}

function optional(node: PlanNode | undefined, title?: string): Branch[] {
  if (!node) return [];
  return title === undefined ? [branchOf(node)] : [{ title, below: [branchOf(node)] }];
}

/** What is asked for, in one line; of entities, only what is asked of them. */
function asked(operation: string): string {
  const [definition] = parse(operation, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return operation;
  const [first] = definition.selectionSet.selections;
  const isOfEntities = first?.kind === Kind.FIELD && first.name.value === "_entities" && first.selectionSet;
  const fragments = operation.includes("fragment ") ? " with fragments" : "";
  return inOneLine(isOfEntities ? first.selectionSet : definition.selectionSet) + fragments;
}

function inOneLine(set: SelectionSetNode | undefined): string {
  return set ? print(set).replace(/\s+/g, " ") : "{}";
}

function selected(selections: readonly QueryPlanSelectionNode[]): string {
  const texts = selections.map((selection) => {
    const below = selection.selections?.length ? ` ${selected(selection.selections)}` : "";
    if (selection.kind === Kind.FIELD) return `${selection.name}${below}`;
    return selection.typeCondition === undefined ? `...${below}` : `... on ${selection.typeCondition}${below}`;
  });
  return `{ ${texts.join(" ")} }`;
}
