/** Where a deferred part belongs in the operation: its type, and whether its @defer is on for some variables. */
import {
  type DirectiveNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { ShownOperation } from "./introspection.js";
import type { PlanPart } from "./plan-steps.js";

export type Variables = Readonly<Record<string, unknown>>;

export interface DeferredPlace {
  /** Name of the type the part's selection starts at. */
  readonly type: string;
  /** Whether the operation defers something there, under this label. */
  isOn(variables: Variables): boolean;
}

const fragment = "... on ";

export function deferredPlace(part: PlanPart, shown: ShownOperation, schema: GraphQLSchema): DeferredPlace {
  const root = schema.getRootType(shown.operation.operation);
  const fragments = new Map(
    shown.document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  const keys = part.queryPath.filter((step) => !step.startsWith(fragment));
  const start = [shown.operation.selectionSet];
  return {
    type: typeAt(part.queryPath, root?.name ?? "Query", start, fragments, schema),
    isOn(variables) {
      let sets: readonly SelectionSetNode[] = start;
      for (const key of keys) sets = fieldsAt(sets, key, fragments, variables).flatMap((one) => one.selectionSet ?? []);
      return sets.some((set) => defers(set, part.label, fragments, variables));
    },
  };
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function typeAt(
  path: readonly string[],
  root: string,
  start: readonly SelectionSetNode[],
  fragments: Fragments,
  schema: GraphQLSchema,
): string {
  let name = root;
  let sets = start;
  for (const step of path) {
    if (step.startsWith(fragment)) {
      name = step.slice(fragment.length) || name;
      continue;
    }
    const fields = fieldsAt(sets, step, fragments, null);
    sets = fields.flatMap((one) => one.selectionSet ?? []);
    name =
      fieldType(
        schema,
        name,
        fields.map((one) => one.name.value),
      ) ?? name;
  }
  return name;
}

function fieldType(schema: GraphQLSchema, typeName: string, names: readonly string[]): string | undefined {
  const type = schema.getType(typeName);
  if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
  for (const name of names) {
    const field = type.getFields()[name];
    if (field) return getNamedType(field.type).name;
  }
  return undefined;
}

/** Fields of one response key, through fragments. Without variables all of them, whatever their conditions. */
function fieldsAt(sets: readonly SelectionSetNode[], key: string, fragments: Fragments, variables: Variables | null) {
  return sets
    .flatMap((set) => [...opened(set, fragments, variables)])
    .filter((one) => (one.alias?.value ?? one.name.value) === key);
}

function opened(set: SelectionSetNode, fragments: Fragments, variables: Variables | null) {
  return set.selections.flatMap((selection): Extract<SelectionNode, { kind: Kind.FIELD }>[] => {
    if (variables && !isIncluded(selection, variables)) return [];
    if (selection.kind === Kind.FIELD) return [selection];
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    return inner ? opened(inner.selectionSet, fragments, variables) : [];
  });
}

function defers(set: SelectionSetNode, label: string | undefined, fragments: Fragments, variables: Variables): boolean {
  return set.selections.some((selection) => {
    if (selection.kind === Kind.FIELD || !isIncluded(selection, variables)) return false;
    if (selection.directives?.some((one) => isDeferAs(one, label, variables))) return true;
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    return inner !== undefined && defers(inner.selectionSet, label, fragments, variables);
  });
}

/** Whether a fragment is deferred for these variables. */
export function isDeferred({ directives }: SelectionNode, variables: Variables): boolean {
  return (directives ?? []).some((one) => one.name.value === "defer" && argumentOf(one, variables) !== false);
}

function isDeferAs(directive: DirectiveNode, label: string | undefined, variables: Variables): boolean {
  if (directive.name.value !== "defer") return false;
  const given = directive.arguments?.find(({ name }) => name.value === "label")?.value;
  const name = given?.kind === Kind.STRING ? given.value : undefined;
  return name === label && argumentOf(directive, variables) !== false;
}

function isIncluded({ directives }: SelectionNode, variables: Variables): boolean {
  return (directives ?? []).every((directive) => {
    if (directive.name.value === "skip") return argumentOf(directive, variables) !== true;
    return directive.name.value !== "include" || argumentOf(directive, variables) !== false;
  });
}

/** Of the argument `if`. */
function argumentOf(directive: DirectiveNode, variables: Variables): unknown {
  const value = directive.arguments?.find(({ name }) => name.value === "if")?.value;
  if (value?.kind === Kind.VARIABLE) return variables[value.name.value];
  return value?.kind === Kind.BOOLEAN ? value.value : undefined;
}
