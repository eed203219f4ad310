/** Every refusal of the router itself, in one table: code, HTTP status where the whole request is refused, sentence. */
import { fillSentence } from "@tessera/shared-types";
import { GraphQLError, type GraphQLErrorOptions } from "graphql";

const table = {
  ACCESS_CHANGED: [
    401,
    "The new token allows something else than the one this stream was opened with. Subscribe again.",
  ],
  ALIASES_EXCEEDED: [400, "The operation has more than {limit} aliases. Split it."],
  API_KEYS_NOT_ACCEPTED: [401, "This server takes no API keys. Send an access token in the authorization header."],
  API_KEY_INVALID: [401, "This API key is not known here, or not any more."],
  AUTHENTICATION_REQUIRED: [401, "This server answers nobody it does not know. Send an access token or an API key."],
  BATCHING_NOT_SUPPORTED: [400, "Send one operation per request; use fields of one operation instead of a batch."],
  BATCH_TOO_LARGE: [400, "A batch may have {limit} operations, this one has {count}. Send several batches."],
  COST_BUDGET_EXCEEDED: [
    429,
    "The operation costs {cost}, and {remaining} of {limit} are left in this window. Try again in {retryAfterSeconds} s.",
  ],
  COST_ESTIMATED_TOO_EXPENSIVE: [
    400,
    "The operation is estimated to cost {cost}, more than {max}. Ask for less at once.",
  ],
  CSRF_PREVENTED: [
    400,
    "A page of another site could have sent this request. Send a content-type that is not one of a form, or one of these headers: {headers}.",
  ],
  DEPTH_EXCEEDED: [400, "The operation nests deeper than {limit} levels. Ask for less at once."],
  DIRECTIVES_EXCEEDED: [400, "The operation has more than {limit} directives. Split it."],
  EVENTS_MISSED: [
    200,
    "The events after the last one you have are not kept any more. Load the state anew, then subscribe.",
  ],
  HEIGHT_EXCEEDED: [400, "The operation selects more than {limit} fields. Ask for less at once."],
  INTERNAL_SERVER_ERROR: [500, "Something went wrong here. Quote request {requestId} when you report it."],
  INTROSPECTION_REFUSED: [403, "The schema is not shown to you. Ask whoever runs this server for its reference."],
  INVALID_JSON: [400, "The request body is not valid JSON."],
  INVALID_MULTIPART: [400, "The form is not a GraphQL multipart request: {reason}."],
  INVALID_PARAMETER: [400, "The parameter {parameter} has to be {expected}."],
  LIST_SIZE_REQUIRED: [400, "Give exactly one of the arguments {names} of {coordinate}."],
  METHOD_NOT_ALLOWED: [405, "Use {allowed} here."],
  NOT_ACCEPTABLE: [406, "The answer has none of the media types in the accept header. Accept {offered}."],
  NOT_FOUND: [404, "Nothing is served at {path}. GraphQL is at /graphql."],
  NOT_READY: [503, "This server is starting. Try again in a moment."],
  OPERATION_RESOLUTION_FAILURE: [400, "Say which operation of the document to run: give its operationName."],
  OVERLOADED: [503, "More than {limit} operations are running here. Try again in {retryAfterSeconds} s."],
  PAYLOAD_TOO_LARGE: [413, "The request body is larger than {limit} bytes."],
  PERSISTED_DOCUMENT_INVALID: [
    400,
    "The id of a persisted document must be a text, such as sha256:<64 hexadecimal digits>.",
  ],
  PERSISTED_DOCUMENT_NOT_FOUND: [400, "No document with this id is known here. Publish it first, or send its text."],
  PERSISTED_DOCUMENT_REQUIRED: [400, "This server runs published operations only. Send the id of one."],
  PERSISTED_QUERY_HASH_MISMATCH: [400, "The hash is not that of the operation's text."],
  PERSISTED_QUERY_NOT_FOUND: [200, "PersistedQueryNotFound"],
  PERSISTED_QUERY_NOT_SUPPORTED: [200, "PersistedQueryNotSupported"],
  PLANNING_FAILED: [500, "This operation could not be planned. Quote its text when you report it."],
  PLANNING_OVERLOADED: [503, "More than {limit} operations wait to be planned. Try again in a moment."],
  PLANNING_TIMEOUT: [503, "This operation was not planned within {limit} ms. Ask for less at once."],
  PLANS_REFUSED: [403, "Plans are not shown to you. Ask whoever runs this server."],
  QUERY_MISSING: [400, "Send the text of the operation as the parameter query."],
  RATE_LIMITED: [
    429,
    "Too many requests: {limit} in {windowSeconds} s are allowed. Try again in {retryAfterSeconds} s.",
  ],
  RATE_LIMIT_UNAVAILABLE: [503, "Requests cannot be counted right now. Try again in a moment."],
  REQUEST_ABORTED: [499, "The client went away before the answer."],
  REQUEST_TIMEOUT: [504, "No answer within {limit} ms. Ask for less at once or try again later."],
  ROOT_FIELDS_EXCEEDED: [400, "The operation has more than {limit} root fields. Split it."],
  SHUTTING_DOWN: [503, "This server is shutting down. Try again on another one."],
  SLOW_CONSUMER: [200, "Events arrived faster than they were read: more than {limit} were waiting. Subscribe again."],
  STREAMS_EXHAUSTED: [503, "More than {limit} event streams are open here. Try again later."],
  STREAM_NOT_FOUND: [404, "There is no event stream of this token. Reserve one with PUT."],
  STREAM_TAKEN: [409, "{what} is in use already."],
  SUBGRAPH_BUSY: [503, "The module {subgraph} has more waiting calls than {limit}. Try again in a moment."],
  SUBGRAPH_CIRCUIT_OPEN: [
    503,
    "The module {subgraph} keeps failing and gets a rest. Try again in {retryAfterSeconds} s.",
  ],
  SUBGRAPH_INVALID_RESPONSE: [502, "The module {subgraph} gave an answer that is not GraphQL."],
  SUBGRAPH_NOT_CONNECTED: [500, "The supergraph names modules without a connection: {names}."],
  SUBGRAPH_RESPONSE_TOO_LARGE: [
    502,
    "The module {subgraph} gave an answer larger than {limit} bytes. Ask for less at once.",
  ],
  SUBGRAPH_TIMEOUT: [504, "The module {subgraph} gave no answer within {limit} ms. Try again later."],
  SUBGRAPH_UNAVAILABLE: [502, "The module {subgraph} cannot be reached. Try again later."],
  SUBSCRIPTION_NEEDS_STREAM: [
    406,
    "A subscription needs an answer in many parts: use a WebSocket, or accept text/event-stream or multipart/mixed.",
  ],
  SUPERGRAPH_CHANGED: [
    200,
    "The schema was replaced, and this subscription does not mean the same in the new one. Subscribe again.",
  ],
  TEXT_TOO_LONG: [400, "The operation's text is longer than {limit} characters. Put large values into variables."],
  TOKENS_EXCEEDED: [400, "The operation's text has more than {limit} tokens. Split it."],
  TOKENS_NOT_ACCEPTED: [401, "This server takes no access tokens."],
  TOKEN_EXPIRED: [401, "The access token ran out. Ask again with a new one."],
  TOKEN_INVALID: [401, "The authorization header must be `Bearer <token>`."],
  TOO_MANY_FILES: [413, "A request may carry {limit} files. Send the others with another one."],
  TOO_MANY_OPERATIONS: [429, "More than {limit} operations are running on this socket. Complete one first."],
  TOO_MANY_STREAMS: [429, "{limit} event streams are reserved or open already. End one first."],
  TOO_MANY_SUBSCRIPTIONS: [429, "{limit} subscriptions are open already. End one first."],
  UNAUTHORIZED_FIELD_OR_TYPE: [200, "Unauthorized field or type"],
  UNPLANNABLE_OPERATION: [400, "No module can answer this operation: {reason}."],
  UNSUPPORTED_MEDIA_TYPE: [415, "Send the operation as application/json."],
  UPLOADS_NOT_ACCEPTED: [415, "This server takes no files. Send the operation as application/json."],
  UPLOAD_TOO_LARGE: [413, "{what} is larger than {limit} bytes."],
} as const satisfies Record<string, readonly [number, string]>;

export type RouterErrorCode = keyof typeof table;

/** An error of the router meant for the client. `status` counts when the whole request is refused. */
export class RouterError extends GraphQLError {
  readonly code: RouterErrorCode;
  readonly status: number;

  constructor(
    code: RouterErrorCode,
    details: Readonly<Record<string, unknown>> = {},
    options: GraphQLErrorOptions = {},
  ) {
    const [status, sentence] = table[code];
    super(fillSentence(sentence, details), {
      ...options,
      extensions: { code, module: "router", details, ...options.extensions },
    });
    this.name = "RouterError";
    this.code = code;
    this.status = status;
  }

  /** What the head of the answer says besides the status. */
  get headers(): Readonly<Record<string, string>> {
    const { allowed, retryAfterSeconds } = this.extensions.details as Readonly<Record<string, unknown>>;
    return {
      ...(typeof allowed === "string" ? { allow: allowed } : {}),
      ...(typeof retryAfterSeconds === "number" ? { "retry-after": String(retryAfterSeconds) } : {}),
    };
  }
}
