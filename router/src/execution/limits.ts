/** How large an operation may be, before anything is executed. */
import type { DocumentNode, OperationDefinitionNode } from "graphql";
import { fragmentsOf } from "../access/filter-operation.js";
import { RouterError } from "../errors/router-error.js";
import { measureOperation } from "./measure-operation.js";

export interface Limits {
  /** Bytes of a request body. Default 12 MiB, because files are imported as base64. */
  readonly bodyBytes: number;
  /** Tokens of an operation's text. Default 10,000. */
  readonly tokens: number;
  /** Levels of nested fields; introspection does not count. Default 15. */
  readonly depth: number;
  /** Aliases in one operation, fragments expanded. Default 100. */
  readonly aliases: number;
  /** Root fields of one operation, fragments expanded. Default 50. */
  readonly rootFields: number;
  /** Operations that run at the same time on one WebSocket. Default 100. */
  readonly operationsPerSocket: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 12 * 1024 * 1024,
  tokens: 10_000,
  depth: 15,
  aliases: 100,
  rootFields: 50,
  operationsPerSocket: 100,
};

/** The limit a valid operation breaks, or `null`. The answer is kept with the parsed operation. */
export function createLimitCheck(limits: Limits) {
  const answers = new WeakMap<OperationDefinitionNode, RouterError | null>();

  return (document: DocumentNode, operation: OperationDefinitionNode): RouterError | null => {
    const known = answers.get(operation);
    if (known !== undefined) return known;
    const answer = check(document, operation, limits);
    answers.set(operation, answer);
    return answer;
  };
}

function check(document: DocumentNode, operation: OperationDefinitionNode, limits: Limits): RouterError | null {
  const size = measureOperation(operation, fragmentsOf(document));
  if (size.depth > limits.depth) return new RouterError("DEPTH_EXCEEDED", { limit: limits.depth });
  if (size.aliases > limits.aliases) return new RouterError("ALIASES_EXCEEDED", { limit: limits.aliases });
  if (size.rootFields > limits.rootFields) return new RouterError("ROOT_FIELDS_EXCEEDED", { limit: limits.rootFields });
  return null;
}
