/** The smallest operation that still fails: selections and directives are taken out one by one for as long as it does. */
import {
  type ASTNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parse,
  print,
  specifiedRules,
  validate,
  visit,
} from "graphql";

const mostAttempts = 400;

/** Unused variables and fragments are cleared afterwards, so they do not forbid a step. */
const rules = specifiedRules.filter(({ name }) => !/^NoUnused(Variables|Fragments)Rule$/.test(name));

export async function minimise(
  schema: GraphQLSchema,
  query: string,
  fails: (query: string) => Promise<boolean>,
): Promise<string> {
  let smallest = parse(query, { noLocation: true });
  let attempts = 0;
  let position = 0;
  for (;;) {
    const smaller = without(smallest, position);
    if (!smaller || attempts >= mostAttempts) return print(smallest);
    const isValid = isOperation(smaller) && validate(schema, smaller, rules).length === 0;
    if (isValid) attempts += 1;
    if (isValid && (await fails(print(smaller)))) smallest = smaller;
    else position += 1;
  }
}

/** The document without its `position`-th removable node; null when there are not so many. */
function without(document: DocumentNode, position: number): DocumentNode | null {
  let seen = -1;
  const changed = visit(document, {
    enter(node: ASTNode) {
      if (!isRemovable(node)) return undefined;
      seen += 1;
      return seen === position ? null : undefined;
    },
  });
  return seen < position ? null : clear(changed);
}

function isOperation(document: DocumentNode): boolean {
  try {
    parse(print(document));
    return true;
  } catch {
    return false;
  }
}

const removable: readonly string[] = [
  Kind.FIELD,
  Kind.INLINE_FRAGMENT,
  Kind.FRAGMENT_SPREAD,
  Kind.DIRECTIVE,
  Kind.ARGUMENT,
];

const isRemovable = ({ kind }: ASTNode) => removable.includes(kind);

/** Without fragments and variables nothing uses. */
function clear(document: DocumentNode): DocumentNode {
  const spread = new Set<string>();
  visit(document, { FragmentSpread: ({ name }) => void spread.add(name.value) });
  const kept = document.definitions.filter(
    (node) => node.kind !== Kind.FRAGMENT_DEFINITION || spread.has(node.name.value),
  );
  const used = new Set<string>();
  visit(
    { ...document, definitions: kept },
    {
      VariableDefinition: () => false,
      Variable: ({ name }) => void used.add(name.value),
    },
  );
  const cleared = visit(
    { ...document, definitions: kept },
    {
      VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
    },
  );
  return kept.length === document.definitions.length ? cleared : clear(cleared);
}
