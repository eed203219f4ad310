/** How large an operation is, with its fragments expanded; each fragment is measured once, however often it is used. */
import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from "graphql";

export interface OperationSize {
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
}

/** `fragments` must be free of cycles, as validation guarantees. Introspection counts for nothing. */
export function measureOperation(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): OperationSize {
  const known = new Map<string, OperationSize>();

  function ofFragment(name: string): OperationSize {
    const definition = fragments.get(name);
    const size = known.get(name) ?? (definition ? ofSet(definition.selectionSet) : nothing);
    known.set(name, size);
    return size;
  }

  function ofSet(set: SelectionSetNode): OperationSize {
    let { depth, aliases, rootFields } = nothing;
    for (const selection of set.selections) {
      const size = selection.kind === Kind.FIELD ? null : sizeOfFragment(selection);
      if (size) {
        depth = Math.max(depth, size.depth);
        aliases += size.aliases;
        rootFields += size.rootFields;
      } else if (selection.kind === Kind.FIELD && !selection.name.value.startsWith("__")) {
        const below = selection.selectionSet ? ofSet(selection.selectionSet) : nothing;
        depth = Math.max(depth, 1 + below.depth);
        aliases += below.aliases + (selection.alias ? 1 : 0);
        rootFields += 1;
      }
    }
    return { depth, aliases, rootFields };
  }

  function sizeOfFragment(selection: Exclude<SelectionSetNode["selections"][number], { kind: Kind.FIELD }>) {
    return selection.kind === Kind.FRAGMENT_SPREAD ? ofFragment(selection.name.value) : ofSet(selection.selectionSet);
  }

  return ofSet(operation.selectionSet);
}

const nothing: OperationSize = { depth: 0, aliases: 0, rootFields: 0 };
