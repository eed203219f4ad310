/**
 * For the way back after `@requires`, the planner takes the first key a subgraph has, even one it does not resolve
 * entities by; so those that it does resolve have to come first.
 */
import { type ConstDirectiveNode, type DefinitionNode, type DocumentNode, Kind } from "graphql";

export function putResolvableKeysFirst(supergraph: DocumentNode, joinType: string): DocumentNode {
  return { ...supergraph, definitions: supergraph.definitions.map((definition) => inOrder(definition, joinType)) };
}

function inOrder(definition: DefinitionNode, joinType: string): DefinitionNode {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) {
    return definition;
  }
  const isLast = (directive: ConstDirectiveNode) => directive.name.value === joinType && !isResolvable(directive);
  const directives = definition.directives ?? [];
  if (!directives.some(isLast)) return definition;
  return { ...definition, directives: [...directives.filter((one) => !isLast(one)), ...directives.filter(isLast)] };
}

function isResolvable(directive: ConstDirectiveNode): boolean {
  const value = directive.arguments?.find(({ name }) => name.value === "resolvable")?.value;
  return !(value?.kind === Kind.BOOLEAN && !value.value);
}
