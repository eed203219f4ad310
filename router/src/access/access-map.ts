/** Which requirement stands at which coordinate of the supergraph. */
import { type ConstDirectiveNode, type DocumentNode, Kind, valueFromASTUntyped } from "graphql";
import type { SecurityDirectives } from "../supergraph/security-directives.js";
import type { Requirement } from "./requirement.js";

/** Schema coordinate (`Type` or `Type.field`) → what it needs. Coordinates without requirements are absent. */
export type AccessMap = ReadonlyMap<string, readonly Requirement[]>;

export function readAccessMap(supergraph: DocumentNode, directives: SecurityDirectives): AccessMap {
  const map = new Map<string, readonly Requirement[]>();
  const add = (coordinate: string, applied: readonly ConstDirectiveNode[] = []) => {
    const requirements = applied.flatMap((directive) => requirementOf(directive, directives));
    if (requirements.length > 0) map.set(coordinate, requirements);
  };
  for (const definition of supergraph.definitions) {
    if (!("name" in definition) || !definition.name || !("directives" in definition)) continue;
    const type = definition.name.value;
    add(type, definition.directives as readonly ConstDirectiveNode[]);
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of definition.fields ?? []) add(`${type}.${field.name.value}`, field.directives);
  }
  return map;
}

function requirementOf(directive: ConstDirectiveNode, directives: SecurityDirectives): Requirement[] {
  switch (directives.get(directive.name.value)) {
    case "authenticated":
      return [{}];
    case "requiresScopes":
      return [{ scopes: lists(directive, "scopes") }];
    case "policy":
      return [{ policies: lists(directive, "policies") }];
    default:
      return [];
  }
}

/** An argument that cannot be read gives an empty list, which nobody satisfies. */
function lists(directive: ConstDirectiveNode, argument: string): readonly (readonly string[])[] {
  const node = directive.arguments?.find(({ name }) => name.value === argument)?.value;
  return node ? (valueFromASTUntyped(node) as string[][]) : [];
}
