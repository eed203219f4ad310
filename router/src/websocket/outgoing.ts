/** What goes out on one socket, and for how long its client has taken nothing of it. */
import type { WebSocket } from "ws";
import { type JsonText, toBytes, toJson } from "../request/json-text.js";

export class Outgoing {
  readonly #socket: WebSocket;
  #waiting = 0;
  #lastTaken = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Resolves when the connection took the message, so a sender who waits is as fast as its reader. */
  send(message: JsonText): Promise<void> {
    return this.sendPieces([toBytes(message)]);
  }

  /** The same with a message in pieces, each a frame of its own: they are not copied into one. */
  sendPieces(pieces: readonly Buffer[]): Promise<void> {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return Promise.resolve();
    if (this.#waiting === 0) this.#lastTaken = performance.now();
    this.#waiting += 1;
    return new Promise((resolve) => {
      const last = pieces.length - 1;
      for (let index = 0; index < last; index += 1) socket.send(pieces[index] ?? "", { binary: false, fin: false });
      // One that failed has closed the socket, which ends whoever sends on it.
      socket.send(pieces[last] ?? "", { binary: false }, () => {
        this.#waiting -= 1;
        this.#lastTaken = performance.now();
        resolve();
      });
    });
  }

  sendMessage(message: object): Promise<void> {
    return this.send({ text: toJson(message) });
  }

  /** Milliseconds since the client took the last message, while others wait for it; 0 when none waits. */
  stuckFor(): number {
    return this.#waiting === 0 ? 0 : performance.now() - this.#lastTaken;
  }
}
