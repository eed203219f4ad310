/** Messages of graphql-transport-ws around answers that are JSON text already. */
import type { WebSocket } from "ws";
import { type JsonText, toLatin1 } from "../request/json-text.js";

/** Resolves when the connection took the message, so a sender who waits is as fast as its reader. */
export function send(socket: WebSocket, { text, encoding }: JsonText): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    const data = encoding === "latin1" ? Buffer.from(text, "latin1") : text;
    // One that failed has closed the socket, which ends whoever sends on it.
    socket.send(data, { binary: false }, () => resolve());
  });
}

export function sendMessage(socket: WebSocket, message: object): Promise<void> {
  return send(socket, { text: JSON.stringify(message), encoding: "utf8" });
}

/** `next` with an answer, or `error` with a list of errors. */
export function frame(id: string, type: "next" | "error", { text, encoding }: JsonText): JsonText {
  const quoted = JSON.stringify(id);
  const name = encoding === "latin1" ? toLatin1(quoted) : quoted;
  return { text: `{"id":${name},"type":"${type}","payload":${text}}`, encoding };
}
