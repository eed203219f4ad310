/** Messages of graphql-sse: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md */
import { type JsonText, toJson } from "../request/json-text.js";

/** A comment, which clients ignore. */
export const heartbeat = ":\n\n";

/** With empty data, because a browser's `EventSource` drops an event without any. */
export const eventEnd = "event: complete\ndata: \n\n";

/** `eventId` is what a client that lost the stream says in `Last-Event-ID`. */
export function eventOf({ text }: JsonText, eventId?: string): JsonText {
  return { text: `${idLine(eventId)}event: next\ndata: ${oneLine(text)}\n\n` };
}

/** One of several operations on the same stream. */
export function operationEventOf(operationId: string, { text }: JsonText, eventId?: string): JsonText {
  const payload = oneLine(text);
  return { text: `${idLine(eventId)}event: next\ndata: {"id":${toJson(operationId)},"payload":${payload}}\n\n` };
}

export function operationEndOf(operationId: string): JsonText {
  return { text: `event: complete\ndata: {"id":${toJson(operationId)}}\n\n` };
}

function idLine(eventId: string | undefined): string {
  return eventId === undefined ? "" : `id: ${eventId}\n`;
}

/** A line end between two tokens would end the data; inside a string JSON has none. */
function oneLine(text: string): string {
  return text.includes("\n") || text.includes("\r") ? text.replace(/[\r\n]+/g, " ") : text;
}
