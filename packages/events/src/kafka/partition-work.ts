/** One partition in the hands of one group: hands its events over in order and knows what of them is not handled yet. */
import { setTimeout as sleep } from "node:timers/promises";
import { type HandleEvent, wants } from "../bus.js";
import { InHand } from "../in-hand.js";
import type { Chunk, LogRecord } from "./log.js";

/** Events of one partition that may be under way at once. */
const window = 256;
const retryMs = 500;

export interface PartitionFacts {
  readonly types: ReadonlySet<string>;
  readonly handle: HandleEvent;
  /** There is room again, or something is to be read once more. */
  readonly wake: () => void;
}

export class PartitionWork {
  readonly #facts: PartitionFacts;
  readonly #inHand: InHand<bigint>;
  #position: bigint;
  #stopped = false;
  /** What the broker knows to be handled: everything before it. */
  committed: bigint;
  paused = false;

  constructor(facts: PartitionFacts, from: bigint) {
    this.#facts = facts;
    this.#position = from;
    this.committed = from;
    this.#inHand = new InHand(facts.handle, () => this.#settled());
  }

  /** The next to be read. */
  get position(): bigint {
    return this.#position;
  }

  /** Everything before it is handled. */
  get lowWater(): bigint {
    return this.#inHand.oldest ?? this.#position;
  }

  get busy(): boolean {
    return this.#inHand.busy;
  }

  get takesMore(): boolean {
    return this.#open && this.#inHand.size <= window / 2;
  }

  /** Nothing of it is handed over any more; what is under way goes on. */
  stop(): void {
    this.#stopped = true;
  }

  /** Takes what follows what it has, as far as there is room. The rest has to be read again later. */
  take({ from, next, records }: Chunk): void {
    if (from > this.#position || next <= this.#position) return;
    for (const record of records) {
      if (!this.#open) return;
      if (record.offset < this.#position) continue;
      if (wants(this.#facts.types, record.type) && !this.#handOver(record)) return;
      this.#position = record.offset + 1n;
    }
    this.#position = next;
  }

  get #open(): boolean {
    return !this.#stopped && !this.paused && !this.#inHand.failed;
  }

  /** False when there is no room. */
  #handOver(record: LogRecord): boolean {
    if (this.#inHand.size >= window) return false;
    const event = record.event();
    if (event) this.#inHand.handOver(record.offset, event);
    return true;
  }

  #settled(): void {
    const { size, failed, busy } = this.#inHand;
    if (failed && !busy) void this.#startAgain();
    else if (size === window / 2 || size === 0) this.#facts.wake();
  }

  /** With the first that is not handled; those behind it that are come once more. */
  async #startAgain(): Promise<void> {
    await sleep(retryMs);
    this.#position = this.lowWater;
    this.#inHand.clear();
    this.#facts.wake();
  }
}
