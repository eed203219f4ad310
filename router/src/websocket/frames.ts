/** Messages of graphql-transport-ws around answers that are JSON text already. */
import { type JsonText, shareBytes, toBytes, toLatin1 } from "../request/json-text.js";

/** `next` with an answer, or `error` with a list of errors. */
export function frame(id: string, type: "next" | "error", { text, encoding }: JsonText): JsonText {
  const quoted = JSON.stringify(id);
  const name = encoding === "latin1" ? toLatin1(quoted) : quoted;
  return { text: `{"id":${name},"type":"${type}","payload":${text}}`, encoding };
}

const closingBrace = 0x7d;

/** The `next` messages of one stream. An event that goes to many clients is encoded once; each copies its bytes. */
export function createEventFrames(id: string): (body: JsonText) => Buffer {
  const head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  return (body) => {
    shareBytes(body);
    const bytes = toBytes(body);
    const message = Buffer.allocUnsafe(head.length + bytes.length + 1);
    head.copy(message);
    bytes.copy(message, head.length);
    message[message.length - 1] = closingBrace;
    return message;
  };
}
