/**
 * One representation cannot carry a field twice. When fields of one fetch require the same field with different
 * arguments, the fetch becomes several: each asks for the fields whose requirements agree.
 */
import type { FetchNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import {
  type DocumentNode,
  type FragmentSpreadNode,
  type InlineFragmentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { normalise } from "./normalise.js";
import { type RequiredFields, requirerKey } from "./required-arguments.js";

/** The fetches to make instead; `[fetch]` when nothing disagrees. The last one keeps the id and all that requires nothing. */
export function splitFetch(fetch: FetchNode, required: RequiredFields, graph: string): FetchNode[] {
  const { requires = [], id, ...others } = fetch;
  const conflicts = conflictsIn(requires, required);
  if (conflicts.length === 0) return [fetch];
  const requirementsOf = (type: string, field: string) =>
    requirements(required, graph, type, field).filter((name) => conflicts.some((names) => names.has(name)));
  const entities = new EntityOperation(fetch.operation, requirementsOf);
  const groups = agreeing(entities.requirements(), conflicts);

  return groups.map((group, at) => {
    const isLast = at === groups.length - 1;
    const suffix = isLast ? "" : `_${at}`;
    const isOther = (name: string) => !group.has(name) && conflicts.some((names) => names.has(name));
    const operation = entities.textOf(group, isLast, suffix);
    return {
      ...others,
      ...(isLast && id !== undefined ? { id } : {}),
      operation,
      operationName: fetch.operationName === undefined ? undefined : fetch.operationName + suffix,
      variableUsages: (fetch.variableUsages ?? []).filter((name) => new RegExp(`\\$${name}\\b`).test(operation)),
      requires: without(requires, isOther),
    };
  });
}

function requirements(required: RequiredFields, graph: string, type: string, field: string): string[] {
  const exact = required.byRequirer.get(requirerKey(graph, type, field));
  if (exact) return [...exact];
  // An interface object goes by another name here than in the supergraph.
  const similar = [...required.byRequirer].filter(([key]) => key.startsWith(`${graph} `) && key.endsWith(`.${field}`));
  return similar.flatMap(([, names]) => [...names]);
}

/** Puts what is required together into as few groups as agree. */
function agreeing(required: readonly (readonly string[])[], conflicts: readonly ReadonlySet<string>[]): Set<string>[] {
  const groups: Set<string>[] = [];
  const disagrees = (group: ReadonlySet<string>, name: string) =>
    conflicts.some((names) => names.has(name) && [...names].some((other) => other !== name && group.has(other)));
  for (const names of required) {
    const group = groups.find((one) => !names.some((name) => disagrees(one, name)));
    if (group) for (const name of names) group.add(name);
    else groups.push(new Set(names));
  }
  return groups;
}

/** Sets of names of which a representation can carry one: the same field, at the same place. */
function conflictsIn(selections: readonly QueryPlanSelectionNode[], required: RequiredFields): Set<string>[] {
  const byPlace = new Map<string, Set<string>>();
  const walk = (nodes: readonly QueryPlanSelectionNode[], place: string): void => {
    for (const node of nodes) {
      // Two type conditions may hold for one object, so they do not make two places.
      if (node.kind === "InlineFragment") {
        walk(node.selections, place);
        continue;
      }
      const known = required.byName.get(node.name);
      const at = `${place}.${known?.field}`;
      if (known) byPlace.set(at, (byPlace.get(at) ?? new Set()).add(node.name));
      walk(node.selections ?? [], `${place}.${node.name}`);
    }
  };
  walk(selections, "");
  return [...byPlace.values()].filter((names) => names.size > 1);
}

function without(
  selections: readonly QueryPlanSelectionNode[],
  isOther: (name: string) => boolean,
): QueryPlanSelectionNode[] {
  return selections.flatMap((node): QueryPlanSelectionNode[] => {
    if (node.kind === "Field" && isOther(node.name)) return [];
    return node.selections ? [{ ...node, selections: without(node.selections, isOther) }] : [node];
  });
}

/** The operation of a fetch of entities, taken apart by what the fields of the entities require. */
class EntityOperation {
  readonly #document: DocumentNode;
  readonly #operation: OperationDefinitionNode;
  readonly #requirementsOf: (type: string, field: string) => readonly string[];

  constructor(text: string, requirementsOf: (type: string, field: string) => readonly string[]) {
    this.#document = parse(text, { noLocation: true });
    const [operation] = this.#document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError("a fetch begins with its operation");
    this.#operation = operation;
    this.#requirementsOf = requirementsOf;
  }

  /** Of each field that requires something. */
  requirements(): (readonly string[])[] {
    const found: (readonly string[])[] = [];
    this.#filterRoot((names) => {
      if (names.length > 0) found.push(names);
      return true;
    });
    return found;
  }

  /** The operation with the fields that require nothing but `group`; `withOthers`: and with those that require nothing. */
  textOf(group: ReadonlySet<string>, withOthers: boolean, suffix: string): string {
    const selectionSet = this.#filterRoot((names) => {
      return names.length === 0 ? withOthers : names.every((name) => group.has(name));
    });
    const { name } = this.#operation;
    const operation = {
      ...this.#operation,
      ...(name ? { name: { ...name, value: name.value + suffix } } : {}),
      selectionSet,
    };
    const fragments = this.#document.definitions.slice(1);
    return normalise({ kind: Kind.DOCUMENT, definitions: [operation, ...fragments] }, operation);
  }

  #filterRoot(isKept: (names: readonly string[]) => boolean): SelectionSetNode {
    const { selectionSet } = this.#operation;
    const selections = selectionSet.selections.map((root) =>
      root.kind === Kind.FIELD && root.selectionSet
        ? { ...root, selectionSet: this.#filter(root.selectionSet, "", isKept) }
        : root,
    );
    return { ...selectionSet, selections };
  }

  #filter(set: SelectionSetNode, type: string, isKept: (names: readonly string[]) => boolean): SelectionSetNode {
    const selections = set.selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) {
        return isKept(this.#requirementsOf(type, selection.name.value)) ? [selection] : [];
      }
      const fragment = this.#asInline(selection);
      const inner = this.#filter(fragment.selectionSet, fragment.typeCondition?.name.value ?? type, isKept);
      return inner.selections.length > 0 ? [{ ...fragment, selectionSet: inner }] : [];
    });
    return { ...set, selections };
  }

  /** A part of a named fragment may go with one fetch and a part with another. */
  #asInline(selection: InlineFragmentNode | FragmentSpreadNode): InlineFragmentNode {
    if (selection.kind === Kind.INLINE_FRAGMENT) return selection;
    const fragment = this.#document.definitions.find(
      (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
    );
    if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) throw new TypeError(`no fragment ${selection.name.value}`);
    const { typeCondition, selectionSet } = fragment;
    return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet, directives: selection.directives ?? [] };
  }
}
