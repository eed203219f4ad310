/** The answer a client gets, as JSON text around the data that was written already. */
import type { GraphQLFormattedError } from "graphql";
import type { ExecutedPart } from "../execution/executable.js";
import { type JsonText, shareBytes, toJson } from "./json-text.js";
import type { ClientAnswer, ClientPart } from "./outcome.js";

type Errors = readonly GraphQLFormattedError[];
export type Extensions = Readonly<Record<string, unknown>>;

/** `errors` come first, so that a person reading a long answer sees them. */
export function answerWith(data: JsonText, errors: Errors, extensions?: Extensions): ClientAnswer {
  if (errors.length === 0 && !extensions) return { body: wholeOf(data), status: 200, isRequestError: false, errors };
  const text = `{${errorsEntry(errors)}"data":${data.text}${extensions ? `,"extensions":${toJson(extensions)}` : ""}}`;
  return { body: { text }, status: 200, isRequestError: false, errors };
}

/** Data that comes again is written again as the same bytes. */
function wholeOf(data: JsonText): JsonText {
  const { whole, text } = data;
  if (whole) shareBytes(whole);
  else data.whole = { text: `{"data":${text}}` };
  return data.whole as JsonText;
}

/** Nothing was executed. */
export function refusalWith(errors: Errors, status: number): ClientAnswer {
  return { body: { text: toJson({ errors }) }, status, isRequestError: true, errors };
}

/**
 * One part of an answer with `@defer`, as multipart clients of `deferSpec=20220824` read it: the first part is a
 * response with `hasNext`, each later one a list `incremental` of `{ path, label, data, errors }`.
 */
export function partWith(part: ExecutedPart, errors: Errors): ClientPart {
  const { hasNext, data, path, label } = part;
  const end = `"hasNext":${hasNext}}`;
  // What was announced lost its object: there is only to say that nothing comes.
  if (part.isEmpty) return { body: { text: `{${end}` }, hasNext };
  const entries = `${errorsEntry(errors)}"data":${data.text}`;
  if (!path) return { body: { text: `{${entries},${end}` }, hasNext };
  const place = `"path":${toJson(path)}${label === undefined ? "" : `,"label":${toJson(label)}`}`;
  return { body: { text: `{"incremental":[{${entries},${place}}],${end}` }, hasNext };
}

function errorsEntry(errors: Errors): string {
  return errors.length === 0 ? "" : `"errors":${toJson(errors)},`;
}
