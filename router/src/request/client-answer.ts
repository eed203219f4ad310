/** The answer a client gets, as JSON text around the data that was written already. */
import type { GraphQLFormattedError } from "graphql";
import type { ExecutedPart } from "../execution/executable.js";
import { type JsonText, shareBytes, toLatin1 } from "./json-text.js";
import type { ClientAnswer, ClientPart } from "./outcome.js";

type Errors = readonly GraphQLFormattedError[];
export type Extensions = Readonly<Record<string, unknown>>;

/** `errors` come first, so that a person reading a long answer sees them. */
export function answerWith(data: JsonText, errors: Errors, extensions?: Extensions): ClientAnswer {
  if (errors.length === 0 && !extensions) return { body: wholeOf(data), status: 200, isRequestError: false, errors };
  const { encoding } = data;
  const body = `{${errorsEntry(errors, encoding)}"data":${data.text}${extensionsEntry(extensions, encoding)}}`;
  return { body: { text: body, encoding }, status: 200, isRequestError: false, errors };
}

/** Data that comes again is written again as the same bytes. */
function wholeOf(data: JsonText): JsonText {
  const { whole, text, encoding } = data;
  if (whole) shareBytes(whole);
  else data.whole = { text: `{"data":${text}}`, encoding };
  return data.whole as JsonText;
}

/** Nothing was executed. */
export function refusalWith(errors: Errors, status: number): ClientAnswer {
  return { body: { text: JSON.stringify({ errors }), encoding: "utf8" }, status, isRequestError: true, errors };
}

/**
 * One part of an answer with `@defer`, as multipart clients of `deferSpec=20220824` read it: the first part is a
 * response with `hasNext`, each later one a list `incremental` of `{ path, label, data, errors }`.
 */
export function partWith(part: ExecutedPart, errors: Errors): ClientPart {
  const { hasNext } = part;
  const { encoding, text } = part.data;
  // What was announced lost its object: there is only to say that nothing comes.
  if (part.isEmpty) return { body: { text: `{"hasNext":${hasNext}}`, encoding }, hasNext };
  const entries = `${errorsEntry(errors, encoding)}"data":${text}`;
  if (!part.path) return { body: { text: `{${entries},"hasNext":${hasNext}}`, encoding }, hasNext };
  const place = `"path":${inEncoding(part.path, encoding)}${part.label === undefined ? "" : `,"label":${inEncoding(part.label, encoding)}`}`;
  return { body: { text: `{"incremental":[{${entries},${place}}],"hasNext":${hasNext}}`, encoding }, hasNext };
}

function errorsEntry(errors: Errors, encoding: JsonText["encoding"]): string {
  return errors.length === 0 ? "" : `"errors":${inEncoding(errors, encoding)},`;
}

function extensionsEntry(extensions: Extensions | undefined, encoding: JsonText["encoding"]): string {
  return extensions ? `,"extensions":${inEncoding(extensions, encoding)}` : "";
}

function inEncoding(value: unknown, encoding: JsonText["encoding"]): string {
  const text = JSON.stringify(value);
  return encoding === "latin1" ? toLatin1(text) : text;
}
