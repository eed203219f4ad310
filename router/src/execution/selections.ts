/** Selections of subgraph operations, flattened over fragments: which response keys an object gets, and what is in them. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

/** Response key → the keys below it; an empty map for a leaf. */
export interface Keys extends ReadonlyMap<string, Keys> {}

export interface ParsedFetch {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

export function parsedFetch(document: DocumentNode): ParsedFetch {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operation = definition;
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  if (!operation) throw new Error("A fetch of a plan has no operation.");
  return { document, operation, fragments };
}

export function keysSelected(set: SelectionSetNode | undefined, fragments: ParsedFetch["fragments"]): Keys {
  const keys = new Map<string, Keys>();
  if (set) collect(set, fragments, keys);
  return keys;
}

function collect(set: SelectionSetNode, fragments: ParsedFetch["fragments"], into: Map<string, Keys>): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet, fragments, into);
    else if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = fragments.get(selection.name.value);
      if (fragment) collect(fragment.selectionSet, fragments, into);
    } else {
      const key = selection.alias?.value ?? selection.name.value;
      const below = (into.get(key) as Map<string, Keys> | undefined) ?? new Map<string, Keys>();
      if (selection.selectionSet) collect(selection.selectionSet, fragments, below);
      into.set(key, below);
    }
  }
}
