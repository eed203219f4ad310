/** How large an operation is, with its fragments expanded; each fragment is measured once, however often it is used. */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

export interface OperationSize {
  /** Levels of nested fields. */
  readonly depth: number;
  /** Fields in all, those of introspection too: whatever is selected has to be walked through. */
  readonly height: number;
  readonly aliases: number;
  readonly rootFields: number;
  /** Directives on the operation, its variables, fields and fragments. */
  readonly directives: number;
}

/**
 * `fragments` must be free of cycles, as validation guarantees. Beyond height and directives, introspection counts
 * for nothing. Fragments that multiply each other can make a number infinite, and take no longer.
 */
export function measureOperation(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): OperationSize {
  const size = new Measure(fragments).ofSet(operation.selectionSet);
  const variables = operation.variableDefinitions ?? [];
  const own = count(operation) + variables.reduce((sum, variable) => sum + count(variable), 0);
  return { ...size, directives: size.directives + own };
}

const nothing: OperationSize = { depth: 0, height: 0, aliases: 0, rootFields: 0, directives: 0 };

class Measure {
  readonly #known = new Map<string, OperationSize>();

  constructor(private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>) {}

  ofSet(set: SelectionSetNode | undefined): OperationSize {
    return set ? set.selections.map((selection) => this.#ofSelection(selection)).reduce(together, nothing) : nothing;
  }

  #ofSelection(selection: SelectionNode): OperationSize {
    if (selection.kind === Kind.FIELD) return this.#ofField(selection);
    const size =
      selection.kind === Kind.INLINE_FRAGMENT ? this.ofSet(selection.selectionSet) : this.#named(selection.name.value);
    return { ...size, directives: size.directives + count(selection) };
  }

  #ofField(field: FieldNode): OperationSize {
    const below = this.ofSet(field.selectionSet);
    const directives = below.directives + count(field);
    const height = below.height + 1;
    if (field.name.value.startsWith("__")) return { ...nothing, height, directives };
    return {
      depth: below.depth + 1,
      height,
      aliases: below.aliases + (field.alias ? 1 : 0),
      rootFields: 1,
      directives,
    };
  }

  #named(name: string): OperationSize {
    const known = this.#known.get(name);
    if (known) return known;
    const definition = this.fragments.get(name);
    const inner = this.ofSet(definition?.selectionSet);
    const size = { ...inner, directives: inner.directives + (definition ? count(definition) : 0) };
    this.#known.set(name, size);
    return size;
  }
}

function together(one: OperationSize, other: OperationSize): OperationSize {
  return {
    depth: Math.max(one.depth, other.depth),
    height: one.height + other.height,
    aliases: one.aliases + other.aliases,
    rootFields: one.rootFields + other.rootFields,
    directives: one.directives + other.directives,
  };
}

function count({ directives }: { readonly directives?: readonly unknown[] }): number {
  return directives?.length ?? 0;
}
