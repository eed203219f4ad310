/** How large an operation may be, before anything is executed. */
import { type DocumentNode, GraphQLError, type OperationDefinitionNode, type ParseOptions, parse } from "graphql";
import { fragmentsOf } from "../access/filter-operation.js";
import { RouterError, type RouterErrorCode } from "../errors/router-error.js";
import { measureOperation, type OperationSize } from "./measure-operation.js";

/** Section `limits`. Everything but the first and the last two is of one operation, with its fragments expanded. */
export interface LimitOptions {
  /** Bytes of a request body. Default 12 MiB, because files are imported as base64. */
  readonly bodyBytes: number;
  /** Tokens of an operation's text, fragments as written. Default 10,000. */
  readonly tokens: number;
  /** Levels of nested fields; introspection does not count. Default 15. */
  readonly depth: number;
  /** Fields in all. Default 10,000. */
  readonly height: number;
  /** Default 100. */
  readonly aliases: number;
  /** Default 50. */
  readonly rootFields: number;
  /** Default 200. */
  readonly directives: number;
  /** Operations that run at the same time on one WebSocket. Default 100. */
  readonly operationsPerSocket: number;
  /** Operations that run at the same time; streams do not count. More are refused at once. Default: any number. */
  readonly concurrentRequests: number;
}

export const defaultLimits: LimitOptions = {
  bodyBytes: 12 * 1024 * 1024,
  tokens: 10_000,
  depth: 15,
  height: 10_000,
  aliases: 100,
  rootFields: 50,
  directives: 200,
  operationsPerSocket: 100,
  concurrentRequests: Number.POSITIVE_INFINITY,
};

const codes: Readonly<Record<keyof OperationSize, RouterErrorCode>> = {
  depth: "DEPTH_EXCEEDED",
  height: "HEIGHT_EXCEEDED",
  aliases: "ALIASES_EXCEEDED",
  rootFields: "ROOT_FIELDS_EXCEEDED",
  directives: "DIRECTIVES_EXCEEDED",
};
const measures = Object.keys(codes) as (keyof OperationSize)[];

export type LimitCheck = (source: {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}) => RouterError | null;

/** The first limit a valid operation breaks, or `null`. Each operation is measured once. */
export function createLimitCheck(limits: Partial<LimitOptions> = {}): LimitCheck {
  const most = { ...defaultLimits, ...limits };
  const answers = new WeakMap<OperationDefinitionNode, RouterError | null>();
  return ({ document, operation }) => {
    const known = answers.get(operation);
    if (known !== undefined) return known;
    const size = measureOperation(operation, fragmentsOf(document));
    const broken = measures.find((measure) => size[measure] > most[measure]);
    const answer = broken ? new RouterError(codes[broken], { limit: most[broken] }) : null;
    answers.set(operation, answer);
    return answer;
  };
}

/** @throws RouterError TOKENS_EXCEEDED; GraphQLError for a syntax error. */
export function parseWithin(text: string, tokens: number, options: ParseOptions = {}): DocumentNode {
  try {
    return parse(text, { ...options, maxTokens: tokens });
  } catch (error) {
    // graphql-js has no error class of its own for this.
    const tooMany = error instanceof GraphQLError && error.message.includes(`contains more that ${tokens} tokens`);
    throw tooMany ? new RouterError("TOKENS_EXCEEDED", { limit: tokens }) : error;
  }
}
