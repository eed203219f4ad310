/**
 * Takes out of an operation what the actor may not see, before it is planned. A selection set that loses everything
 * keeps a `__typename`, so that its object is still asked for; only a root that loses everything is not executed.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { SchemaAccess } from "./coordinate-access.js";
import type { Requirement } from "./requirement.js";

/** Whether a selection that needs all of these goes. */
export type Refuses = (requirements: readonly Requirement[]) => boolean;

export interface Filtered {
  /** The operation to execute with the fragments it still uses; `null` when no root field is left. */
  readonly document: DocumentNode | null;
  /** Every selection that was taken out, by the node of the client's document. */
  readonly removed: ReadonlySet<SelectionNode>;
}

/** What is left of `operation` without what `refuses` names. Nothing removed: `document` is the client's own. */
export function filterOperation(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  schema: GraphQLSchema,
  access: SchemaAccess,
  refuses: Refuses,
): Filtered {
  const filter = new Filter(document, schema, access, refuses);
  const root = schema.getRootType(operation.operation);
  const selections = root ? filter.selections(operation.selectionSet, root) : [];
  if (filter.removed.size === 0) return { document, removed: filter.removed };
  if (!selections.some(isDataField)) return { document: null, removed: filter.removed };
  const kept = { ...operation, selectionSet: { ...operation.selectionSet, selections } };
  return { document: { kind: Kind.DOCUMENT, definitions: [kept, ...filter.fragments()] }, removed: filter.removed };
}

/** A root `__typename` alone needs no subgraph. */
function isDataField(selection: SelectionNode): boolean {
  return selection.kind !== Kind.FIELD || selection.name.value !== "__typename";
}

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

class Filter {
  readonly removed = new Set<SelectionNode>();
  readonly #schema: GraphQLSchema;
  readonly #access: SchemaAccess;
  readonly #refuses: Refuses;
  readonly #definitions: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Filtered fragments by name; `null` when nothing of one is left. */
  readonly #fragments = new Map<string, FragmentDefinitionNode | null>();

  constructor(document: DocumentNode, schema: GraphQLSchema, access: SchemaAccess, refuses: Refuses) {
    this.#schema = schema;
    this.#access = access;
    this.#refuses = refuses;
    this.#definitions = fragmentsOf(document);
  }

  fragments(): FragmentDefinitionNode[] {
    return [...this.#fragments.values()].filter((fragment) => fragment !== null);
  }

  selections(set: SelectionSetNode, parent: GraphQLCompositeType): SelectionNode[] {
    const kept = set.selections.flatMap((selection) => this.#selection(selection, parent));
    // Objects behind an abstract type are put back together by their type name.
    return isAbstractType(parent) ? [typename, ...kept] : kept;
  }

  #selection(selection: SelectionNode, parent: GraphQLCompositeType): SelectionNode[] {
    switch (selection.kind) {
      case Kind.FIELD:
        return this.#field(selection, parent);
      case Kind.INLINE_FRAGMENT: {
        const type = this.#type(selection.typeCondition?.name.value) ?? parent;
        if (!this.#mayUse(type)) return this.#remove(selection);
        const selections = this.selections(selection.selectionSet, type);
        return selections.length > 0 ? [{ ...selection, selectionSet: { ...selection.selectionSet, selections } }] : [];
      }
      case Kind.FRAGMENT_SPREAD: {
        const definition = this.#definitions.get(selection.name.value);
        const type = this.#type(definition?.typeCondition.name.value);
        if (type && !this.#mayUse(type)) return this.#remove(selection);
        return this.#fragment(selection.name.value) ? [selection] : [];
      }
    }
  }

  #field(field: FieldNode, parent: GraphQLCompositeType): SelectionNode[] {
    const name = field.name.value;
    if (name.startsWith("__") || !("getFields" in parent)) return [field];
    const definition = parent.getFields()[name];
    if (!definition) return [field];
    if (this.#refuses(this.#access.ofField(parent, name))) return this.#remove(field);
    const type = getNamedType(definition.type);
    if (!field.selectionSet || !isCompositeType(type)) return [field];
    const selections = this.selections(field.selectionSet, type);
    const something = selections.length > 0 ? selections : [typename];
    return [{ ...field, selectionSet: { ...field.selectionSet, selections: something } }];
  }

  #fragment(name: string): FragmentDefinitionNode | null {
    const known = this.#fragments.get(name);
    if (known !== undefined) return known;
    const definition = this.#definitions.get(name);
    const type = this.#type(definition?.typeCondition.name.value);
    if (!definition || !type) return null;
    const selections = this.selections(definition.selectionSet, type);
    const set = { ...definition.selectionSet, selections };
    const kept = selections.length > 0 ? { ...definition, selectionSet: set } : null;
    this.#fragments.set(name, kept);
    return kept;
  }

  #remove(selection: SelectionNode): SelectionNode[] {
    this.removed.add(selection);
    return [];
  }

  #mayUse(type: GraphQLCompositeType): boolean {
    return !this.#refuses(this.#access.ofType(type));
  }

  #type(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : this.#schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }
}

export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}
