/** Who may ask for the schema. */
import type { Actor } from "@tessera/shared-types";
import { Kind, type OperationDefinitionNode, type SelectionSetNode } from "graphql";
import { RouterError } from "../errors/router-error.js";
import type { OperationToCheck } from "./access-plan.js";
import { fragmentsOf } from "./filter-operation.js";

/** For everybody, nobody, or actors with one of these roles. */
export type IntrospectionOption = boolean | { readonly roles: readonly string[] };

export function mayIntrospect(option: IntrospectionOption, actor: Actor | null): boolean {
  if (typeof option === "boolean") return option;
  return actor?.roles.some((role) => option.roles.includes(role)) ?? false;
}

export type IntrospectionCheck = (operation: OperationToCheck, actor: Actor | null) => RouterError | null;

/** Refuses operations that ask for `__schema` or `__type`. Whether one does is found out once. */
export function createIntrospectionCheck(option: IntrospectionOption): IntrospectionCheck {
  const asking = new WeakMap<OperationDefinitionNode, boolean>();
  return (source, actor) => {
    if (option === true) return null;
    const asks = asking.get(source.operation) ?? asksForSchema(source);
    asking.set(source.operation, asks);
    return asks && !mayIntrospect(option, actor) ? new RouterError("INTROSPECTION_REFUSED") : null;
  };
}

function asksForSchema({ document, operation }: OperationToCheck): boolean {
  const fragments = fragmentsOf(document);
  const seen = new Set<SelectionSetNode>();
  function looksInto(set: SelectionSetNode | undefined): boolean {
    if (!set || seen.has(set)) return false;
    seen.add(set);
    return set.selections.some((selection) => {
      if (selection.kind === Kind.FIELD)
        return selection.name.value === "__schema" || selection.name.value === "__type";
      if (selection.kind === Kind.INLINE_FRAGMENT) return looksInto(selection.selectionSet);
      return looksInto(fragments.get(selection.name.value)?.selectionSet);
    });
  }
  return looksInto(operation.selectionSet);
}
