/** What a client protocol hands to the router, and what it gets back. */
import type { GraphQLFormattedError } from "graphql";
import type { SubgraphCall } from "../subgraphs/subgraph-call.js";
import type { PartForm } from "./client-answer.js";
import type { JsonText } from "./json-text.js";
import type { RequestContext } from "./request-context.js";

/**
 * One operation of a client. Over HTTP its fields are read from the body when one of them is first asked for, so a body
 * that is recognised by its text is never parsed. Reading one throws the `RouterError` that refuses a malformed request.
 */
export interface OperationRequest {
  readonly query?: string | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
  /** Names a persisted document. */
  readonly documentId?: unknown;
  /** Of a multipart request, by the path in the variables, where the value is `null`. */
  readonly files?: SubgraphCall["files"] | undefined;
  /** The whole body of a single JSON POST, one character per byte. Equal text means an equal request. */
  readonly bodyText?: string | undefined;
  /** The last event a client has of a stream it lost. */
  readonly lastEventId?: string | undefined;
}

export type Outcome =
  | { readonly kind: "single"; readonly answer: ClientAnswer }
  /** `@defer`. */
  | { readonly kind: "parts"; readonly parts: AsyncIterable<ClientPart> }
  /** A subscription; `return()` is called on the iterator when the client leaves. */
  | { readonly kind: "events"; readonly events: AsyncIterable<ClientAnswer> };

/** An answer as a client gets it. */
export interface ClientAnswer {
  readonly body: JsonText;
  /** 200, or what refuses the whole request. */
  readonly status: number;
  /** There is no `data` entry: 4xx under `application/graphql-response+json`. */
  readonly isRequestError: boolean;
  /** As they stand in the body; absent or empty when there are none. */
  readonly errors?: readonly GraphQLFormattedError[];
  /** Names this event of a stream that can be taken up again after it. */
  readonly eventId?: string | undefined;
}

export interface ClientPart {
  /** A complete incremental-delivery JSON object. */
  readonly body: JsonText;
  readonly hasNext: boolean;
}

/** What the protocol of the client can carry. */
export interface Transport {
  /** Answers in several parts, and events. */
  readonly mayStream: boolean;
  /** How parts are written; as `deferSpec=20220824` unless said otherwise. */
  readonly parts?: PartForm | undefined;
  /** False for GET, which must not change anything. */
  readonly mayMutate: boolean;
}

/** Runs one operation. Rejects only with what refuses the whole request. */
export type RunOperation = (
  request: OperationRequest,
  context: RequestContext,
  transport: Transport,
) => Promise<Outcome>;
