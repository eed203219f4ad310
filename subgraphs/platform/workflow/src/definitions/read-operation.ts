/** A GraphQL operation as part of a definition: data to be read, not this module's own API. */
import { type DocumentNode, Kind, type OperationDefinitionNode, parse, visit } from "graphql";

export interface ReadOperation {
  readonly type: "query" | "mutation" | "subscription";
  readonly declared: readonly { readonly name: string; readonly required: boolean }[];
  /** Variables that are used and not declared. */
  readonly undeclared: readonly string[];
}

export type OperationProblem = { readonly problem: "INVALID" | "NOT_ONE"; readonly reason: string };

const mostTokens = 5_000;

export function readOperation(text: string): ReadOperation | OperationProblem {
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: mostTokens });
  } catch (error) {
    return { problem: "INVALID", reason: (error as Error).message };
  }
  const isOperation = (node: { kind: string }) => node.kind === Kind.OPERATION_DEFINITION;
  const operations = document.definitions.filter(isOperation) as OperationDefinitionNode[];
  const others = document.definitions.filter((node) => !isOperation(node) && node.kind !== Kind.FRAGMENT_DEFINITION);
  const [operation] = operations;
  if (!operation || operations.length > 1 || others.length > 0) return { problem: "NOT_ONE", reason: "" };
  return describe(document, operation);
}

function describe(
  document: DocumentNode,
  { operation, variableDefinitions = [] }: OperationDefinitionNode,
): ReadOperation {
  const declared = variableDefinitions.map(({ variable, type, defaultValue }) => ({
    name: variable.name.value,
    required: type.kind === Kind.NON_NULL_TYPE && defaultValue === undefined,
  }));
  const used = new Set<string>();
  visit(document, { Variable: ({ name }) => void used.add(name.value) });
  const undeclared = [...used].filter((name) => !declared.some((variable) => variable.name === name));
  return { type: operation, declared, undeclared };
}
