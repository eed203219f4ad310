/** One request of the executor to one subgraph, and what came back. Everything between the two is a layer around `CallSubgraph`. */
import type { SubgraphConnection, SubgraphRequest, SubgraphResult } from "@tessera/shared-types";
import type { GraphQLError } from "graphql";
import type { CachePolicy, ClientHeaders, RequestContext } from "../request/request-context.js";
import type { UploadedFile } from "../request/uploaded-file.js";
import type { HeaderRules } from "./headers/header-rules.js";
import type { OutgoingHeaders } from "./headers/request-headers.js";
import type { TextList } from "./text-list.js";
import type { BreakerState } from "./traffic/circuit-breaker.js";

/** What a compiled plan knows about a call before any request. One object per call of a plan, so layers may key on it. */
export interface SubgraphOperation {
  readonly subgraph: string;
  readonly text: string;
  readonly name: string | undefined;
  readonly kind: "query" | "mutation" | "subscription";
  /** The `_entities` fields of the operation; empty for a call of root fields. */
  readonly entities: readonly EntityField[];
}

export interface EntityField {
  /** Response key of this `_entities` field. */
  readonly alias: string;
  /** Name of its variable of representations. */
  readonly variable: string;
  /** Minified text of what is selected: equal text means equal data for equal representations and variables. */
  readonly selection: string;
}

export interface SubgraphCall {
  readonly operation: SubgraphOperation;
  /** Variables other than representations, coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** For each entry of `operation.entities`. */
  readonly representations: readonly Representations[];
  readonly context: RequestContext;
  /** Files in the variables, by the path of each, such as `["file"]` or `["input", "files", 0]`. */
  readonly files?: readonly { readonly path: readonly (string | number)[]; readonly file: UploadedFile }[];
}

/** Distinct ones: JSON texts (latin1) for a subgraph of another process, objects for one of this. */
export type Representations = TextList | readonly unknown[];

/** `text` from another process, `value` from this one. A call never rejects: a failure is an answer with errors. */
export type SubgraphAnswer = TextAnswer | ValueAnswer;

export interface TextAnswer {
  readonly form: "text";
  /** The whole body, one character per byte. */
  readonly text: string;
  /** What the subgraph said about keeping the answer. */
  readonly cachePolicy?: CachePolicy | null;
  /** Whoever reads the text says here whether it holds errors, since nobody else looks into it. */
  readonly onRead?: (hasErrors: boolean) => void;
}

export interface ValueAnswer {
  readonly form: "value";
  readonly data: Record<string, unknown> | null | undefined;
  readonly errors?: readonly GraphQLError[];
  readonly cachePolicy?: CachePolicy | null;
}

export type CallSubgraph = (call: SubgraphCall) => Promise<SubgraphAnswer>;

/** A subgraph in another process, reached over HTTP. */
export interface RemoteConnection extends SubgraphConnection {
  /** What its rules take from the client and send back; for keys of what may be shared. */
  readonly headerRules: HeaderRules;
  /** The headers `post` would send, to be looked at or changed before they are given to it. */
  headersFor(context: RequestContext): OutgoingHeaders;
  /** Absent when the subgraph never gets a rest. */
  readonly breakerState?: () => BreakerState;
  subscribe(request: StreamRequest): Promise<AsyncIterableIterator<SubgraphResult>>;
  /** Sends a body as it is. Rejects with a coded `RouterError` when no GraphQL response came back. */
  post(request: WireRequest): Promise<WireAnswer>;
}

export interface WireRequest {
  /** JSON of `{ query, operationName, variables, extensions }`, one character per byte. */
  readonly body: string;
  readonly kind: "query" | "mutation" | "subscription";
  readonly context: RequestContext;
  readonly files?: SubgraphCall["files"];
  /** In place of `headersFor(context)`. */
  readonly headers?: OutgoingHeaders;
}

/** With the context, header rules see what the client sent; without it, only what `facts` know. */
export interface StreamRequest extends SubgraphRequest {
  readonly context?: RequestContext;
}

/** Its text is decompressed. */
export interface WireAnswer extends TextAnswer {
  readonly status: number;
  readonly headers: ClientHeaders;
}

export function isRemote(connection: SubgraphConnection): connection is RemoteConnection {
  return "post" in connection;
}
