/** The last events of a stream, so that a client that lost its connection can go on after the last one it has. */
import { randomUUID } from "node:crypto";
import type { ClientAnswer } from "../request/outcome.js";

export class RecentEvents {
  readonly #stream = randomUUID();
  readonly #most: number;
  readonly #events: ClientAnswer[] = [];
  /** The number of the newest event; the first one is 1. */
  #newest = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Gives the event its id and keeps it. */
  add(answer: ClientAnswer): ClientAnswer {
    this.#newest += 1;
    const event = { ...answer, eventId: `${this.#stream}.${this.#newest}` };
    this.#events.push(event);
    if (this.#events.length > this.#most) this.#events.shift();
    return event;
  }

  /** What came after the event with this id; `null` when it is of another stream, or older than what is kept. */
  after(eventId: string): readonly ClientAnswer[] | null {
    const [stream, number] = eventId.split(".");
    const missed = this.#newest - Number(number);
    if (stream !== this.#stream || !(missed >= 0 && missed <= this.#events.length)) return null;
    return missed === 0 ? [] : this.#events.slice(-missed);
  }
}
