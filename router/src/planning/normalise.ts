/** One text for all operations that mean the same: what plans are kept by. */
import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  print,
  stripIgnoredCharacters,
  visit,
} from "graphql";

/**
 * The operation with the fragments and variables it uses. White space, comments, the order of definitions, variables and
 * arguments make no difference; names and the order of selections do, because the answer has them. Literals stay.
 */
export function normalise(document: DocumentNode, operation = onlyOperation(document)): string {
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  const used = usedFragments(operation, fragments);
  const variables = variablesIn([operation.selectionSet, ...(operation.directives ?? []), ...used]);
  const kept = (operation.variableDefinitions ?? []).filter(({ variable }) => variables.has(variable.name.value));
  const definitions = [{ ...operation, variableDefinitions: kept }, ...used];
  return stripIgnoredCharacters(print(inOrder({ kind: Kind.DOCUMENT, definitions })));
}

function onlyOperation(document: DocumentNode): OperationDefinitionNode {
  const operation = getOperationAST(document);
  if (!operation) throw new TypeError("normalise needs to be told which operation of the document is meant");
  return operation;
}

/** In the order of their first use. */
function usedFragments(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): FragmentDefinitionNode[] {
  const used = new Map<string, FragmentDefinitionNode>();
  const follow = (node: ASTNode): void => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (!fragment || used.has(name.value)) return;
        used.set(name.value, fragment);
        follow(fragment.selectionSet);
      },
    });
  };
  follow(operation.selectionSet);
  return [...used.values()];
}

function variablesIn(nodes: readonly ASTNode[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodes) visit(node, { Variable: ({ name }) => void names.add(name.value) });
  return names;
}

function inOrder(document: DocumentNode): DocumentNode {
  return visit(document, {
    Field: (field) => (isMany(field.arguments) ? { ...field, arguments: byName(field.arguments) } : undefined),
    Directive: (one) => (isMany(one.arguments) ? { ...one, arguments: byName(one.arguments) } : undefined),
    OperationDefinition: (one) => {
      if (!isMany(one.variableDefinitions)) return undefined;
      const nameOf = ({ variable }: { variable: { name: { value: string } } }) => variable.name.value;
      const ordered = [...one.variableDefinitions].sort((a, b) => compare(nameOf(a), nameOf(b)));
      return { ...one, variableDefinitions: ordered };
    },
  });
}

function isMany<Item>(list: readonly Item[] | undefined): list is readonly Item[] {
  return (list?.length ?? 0) > 1;
}

function byName<Node extends { readonly name: { readonly value: string } }>(nodes: readonly Node[]): Node[] {
  return [...nodes].sort((a, b) => compare(a.name.value, b.name.value));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
