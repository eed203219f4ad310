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
 * Forms of answers in parts, named by what clients accept. In both the first part is a response with `hasNext`. With
 * `deferSpec=20220824` a later one is a list `incremental` of `{ path, label, data, errors }`. With
 * `incrementalSpec=v0.2` parts are announced as `pending: [{ id, path, label }]`, come as `incremental: [{ id, data,
 * errors }]`, and end as `completed: [{ id, errors }]`, with errors where a null left nothing of the part.
 */
export type PartForm = "deferSpec=20220824" | "incrementalSpec=v0.2";

export function partWith(part: ExecutedPart, errors: Errors, form: PartForm): ClientPart {
  const text = form === "incrementalSpec=v0.2" ? announcedPart(part, errors) : placedPart(part, errors);
  return { body: { text }, hasNext: part.hasNext };
}

function placedPart({ hasNext, data, place, isEmpty }: ExecutedPart, errors: Errors): string {
  const end = `"hasNext":${hasNext}}`;
  // What was announced lost its object: there is only to say that nothing comes.
  if (isEmpty) return `{${end}`;
  const entries = `${errorsEntry(errors)}"data":${data.text}`;
  if (!place) return `{${entries},${end}`;
  const { path, label } = place;
  return `{"incremental":[{${entries},${toJson({ path, label }).slice(1)}],${end}`;
}

function announcedPart(part: ExecutedPart, errors: Errors): string {
  const { hasNext, data, place, announced, withdrawn, isEmpty } = part;
  const id = place && toJson(place.id);
  const isLost = data.text === "null";
  const completed = [
    ...(id ? [isLost ? `{"id":${id},"errors":${toJson(errors)}}` : `{"id":${id}}`] : []),
    ...withdrawn.map((one) => toJson({ id: one })),
  ];
  const entries = [
    ...(place || isEmpty ? [] : [`${errorsEntry(errors)}"data":${data.text}`]),
    ...(announced.length > 0 ? [`"pending":${toJson(announced)}`] : []),
    ...(id && !isLost ? [`"incremental":[{${errorsEntry(errors)}"id":${id},"data":${data.text}}]`] : []),
    ...(completed.length > 0 ? [`"completed":[${completed.join()}]`] : []),
    `"hasNext":${hasNext}`,
  ];
  return `{${entries.join()}}`;
}

function errorsEntry(errors: Errors): string {
  return errors.length === 0 ? "" : `"errors":${toJson(errors)},`;
}
