/** CollectFields of the GraphQL specification, done once for each set of values of the variables in @skip and @include. */
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from "graphql";

export class FieldCollector {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #numbers = new Map<SelectionSetNode, number>();

  constructor(
    readonly schema: GraphQLSchema,
    document: DocumentNode,
    readonly flags: Readonly<Record<string, boolean>>,
  ) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition);
    }
  }

  /** By response key, in the order they are answered. */
  collect(
    type: GraphQLObjectType | GraphQLInterfaceType,
    selectionSets: readonly SelectionSetNode[],
  ): Map<string, FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    this.#gather(type, selectionSets, fields, new Set());
    return fields;
  }

  /** Equal for equal lists of selection sets. */
  identify(selectionSets: readonly SelectionSetNode[]): string {
    return selectionSets.map((one) => this.#number(one)).join(" ");
  }

  #gather(
    type: GraphQLObjectType | GraphQLInterfaceType,
    selectionSets: readonly SelectionSetNode[],
    fields: Map<string, FieldNode[]>,
    seen: Set<string>,
  ): void {
    for (const selection of selectionSets.flatMap((one) => one.selections)) {
      if (!this.#isIncluded(selection.directives)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const nodes = fields.get(key);
        if (nodes) nodes.push(selection);
        else fields.set(key, [selection]);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragment(selection.name.value, seen);
      if (!fragment || !this.#applies(fragment.typeCondition?.name.value, type)) continue;
      this.#gather(type, [fragment.selectionSet], fields, seen);
    }
  }

  #fragment(name: string, seen: Set<string>): FragmentDefinitionNode | undefined {
    if (seen.has(name)) return undefined;
    seen.add(name);
    return this.#fragments.get(name);
  }

  #applies(condition: string | undefined, type: GraphQLObjectType | GraphQLInterfaceType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const conditional = this.schema.getType(condition);
    return isAbstractType(conditional) && this.schema.isSubType(conditional, type);
  }

  #isIncluded(directives: readonly DirectiveNode[] | undefined): boolean {
    return directives?.every((directive) => this.#lets(directive)) ?? true;
  }

  #lets({ name, arguments: given }: DirectiveNode): boolean {
    if (name.value !== "skip" && name.value !== "include") return true;
    const value = given?.find((one) => one.name.value === "if")?.value;
    const isTrue =
      value?.kind === Kind.VARIABLE
        ? this.flags[value.name.value] === true
        : value?.kind === Kind.BOOLEAN && value.value;
    return isTrue === (name.value === "include");
  }

  #number(selectionSet: SelectionSetNode): number {
    const number = this.#numbers.get(selectionSet) ?? this.#numbers.size;
    this.#numbers.set(selectionSet, number);
    return number;
  }
}

/** The variables that decide about fields, in the order of their names. */
export function flagsOf(document: DocumentNode, operation: OperationDefinitionNode): string[] {
  const names = new Set<string>();
  const collect = {
    Directive({ name, arguments: given }: DirectiveNode) {
      if (name.value !== "skip" && name.value !== "include") return;
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  };
  visit(operation, collect);
  for (const one of document.definitions) if (one.kind === Kind.FRAGMENT_DEFINITION) visit(one, collect);
  return [...names].sort();
}
