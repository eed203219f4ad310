/** Which outcomes of a call are the fault of its subgraph. */
import { RouterError, type RouterErrorCode } from "../../errors/router-error.js";
import { ConnectionFailure } from "../wire/connection-failure.js";
import type { ReceivedAnswer } from "../wire/received-answer.js";

const faults: ReadonlySet<RouterErrorCode> = new Set([
  "SUBGRAPH_TIMEOUT",
  "SUBGRAPH_INVALID_RESPONSE",
  // The request's own deadline: the subgraph was too slow for it.
  "REQUEST_TIMEOUT",
]);

export function isFault(error: unknown): boolean {
  return error instanceof ConnectionFailure || (error instanceof RouterError && faults.has(error.code));
}

export function isFaultyAnswer({ status }: ReceivedAnswer): boolean {
  return status >= 500;
}
