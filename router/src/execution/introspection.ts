/** `__schema` and `__type`: the planner leaves them out, graphql-js answers them from the schema clients see. */
import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from "graphql";
import { toJson } from "../request/json-text.js";
import type { LeafForm, Tree } from "./text/tree.js";

export interface Introspected {
  /** By response key, in the form of the tree. */
  readonly data: Tree;
  readonly errors: readonly GraphQLError[];
}

export type Introspect = (variables: Readonly<Record<string, unknown>>) => Introspected;

export interface ShownOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** So many answers are kept for one operation: one for each set of variables. */
const mostKept = 16;

/** Null when the operation does not introspect. */
export function compileIntrospection(shown: ShownOperation, schema: GraphQLSchema, form: LeafForm): Introspect | null {
  const selections = introspecting(shown.operation.selectionSet.selections, fragmentsOf(shown.document));
  if (selections.length === 0) return null;
  const operation = { ...shown.operation, selectionSet: { kind: Kind.SELECTION_SET as const, selections } };
  const others = shown.document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation, ...others] };
  const kept = new Map<string, Introspected>();
  return (variables) => {
    const key = JSON.stringify(variables);
    const known = kept.get(key) ?? introspect(schema, document, variables, form);
    if (kept.size < mostKept) kept.set(key, known);
    return known;
  };
}

function introspect(
  schema: GraphQLSchema,
  document: DocumentNode,
  variableValues: Readonly<Record<string, unknown>>,
  form: LeafForm,
): Introspected {
  const { data, errors = [] } = executeSync({ schema, document, variableValues });
  const tree: Tree = {};
  for (const [key, value] of Object.entries(data ?? {})) {
    tree[key] = form === "text" && value !== null ? toJson(value) : value;
  }
  return { data: tree, errors };
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function fragmentsOf(document: DocumentNode): Fragments {
  return new Map(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
}

/** Only what introspects, with fragments at the root opened. */
function introspecting(selections: readonly SelectionNode[], fragments: Fragments): SelectionNode[] {
  return selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return isIntrospection(selection) ? [selection] : [];
    const opened = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (!opened) return [];
    const inner = introspecting(opened.selectionSet.selections, fragments);
    if (inner.length === 0) return [];
    const selectionSet = { kind: Kind.SELECTION_SET as const, selections: inner };
    return [{ kind: Kind.INLINE_FRAGMENT, directives: selection.directives ?? [], selectionSet }];
  });
}

function isIntrospection({ name }: FieldNode): boolean {
  return name.value === "__schema" || name.value === "__type";
}

/** Whether something is selected that some subgraph has to answer. */
export function asksSubgraphs({ document, operation }: ShownOperation): boolean {
  const fragments = fragmentsOf(document);
  const asks = (selections: readonly SelectionNode[]): boolean =>
    selections.some((selection) => {
      if (isNeverIncluded(selection)) return false;
      if (selection.kind === Kind.FIELD) return !selection.name.value.startsWith("__");
      const opened = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      return opened !== undefined && asks(opened.selectionSet.selections);
    });
  return asks(operation.selectionSet.selections);
}

/** `@skip(if: true)` and `@include(if: false)`. */
function isNeverIncluded({ directives }: SelectionNode): boolean {
  return (directives ?? []).some(({ name, arguments: given }) => {
    const value = given?.find((one) => one.name.value === "if")?.value;
    if (value?.kind !== Kind.BOOLEAN) return false;
    return (name.value === "skip" && value.value) || (name.value === "include" && !value.value);
  });
}
