/** The operation one call sends: the planner's own for a single fetch, one with aliases for several. */
import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  stripIgnoredCharacters,
  type VariableDefinitionNode,
  visit,
} from "graphql";
import type { EntityField, SubgraphOperation } from "../subgraphs/subgraph-call.js";
import type { Step } from "./plan-steps.js";
import { type ParsedFetch, parsedFetch } from "./selections.js";

export interface CallOperation {
  readonly operation: SubgraphOperation;
  /** What its answers are read by. */
  readonly document: DocumentNode;
}

/** Name of the planner's variable of representations. */
export const representations = "representations";

/** For each field the fetch it comes from. Only fetches of entities can be more than one. */
export function callOperation(fields: readonly Step[], parsed: readonly ParsedFetch[]): CallOperation {
  const [first] = fields;
  const fetched = first && parsed[first.index];
  if (!first || !fetched) throw new Error("A call needs a fetch.");
  const { fetch } = first;
  const common = { subgraph: fetch.serviceName, name: fetch.operationName, kind: fetch.operationKind };
  if (fields.length === 1) {
    const entities = fetch.requires
      ? [{ alias: "_entities", variable: representations, selection: selectionOf(fetched) }]
      : [];
    return { operation: { ...common, text: fetch.operation, entities }, document: fetched.document };
  }
  const aliased = fields.map(({ index }, number) => aliasedField(parsed[index] ?? fetched, number, {}));
  const document = mergedDocument(
    fetched.operation,
    aliased.map((one) => one.document),
  );
  const text = stripIgnoredCharacters(print(document));
  return { operation: { ...common, text, entities: aliased.map((one) => one.entity) }, document: parse(text) };
}

/** One fetch several times, each with a variable of its own in place of those named `own`: `$name_0`, `$name_1` and so on. */
export function repeatedOperation(
  step: Step,
  fetched: ParsedFetch,
  count: number,
  own: readonly string[],
): CallOperation {
  const { fetch } = step;
  const common = { subgraph: fetch.serviceName, name: fetch.operationName, kind: fetch.operationKind };
  const aliased = Array.from({ length: count }, (_, number) =>
    aliasedField(fetched, number, Object.fromEntries(own.map((name) => [name, `${name}_${number}`]))),
  );
  const document = mergedDocument(
    fetched.operation,
    aliased.map((one) => one.document),
  );
  const text = stripIgnoredCharacters(print(document));
  return { operation: { ...common, text, entities: aliased.map((one) => one.entity) }, document: parse(text) };
}

/** Minified, with the fragments it uses. */
function selectionOf({ operation, fragments }: ParsedFetch): string {
  const field = operation.selectionSet.selections[0];
  const set = field?.kind === Kind.FIELD ? field.selectionSet : undefined;
  const texts = [...(set ? [set] : []), ...fragments.values()].map((node) => stripIgnoredCharacters(print(node)));
  return texts.join(" ");
}

/** `_entities` → `_e0: _entities`, `$representations` → `$r0`, and fragments under names of their own. */
function aliasedField(fetched: ParsedFetch, number: number, renamed: Readonly<Record<string, string>>) {
  const variable = `r${number}`;
  const alias = `_e${number}`;
  const variables: Readonly<Record<string, string>> = { ...renamed, [representations]: variable };
  const isPlain = (name: string) => fetched.fragments.has(name);
  const document = visit(fetched.document, {
    Variable: (node) => ({ ...node, name: named(variables[node.name.value] ?? node.name.value) }),
    FragmentSpread: ({ name, ...node }) =>
      isPlain(name.value) ? { ...node, name: named(`${name.value}_${number}`) } : undefined,
    FragmentDefinition: { leave: ({ name, ...node }) => ({ ...node, name: named(`${name.value}_${number}`) }) },
    Field: {
      leave: (node) => (node.name.value === "_entities" ? { ...node, alias: named(alias) } : undefined),
    },
  });
  // A selection under its own variables stays apart in whatever is keyed by it.
  const selection = selectionOf(Object.keys(renamed).length > 0 ? parsedFetch(document) : fetched);
  const entity: EntityField = { alias, variable, selection };
  return { document, entity };
}

function named(value: string) {
  return { kind: Kind.NAME as const, value };
}

function mergedDocument(first: OperationDefinitionNode, documents: readonly DocumentNode[]): DocumentNode {
  const variables = new Map<string, VariableDefinitionNode>();
  const selections: SelectionSetNode["selections"][number][] = [];
  const definitions = documents.flatMap(({ definitions }) => definitions);
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const one of definition.variableDefinitions ?? []) variables.set(one.variable.name.value, one);
    selections.push(...definition.selectionSet.selections);
  }
  const operation: OperationDefinitionNode = {
    ...first,
    variableDefinitions: [...variables.values()],
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
  return {
    kind: Kind.DOCUMENT,
    definitions: [operation, ...definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)],
  };
}
