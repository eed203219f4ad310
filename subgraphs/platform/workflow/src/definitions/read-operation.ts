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

/**
 * The document with a query beside its operation that asks for nothing, and is the one to run. A server validates all of
 * a document (GraphQL §6.1), so it says what is wrong with the operation without carrying it out. Lines stay where they are.
 *
 * @param text of one operation that parses
 */
export function besideNothing(text: string): { readonly query: string; readonly operationName: string } {
  const isOperation = (node: { kind: string }) => node.kind === Kind.OPERATION_DEFINITION;
  const operation = parse(text).definitions.find(isOperation) as OperationDefinitionNode;
  const named = operation.name ? text : withName(text, operation);
  const operationName = `${operation.name?.value ?? newName}Beside`;
  return { query: `${named}\nquery ${operationName} { __typename }`, operationName };
}

const newName = "Checked";

/** Only an operation that stands alone may be without a name. */
function withName(text: string, { loc, operation }: OperationDefinitionNode): string {
  const start = loc?.start ?? 0;
  const isShort = text[start] === "{";
  const keywordEnd = isShort ? start : start + operation.length;
  return `${text.slice(0, keywordEnd)}${isShort ? "query" : ""} ${newName} ${text.slice(keywordEnd)}`;
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
