/**
 * What a worker does in a partition from taking its lease to giving it back: reads, hands over, and saves up to where
 * everything is handled. Whoever comes next goes on there; what was handled beyond it comes again.
 */
import { type HandleEvent, wants } from "../bus.js";
import { InHand } from "../in-hand.js";
import type { WakeUp } from "../wake-up.js";
import type { Lease } from "./lease.js";
import { type Place, savePlace } from "./place.js";
import { type Entry, eventOf, readAfter } from "./stream-commands.js";

/** Events of one partition that may be under way at once. */
const window = 256;
const pollMs = 1000;

export interface ReadingFacts {
  readonly stream: string;
  readonly group: string;
  readonly types: ReadonlySet<string>;
  readonly handle: HandleEvent;
  readonly lease: Lease;
  /** Called when there may be something new. */
  readonly pulse: WakeUp;
}

export class Reading {
  readonly #facts: ReadingFacts;
  /** Each with the place before it. */
  readonly #inHand: InHand<{ readonly before: Place }>;
  #read: Place;
  #saved: Place;
  #saving: Promise<void> | null = null;

  constructor(facts: ReadingFacts, place: Place) {
    this.#facts = facts;
    this.#read = place;
    this.#saved = place;
    this.#inHand = new InHand(facts.handle, () => this.#settled());
  }

  /** Resolves, when nothing is under way any more, to whether it ended because there is nothing new. */
  async run(isClosed: () => boolean): Promise<boolean> {
    const { lease, pulse } = this.#facts;
    const goesOn = (): boolean => lease.held && !isClosed() && !this.#inHand.failed;
    try {
      while (goesOn() && !(await this.#isDrained()));
    } finally {
      while (this.#inHand.busy) await pulse.wait(pollMs);
      await this.#saving;
    }
    return goesOn();
  }

  /** Takes what is new and fits, or waits a while. */
  async #isDrained(): Promise<boolean> {
    const { lease, stream, pulse } = this.#facts;
    if (this.#inHand.size <= window / 2) {
      const entries = await readAfter(lease.client, stream, this.#read.id, window / 2);
      for (const entry of entries) this.#handOver(entry);
      this.#save();
      if (entries.length > 0) return false;
      if (!this.#inHand.busy) return true;
    }
    await pulse.wait(pollMs);
    return false;
  }

  #handOver(entry: Entry): void {
    const before = this.#read;
    this.#read = { id: entry.id, count: before.count === null ? null : before.count + 1 };
    const event = wants(this.#facts.types, entry.type) ? eventOf(entry) : null;
    if (event) this.#inHand.handOver({ before }, event);
  }

  #settled(): void {
    this.#save();
    const { size, busy } = this.#inHand;
    if (size === window / 2 || !busy) this.#facts.pulse.call();
  }

  /** Once for all that is handled while the command before is on its way. When it is lost, what it covers comes again. */
  #save(): void {
    this.#saving ??= this.#sendPlaces().finally(() => {
      this.#saving = null;
    });
  }

  async #sendPlaces(): Promise<void> {
    const { lease, stream, group } = this.#facts;
    await null;
    for (let place = this.#place(); place.id !== this.#saved.id; place = this.#place()) {
      this.#saved = place;
      await savePlace(lease, stream, group, place).catch(() => {});
    }
  }

  #place(): Place {
    return this.#inHand.oldest?.before ?? this.#read;
  }
}
