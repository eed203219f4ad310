/**
 * Turns the fields that `required-arguments.ts` made for the planner back into fields with arguments: operations ask for
 * `_required0_price: price(currency: USD)`, and representations carry it as `price`.
 */
import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import { type DocumentNode, Kind, parse, print, stripIgnoredCharacters, visit } from "graphql";
import { type RequiredFields, requiredPrefix } from "./required-arguments.js";
import { splitFetch } from "./split-fetch.js";

type Rewrite = NonNullable<FetchNode["inputRewrites"]>[number];

/** `graphs`: name of a subgraph → its name in the enum `join__Graph`. */
export function restoreArguments(
  plan: QueryPlan,
  required: RequiredFields,
  graphs: ReadonlyMap<string, string>,
): QueryPlan {
  if (required.byName.size === 0 || !plan.node) return plan;
  const restore = (fetch: FetchNode): PlanNode => {
    const graph = graphs.get(fetch.serviceName) ?? "";
    const parts = splitFetch(fetch, required, graph).map((part) => restoreFetch(part, required));
    const [only] = parts;
    if (only && parts.length === 1) return only;
    // Deferred parts wait for the fetch with the id, so it goes last.
    return fetch.id === undefined ? { kind: "Parallel", nodes: parts } : { kind: "Sequence", nodes: parts };
  };
  const { node } = plan;
  if (node.kind !== "Subscription") return { ...plan, node: mapFetches(node, restore) };
  const primary = restoreFetch(node.primary, required);
  return { ...plan, node: { ...node, primary, ...(node.rest ? { rest: mapFetches(node.rest, restore) } : {}) } };
}

function mapFetches(node: PlanNode, map: (fetch: FetchNode) => PlanNode): PlanNode {
  const each = (nodes: readonly PlanNode[]) => nodes.map((one) => mapFetches(one, map));
  switch (node.kind) {
    case "Fetch":
      return map(node);
    case "Sequence":
    case "Parallel":
      return { ...node, nodes: each(node.nodes) };
    case "Flatten": {
      const inner = mapFetches(node.node, map);
      if (inner.kind !== "Sequence" && inner.kind !== "Parallel") return { ...node, node: inner };
      return { ...inner, nodes: inner.nodes.map((one) => ({ ...node, node: one })) };
    }
    case "Condition": {
      const { ifClause, elseClause } = node;
      return {
        ...node,
        ...(ifClause ? { ifClause: mapFetches(ifClause, map) } : {}),
        ...(elseClause ? { elseClause: mapFetches(elseClause, map) } : {}),
      };
    }
    case "Defer": {
      const { primary, deferred } = node;
      return {
        ...node,
        primary: primary.node ? { ...primary, node: mapFetches(primary.node, map) } : primary,
        deferred: deferred.map((one) => (one.node ? { ...one, node: mapFetches(one.node, map) } : one)),
      };
    }
  }
}

function restoreFetch(fetch: FetchNode, required: RequiredFields): FetchNode {
  const renamed = renamers(fetch.requires ?? [], required);
  const inputRewrites = [...(fetch.inputRewrites ?? []), ...renamed];
  return {
    ...fetch,
    ...(fetch.operation.includes(requiredPrefix) ? { operation: restoreText(fetch.operation, required) } : {}),
    ...(renamed.length > 0 ? { inputRewrites } : {}),
  };
}

function restoreText(operation: string, required: RequiredFields): string {
  const document: DocumentNode = visit(parse(operation, { noLocation: true }), {
    Field: (field) => {
      const known = required.byName.get(field.name.value);
      if (!known) return undefined;
      const name = { kind: Kind.NAME as const, value: known.field };
      return { ...field, alias: field.alias ?? field.name, name, arguments: known.arguments ?? [] };
    },
  });
  return stripIgnoredCharacters(print(document));
}

/** Inner ones first: a path is that of the object before it is renamed itself. */
function renamers(
  selections: readonly QueryPlanSelectionNode[],
  required: RequiredFields,
  path: readonly string[] = [],
): Rewrite[] {
  return selections.flatMap((selection): Rewrite[] => {
    if (selection.kind === "InlineFragment") {
      const { typeCondition } = selection;
      const on = typeCondition === undefined ? path : [...path, `... on ${typeCondition}`];
      return renamers(selection.selections, required, on);
    }
    const key = selection.alias ?? selection.name;
    const below = renamers(selection.selections ?? [], required, [...path, key]);
    const known = required.byName.get(selection.name);
    if (!known) return below;
    return [...below, { kind: "KeyRenamer", path: [...path, key], renameKeyTo: known.field }];
  });
}
