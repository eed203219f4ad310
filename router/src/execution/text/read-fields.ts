/** What an answer may hold: the response keys of an operation, in the order a subgraph writes them. */
import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
} from "graphql";

/** Equal selections are one object, so a fragment that is used twice has one reader. */
export interface ReadFields {
  readonly fields: readonly ReadField[];
  /** Not every object has all fields: some stand under a type condition, @skip or @include. */
  readonly varies: boolean;
}

export interface ReadField {
  readonly key: string;
  /** Null for a leaf. Collected when first asked for: fragments can make more paths than any answer has. */
  readonly inner: ReadFields | null;
}

/** Of the only operation of the document. */
export function readFieldsOf(document: DocumentNode): ReadFields {
  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error("A subgraph was given a document without an operation.");
  return new Collector(document).collect([operation.selectionSet]);
}

class Collector {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #numbers = new Map<SelectionSetNode, number>();
  readonly #collected = new Map<string, ReadFields>();

  constructor(document: DocumentNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition);
    }
  }

  collect(selectionSets: readonly SelectionSetNode[]): ReadFields {
    const keys = new Map<string, SelectionSetNode[]>();
    const varies = this.#gather(selectionSets, keys, new Set());
    // The key of a selection is what is inside its fields, so two spreads of a fragment come out as one.
    const identity = JSON.stringify([
      varies,
      [...keys].map(([key, selectionSets]) => [key, selectionSets.map((one) => this.#number(one))]),
    ]);
    const known = this.#collected.get(identity);
    if (known) return known;
    const fields = [...keys].map(([key, selectionSets]) => this.#field(key, selectionSets));
    const collected = { fields, varies };
    this.#collected.set(identity, collected);
    return collected;
  }

  #field(key: string, selectionSets: readonly SelectionSetNode[]): ReadField {
    let inner: ReadFields | undefined;
    const collect = () => {
      inner ??= this.collect(selectionSets);
      return inner;
    };
    return {
      key,
      get inner() {
        return selectionSets.length > 0 ? collect() : null;
      },
    };
  }

  /** True when some of the fields may be absent. */
  #gather(
    selectionSets: readonly SelectionSetNode[],
    keys: Map<string, SelectionSetNode[]>,
    seen: Set<string>,
  ): boolean {
    let varies = false;
    const selections = selectionSets.flatMap((one) => one.selections);
    for (const selection of selections) {
      if (hasCondition(selection.directives)) varies = true;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const inner = keys.get(key) ?? [];
        keys.set(key, inner);
        if (selection.selectionSet) inner.push(selection.selectionSet);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragment(selection.name.value, seen);
      if (!fragment) continue;
      // Alone, as in `_entities { ... on User { … } }`, it is there as a whole or not at all.
      if (fragment.typeCondition && selections.length > 1) varies = true;
      if (this.#gather([fragment.selectionSet], keys, seen)) varies = true;
    }
    return varies;
  }

  #fragment(name: string, seen: Set<string>): FragmentDefinitionNode | undefined {
    if (seen.has(name)) return undefined;
    seen.add(name);
    return this.#fragments.get(name);
  }

  #number(selectionSet: SelectionSetNode): number {
    const known = this.#numbers.get(selectionSet) ?? this.#numbers.size;
    this.#numbers.set(selectionSet, known);
    return known;
  }
}

function hasCondition(directives: readonly DirectiveNode[] | undefined): boolean {
  return directives?.some(({ name }) => name.value === "skip" || name.value === "include") ?? false;
}
