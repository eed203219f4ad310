/** Reads what a subgraph of another process answered, fast when it is written as most servers write it. */
import type { DocumentNode, GraphQLFormattedError } from "graphql";
import { fromJson } from "../../request/json-text.js";
import { bytesOf } from "./answer-bytes.js";
import { compact, type DataReader, generateReader, type Spacing, spaced } from "./compile-reader.js";
import { ingestObject } from "./ingest.js";
import { type ReadFields, readFieldsOf } from "./read-fields.js";
import { compileSameData, type SameData } from "./same-data.js";
import type { Tree } from "./tree.js";

export interface ReadAnswer {
  /** Undefined when the answer has no `data`. */
  readonly data: Tree | null | undefined;
  /** Null when there are none. */
  readonly errors: readonly GraphQLFormattedError[] | null;
  readonly extensions: Readonly<Record<string, unknown>> | null;
  /** It has `data` or `errors`. Otherwise it is something else: a page of a proxy, say. */
  readonly isGraphQL: boolean;
}

/** Reads the body of an answer, one character per byte. */
export interface Reader {
  (text: string): ReadAnswer;
  /** The tree of `data` that did not come as text. */
  ingest(data: Readonly<Record<string, unknown>>): Tree;
  /** Whether two data that did not come as text say the same. */
  readonly isSame: SameData;
}

/** For the answers to one operation of a subgraph. */
export function compileReader(document: DocumentNode, _form: "text"): Reader {
  const fields = readFieldsOf(document);
  const readCompact = fastReader(fields, compact);
  const readSpaced = fastReader(fields, spaced);
  const read = (text: string): ReadAnswer =>
    (text.startsWith('{"data": ') ? readSpaced(text) : readCompact(text)) ?? readCarefully(text, fields);
  let isSame: SameData | undefined;
  return Object.assign(read, {
    ingest: (data: Readonly<Record<string, unknown>>) => ingestObject(data, fields),
    isSame(one: Tree, other: Tree) {
      isSame ??= compileSameData(fields);
      return isSame(one, other);
    },
  });
}

const notGraphQL: ReadAnswer = { data: undefined, errors: null, extensions: null, isGraphQL: false };

/** Null for an answer that is not written as expected. Generated when the first answer comes. */
function fastReader(fields: ReadFields, spacing: Spacing): (text: string) => ReadAnswer | null {
  const start = `{"data"${spacing.colon}`;
  let reader: DataReader | null | undefined;
  return (text) => {
    if (!text.startsWith(start)) return null;
    if (reader === undefined) reader = tryToGenerate(fields, spacing);
    if (!reader) return null;
    try {
      const data = reader.read(text, bytesOf(text), start.length);
      return isEnd(text, reader.end()) ? { data, errors: null, extensions: null, isGraphQL: true } : null;
    } catch {
      return null;
    }
  };
}

/** Some servers end their answers with a line break. */
function isEnd(text: string, at: number): boolean {
  return text[at] === "}" && (text.length === at + 1 || text.slice(at + 1).trim() === "");
}

function tryToGenerate(fields: ReadFields, spacing: Spacing): DataReader | null {
  try {
    return generateReader(fields, spacing);
  } catch {
    return null;
  }
}

function readCarefully(text: string, fields: ReadFields): ReadAnswer {
  try {
    const answer: unknown = fromJson(text);
    if (!isObject(answer)) return notGraphQL;
    const errors = Array.isArray(answer.errors) && answer.errors.length > 0 ? answer.errors.map(toError) : null;
    const data = isObject(answer.data) ? ingestObject(answer.data, fields) : answer.data === null ? null : undefined;
    if (data === undefined && !errors) return notGraphQL;
    return { data, errors, extensions: isObject(answer.extensions) ? answer.extensions : null, isGraphQL: true };
  } catch {
    // Not JSON, or deeper than the stack.
    return notGraphQL;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a subgraph reports, with everything left out that is not of the kind it should be. */
function toError(value: unknown): GraphQLFormattedError {
  if (!isObject(value)) return { message: "The subgraph reported an error without a message." };
  const { message, path, locations, extensions } = value;
  return {
    message: typeof message === "string" ? message : "The subgraph reported an error without a message.",
    ...(Array.isArray(locations) && { locations }),
    ...(isPath(path) && { path }),
    ...(isObject(extensions) && { extensions }),
  };
}

function isPath(value: unknown): value is (string | number)[] {
  return Array.isArray(value) && value.every((key) => typeof key === "string" || typeof key === "number");
}
