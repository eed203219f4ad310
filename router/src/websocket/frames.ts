/** Messages of graphql-transport-ws around answers that are JSON text already. */
import { type JsonText, toBytes, toJson } from "../request/json-text.js";

/** `next` with an answer, or `error` with a list of errors. */
export function frame(id: string, type: "next" | "error", { text }: JsonText): JsonText {
  return { text: `{"id":${toJson(id)},"type":"${type}","payload":${text}}` };
}

/** Copying more than this for each client costs more than a second frame does. */
const mostCopied = 16 * 1024;
const closingBrace = Buffer.from("}");

/** What follows the id in a message, the same for all clients that get an answer. */
const tails = new WeakMap<JsonText, Buffer>();

/**
 * The `next` messages of one stream, as the pieces they are sent in. An event that goes to many clients is encoded once,
 * and a large one is in memory once, however many clients have not taken it yet.
 */
export function createEventFrames(id: string): (body: JsonText) => readonly Buffer[] {
  const head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  return (body) => {
    const tail = tailOf(body);
    return tail.length > mostCopied ? [head, tail] : [Buffer.concat([head, tail])];
  };
}

function tailOf(body: JsonText): Buffer {
  const known = tails.get(body);
  if (known) return known;
  const tail = Buffer.concat([toBytes(body), closingBrace]);
  tails.set(body, tail);
  return tail;
}
