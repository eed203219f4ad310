/**
 * Which connections carry a request right now. Node.js counts one on which nothing has been sent yet as busy, and
 * browsers keep such connections in reserve, so a server that waited for them would not end.
 */
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export class OpenConnections {
  /** Requests running on each connection. One that became a WebSocket is no longer here. */
  readonly #running = new Map<Socket, number>();
  #isClosing = false;

  constructor(server: Server) {
    server.on("connection", (socket) => {
      this.#running.set(socket, 0);
      socket.once("close", () => this.#running.delete(socket));
    });
    server.on("upgrade", ({ socket }) => this.#running.delete(socket));
  }

  /** Counts a request until its response is closed. */
  track(socket: Socket, response: ServerResponse): void {
    this.#add(socket, 1);
    response.on("close", () => {
      this.#add(socket, -1);
      if (this.#isClosing) this.#endIfIdle(socket);
    });
  }

  /** Ends idle connections now, and each of the others after its last response. */
  closeWhenIdle(): void {
    this.#isClosing = true;
    for (const socket of this.#running.keys()) this.#endIfIdle(socket);
  }

  closeAll(): void {
    for (const socket of this.#running.keys()) socket.destroy();
  }

  #add(socket: Socket, count: number): void {
    const running = this.#running.get(socket);
    if (running !== undefined) this.#running.set(socket, running + count);
  }

  #endIfIdle(socket: Socket): void {
    if (this.#running.get(socket) === 0) socket.destroySoon();
  }
}
