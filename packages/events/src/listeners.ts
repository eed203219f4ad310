/** Who listens live in this process, whichever bus the events come from. */
import type { EventEnvelope } from "@tessera/shared-types";
import type { Subscription } from "./bus.js";

export type Listener = (event: EventEnvelope) => void;

export class Listeners {
  readonly #entries = new Set<{ listener: Listener }>();

  get size(): number {
    return this.#entries.size;
  }

  /** The same function may listen twice, and each subscription ends for itself. */
  add(listener: Listener): Subscription {
    const entry = { listener };
    this.#entries.add(entry);
    return {
      close: async () => {
        this.#entries.delete(entry);
      },
    };
  }

  /** What is repeated for consumers is no news to who listens live. */
  pass(event: EventEnvelope): void {
    if (event.replay) return;
    for (const { listener } of this.#entries) listener(event);
  }

  clear(): void {
    this.#entries.clear();
  }
}
