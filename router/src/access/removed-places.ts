/**
 * Where the selections that were taken out of an operation stand in its answers. Found once for each variant of an
 * operation; a request only leaves out what its variables skip.
 */
import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

export interface RemovedPlace {
  /** `Type.field`, or `Type` for a fragment. */
  readonly coordinate: string;
  /** With `@` for every item of a list. */
  readonly path: readonly string[];
  /** All have to hold, else the client skips the place itself. */
  readonly conditions: readonly Condition[];
}

/** What `@skip` or `@include` asks of a variable, or a literal that never holds. */
type Condition = { readonly variable: string; readonly is: boolean } | "never";

/** A fragment used many times must not make the search long; clients are told of fewer still. */
const mostPlaces = 1_000;

export function findPlaces(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  removed: ReadonlySet<SelectionNode>,
  schema: GraphQLSchema,
): readonly RemovedPlace[] {
  const search = new Search(fragments, removed, schema);
  const root = schema.getRootType(operation.operation);
  if (root) search.walk(operation.selectionSet, { parent: root, path: [], conditions: [] });
  return search.places;
}

/** Whether the variables of one request let the place be part of its answer. */
export function isAsked({ conditions }: RemovedPlace, variables: Readonly<Record<string, unknown>>): boolean {
  return conditions.every((condition) => condition !== "never" && variables[condition.variable] === condition.is);
}

interface Spot {
  readonly parent: GraphQLCompositeType;
  readonly path: readonly string[];
  readonly conditions: readonly Condition[];
}

class Search {
  readonly places: RemovedPlace[] = [];
  /** Whether something was removed within a selection set; each is looked through once. */
  readonly #within = new Map<SelectionSetNode, boolean>();

  constructor(
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly removed: ReadonlySet<SelectionNode>,
    private readonly schema: GraphQLSchema,
  ) {}

  walk(set: SelectionSetNode, spot: Spot): void {
    for (const selection of set.selections) {
      if (this.places.length >= mostPlaces) return;
      if (!this.#concerns(selection)) continue;
      const here = { ...spot, conditions: [...spot.conditions, ...conditionsOf(selection.directives)] };
      if (selection.kind === Kind.FIELD) this.#field(selection, here);
      else this.#fragment(selection, here);
    }
  }

  #field(field: FieldNode, { parent, path, conditions }: Spot): void {
    const definition = "getFields" in parent ? parent.getFields()[field.name.value] : undefined;
    if (!definition) return;
    const here = [...path, field.alias?.value ?? field.name.value];
    const type = getNamedType(definition.type);
    if (this.removed.has(field)) {
      this.places.push({ coordinate: `${parent.name}.${field.name.value}`, path: here, conditions });
    } else if (field.selectionSet && isCompositeType(type)) {
      this.walk(field.selectionSet, { parent: type, path: [...here, ...listMarks(definition.type)], conditions });
    }
  }

  #fragment(selection: Exclude<SelectionNode, FieldNode>, { parent, path, conditions }: Spot): void {
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(selection.name.value) : selection;
    const condition = fragment?.typeCondition?.name.value;
    const type = condition === undefined ? parent : this.schema.getType(condition);
    if (!fragment || !isCompositeType(type)) return;
    if (this.removed.has(selection)) this.places.push({ coordinate: type.name, path, conditions });
    else this.walk(fragment.selectionSet, { parent: type, path, conditions });
  }

  #concerns(selection: SelectionNode): boolean {
    if (this.removed.has(selection)) return true;
    const set =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? this.fragments.get(selection.name.value)?.selectionSet
        : selection.selectionSet;
    if (!set) return false;
    const known = this.#within.get(set) ?? set.selections.some((inner) => this.#concerns(inner));
    this.#within.set(set, known);
    return known;
  }
}

function conditionsOf(directives: readonly DirectiveNode[] = []): Condition[] {
  return directives.flatMap((directive): Condition[] => {
    const name = directive.name.value;
    if (name !== "skip" && name !== "include") return [];
    const wanted = name === "include";
    const value = directive.arguments?.find((argument) => argument.name.value === "if")?.value;
    if (value?.kind === Kind.VARIABLE) return [{ variable: value.name.value, is: wanted }];
    return value?.kind === Kind.BOOLEAN && value.value !== wanted ? ["never"] : [];
  });
}

function listMarks(type: GraphQLOutputType): string[] {
  if (isNonNullType(type)) return listMarks(type.ofType);
  return isListType(type) ? ["@", ...listMarks(type.ofType)] : [];
}
