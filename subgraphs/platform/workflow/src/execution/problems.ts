/** What went wrong, as people read it, and whether it may go away by itself. */
import type { StoredProblem } from "../tables.js";

/** Of the kernel, the router and our own HTTP calls: the next attempt may fare better. */
const passing = new Set([
  "GRAPH_UNAVAILABLE",
  "GRAPH_TIMEOUT",
  "GRAPH_CANCELLED",
  "DATABASE_BUSY",
  "DATABASE_UNAVAILABLE",
  "QUERY_DEADLINE",
  "TRANSACTION_CONFLICT",
  "CONFLICT",
  "OVERLOADED",
  "NOT_READY",
  "SHUTTING_DOWN",
  "REQUEST_TIMEOUT",
  "REQUEST_ABORTED",
  "RATE_LIMITED",
  "RATE_LIMIT_UNAVAILABLE",
  "SUBGRAPH_UNAVAILABLE",
  "SUBGRAPH_TIMEOUT",
  "KEYS_UNAVAILABLE",
  "EXPRESSIONS_BUSY",
  "HTTP_UNREACHABLE",
  "HTTP_TIMEOUT",
  "PROCESS_STEP_TIMEOUT",
]);

/** Asking again is asking the same: no attempt will fare better. */
const lasting = new Set([
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "UNAUTHORIZED_FIELD_OR_TYPE",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "BAD_USER_INPUT",
  "GRAPH_TOO_DEEP",
  "GRAPH_NOT_STATED",
  "GRAPH_SCOPE_INVALID",
  "EXPRESSION_FAILED",
  "EXPRESSION_TOO_LARGE",
  "HTTP_URL_INVALID",
  "HTTP_HOST_NOT_ALLOWED",
  "HTTP_ADDRESS_PRIVATE",
  "WORKFLOW_TOO_DEEP",
]);

const codeOf = (error: unknown): string | undefined => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : undefined;
};

/** Without a word about retries, what passes by itself is tried again; with one, everything that could succeed is. */
export function mayPass(error: unknown, isAskedFor: boolean): boolean {
  const code = codeOf(error);
  if (code === undefined || passing.has(code)) return true;
  const { details } = (error as { extensions?: { details?: { passing?: unknown } } }).extensions ?? {};
  if (details?.passing === true) return true;
  return isAskedFor && !lasting.has(code);
}

const longestMessage = 1_000;

export function problemOf(error: unknown, stepPath?: string): StoredProblem {
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: codeOf(error) ?? "STEP_FAILED",
    message: message.slice(0, longestMessage),
    ...(stepPath === undefined ? {} : { stepPath }),
  };
}
