/** One partition in the hands of one group: hands its events over in order and knows what of them is not handled yet. */
import { setTimeout as sleep } from "node:timers/promises";
import { type HandleEvent, wants } from "../bus.js";
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
  /** Handed over and not handled, oldest first. */
  readonly #open = new Set<bigint>();
  #position: bigint;
  #underWay = 0;
  #failed = false;
  #stopped = false;
  /** What the broker knows to be handled: everything before it. */
  committed: bigint;
  paused = false;

  constructor(facts: PartitionFacts, from: bigint, committed: bigint) {
    this.#facts = facts;
    this.#position = from;
    this.committed = committed;
  }

  /** The next to be read. */
  get position(): bigint {
    return this.#position;
  }

  /** Everything before it is handled. */
  get lowWater(): bigint {
    const [oldest] = this.#open;
    return oldest ?? this.#position;
  }

  get busy(): boolean {
    return this.#underWay > 0;
  }

  get takesMore(): boolean {
    return !this.#stopped && !this.paused && !this.#failed && this.#open.size <= window / 2;
  }

  /** Nothing of it is handed over any more; what is under way goes on. */
  stop(): void {
    this.#stopped = true;
  }

  /** Takes what follows what it has, as far as there is room. The rest has to be read again later. */
  take({ from, next, records }: Chunk): void {
    if (from > this.#position || next <= this.#position) return;
    for (const record of records) {
      if (this.#stopped || this.paused || this.#failed) return;
      if (record.offset < this.#position) continue;
      if (wants(this.#facts.types, record.type)) {
        if (this.#open.size >= window) return;
        this.#handOver(record);
      }
      this.#position = record.offset + 1n;
    }
    this.#position = next;
  }

  #handOver(record: LogRecord): void {
    const event = record.event();
    if (event === null) return;
    this.#open.add(record.offset);
    this.#underWay++;
    this.#facts.handle(event).then(
      () => this.#settled(record.offset),
      () => this.#settled(null),
    );
  }

  #settled(handled: bigint | null): void {
    this.#underWay--;
    if (handled === null) this.#failed = true;
    else this.#open.delete(handled);
    if (this.#failed && this.#underWay === 0) void this.#startAgain();
    else if (this.#open.size === window / 2 || this.#open.size === 0) this.#facts.wake();
  }

  /** With the first that is not handled; those behind it that are come once more. */
  async #startAgain(): Promise<void> {
    await sleep(retryMs);
    this.#position = this.lowWater;
    this.#open.clear();
    this.#failed = false;
    this.#facts.wake();
  }
}
