/** What is known of one operation of a client when it has been answered. */
import type { QueryPlan } from "@apollo/query-planner";
import type { GraphQLSchema } from "graphql";
import type { OperationCost } from "../protection/cost/cost-control.js";
import type { Operation } from "../request/operations.js";
import type { RequestContext } from "../request/request-context.js";

export interface RequestRecord {
  readonly context: RequestContext;
  /** One object per operation text, so that what is worked out for it is worked out once; `null` when there is no valid one. */
  readonly operation: Operation | null;
  /** Of the API that answered. */
  readonly schema: GraphQLSchema;
  readonly status: number;
  /** Codes of the errors of the answer, in their order; codes may repeat. */
  readonly errorCodes: readonly string[];
  /** There is no `data` entry. */
  readonly isRequestError: boolean;
  /** From the first byte of the request, or its message on a socket, to the end of the answer. */
  readonly durationMs: number;
  /** Calls made for this request; 0 when it shared the answer of an equal one. */
  readonly subgraphCalls: number;
  /** Of the body of the answer, before compression. */
  readonly bytes: number;
  readonly plan?: QueryPlan | undefined;
  /** `null` when costs are not worked out, or nothing was to be run. */
  readonly cost?: OperationCost | null;
}

export interface Observer {
  /** Counts a request as running until its record arrives. */
  onRequestStart(): void;
  onRequestEnd(record: RequestRecord): void;
  /** Sends what is still to be sent. */
  close(): Promise<void>;
}

/** `ok`; `partial`: data with errors; `error`: the request was refused or gave no data. */
export type OutcomeName = "ok" | "partial" | "error";

export function outcomeOf({ errorCodes, isRequestError }: RequestRecord): OutcomeName {
  if (isRequestError) return "error";
  return errorCodes.length === 0 ? "ok" : "partial";
}

export interface ClientName {
  readonly name: string;
  readonly version: string;
}

const longest = 64;

/** What a client says it is called, by Apollo's headers or the ones of the GraphQL over HTTP community; empty when it does not. */
export function clientOf({ clientHeaders }: RequestContext): ClientName {
  return {
    name: short(clientHeaders["apollographql-client-name"] ?? clientHeaders["graphql-client-name"]),
    version: short(clientHeaders["apollographql-client-version"] ?? clientHeaders["graphql-client-version"]),
  };
}

function short(value: string | readonly string[] | undefined): string {
  return typeof value === "string" ? value.slice(0, longest) : "";
}
