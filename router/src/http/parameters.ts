/** The parameters of a GraphQL request: https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters */
import { RouterError } from "../errors/router-error.js";
import { fromLatin1 } from "../request/json-text.js";
import type { OperationRequest } from "../request/outcome.js";

export interface Parameters {
  readonly query: string | undefined;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
  /** Names a persisted document. */
  readonly documentId: unknown;
}

/** @throws RouterError INVALID_JSON */
export function parseJson(text: string): unknown {
  try {
    // A byte order mark, which some clients send, is no JSON.
    return JSON.parse(fromLatin1(text.startsWith("\u00ef\u00bb\u00bf") ? text.slice(3) : text));
  } catch {
    throw new RouterError("INVALID_JSON");
  }
}

/** @throws RouterError INVALID_PARAMETER, QUERY_MISSING */
export function checkParameters(body: unknown): Parameters {
  if (!isRecord(body)) throw invalid("body", "a JSON object");
  const { query, operationName, variables, extensions, documentId } = body;
  if (!(query == null || typeof query === "string")) throw invalid("query", "a string");
  if (!(operationName == null || typeof operationName === "string")) throw invalid("operationName", "a string or null");
  if (!(variables == null || isRecord(variables))) throw invalid("variables", "an object or null");
  if (!(extensions == null || isRecord(extensions))) throw invalid("extensions", "an object or null");
  // An operation may also be named by its extensions, such as the hash of its text.
  if ((query == null || query === "") && extensions == null && documentId == null)
    throw new RouterError("QUERY_MISSING");
  return { query: query || undefined, operationName, variables, extensions: extensions ?? undefined, documentId };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(parameter: string, expected: string): RouterError {
  return new RouterError("INVALID_PARAMETER", { parameter, expected });
}

/** An operation whose body is parsed when somebody first looks into it. */
export class LazyOperation implements OperationRequest {
  readonly bodyText: string;
  readonly lastEventId: string | undefined;
  #parameters: Parameters | undefined;

  constructor(bodyText: string, lastEventId: string | undefined) {
    this.bodyText = bodyText;
    this.lastEventId = lastEventId;
  }

  get query(): string | undefined {
    return this.#read().query;
  }

  get operationName(): string | null | undefined {
    return this.#read().operationName;
  }

  get variables(): Readonly<Record<string, unknown>> | null | undefined {
    return this.#read().variables;
  }

  get extensions(): Readonly<Record<string, unknown>> | undefined {
    return this.#read().extensions;
  }

  get documentId(): unknown {
    return this.#read().documentId;
  }

  #read(): Parameters {
    this.#parameters ??= checkParameters(parseJson(this.bodyText));
    return this.#parameters;
  }
}

/** The parameters of a GET request. @throws RouterError INVALID_JSON, INVALID_PARAMETER, QUERY_MISSING */
export function readSearch(search: string): Parameters {
  const given = new URLSearchParams(search);
  const text = (name: string) => {
    const values = given.getAll(name);
    if (values.length > 1) throw invalid(name, "given once");
    return values[0];
  };
  const value = (name: string) => {
    const found = text(name);
    return found === undefined || found === "" ? undefined : parseText(found);
  };
  return checkParameters({
    query: text("query"),
    operationName: text("operationName") || undefined,
    variables: value("variables"),
    extensions: value("extensions"),
    documentId: text("documentId"),
  });
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RouterError("INVALID_JSON");
  }
}
