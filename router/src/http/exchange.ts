/** One HTTP request and its answer while they pass through the server. */
import type { IncomingMessage, ServerResponse } from "node:http";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Of the target, without what follows the question mark. */
  readonly path: string;
  /** What follows the question mark. */
  readonly search: string;
  /** Names and values, one after the other, for the head of the answer: written at once, which is the fastest way. */
  readonly head: string[];
}

export function openExchange(request: IncomingMessage, response: ServerResponse, requestId: string): Exchange {
  const { url = "/" } = request;
  const end = url.indexOf("?");
  const path = end === -1 ? url : url.slice(0, end);
  const search = end === -1 ? "" : url.slice(end + 1);
  return { request, response, requestId, path, search, head: ["x-request-id", requestId] };
}

/** One header of a request; of several with this name, the first. */
export function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "object" ? value[0] : value;
}
