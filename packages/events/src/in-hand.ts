/** Events a driver has handed over and that are not handled yet, oldest first. */
import type { EventEnvelope } from "@tessera/shared-types";
import type { HandleEvent } from "./bus.js";

export class InHand<Place> {
  readonly #handle: HandleEvent;
  readonly #settled: (handled: Place | null) => void;
  readonly #open = new Set<Place>();
  #underWay = 0;
  #failed = false;

  /** `settled` hears of each event when its handler ended, with `null` when it failed. */
  constructor(handle: HandleEvent, settled: (handled: Place | null) => void) {
    this.#handle = handle;
    this.#settled = settled;
  }

  get size(): number {
    return this.#open.size;
  }

  get places(): readonly Place[] {
    return [...this.#open];
  }

  /** The first that is not handled. */
  get oldest(): Place | undefined {
    const [oldest] = this.#open;
    return oldest;
  }

  get busy(): boolean {
    return this.#underWay > 0;
  }

  /** Nothing more may be handed over until nothing is under way and `clear` was called. */
  get failed(): boolean {
    return this.#failed;
  }

  handOver(place: Place, event: EventEnvelope): void {
    this.#open.add(place);
    // What was on its way here when something before it failed must not run before that.
    if (this.#failed) return;
    this.#underWay++;
    this.#handle(event).then(
      () => this.#ended(place, true),
      () => this.#ended(place, false),
    );
  }

  clear(): void {
    this.#open.clear();
    this.#failed = false;
  }

  #ended(place: Place, handled: boolean): void {
    this.#underWay--;
    if (handled) this.#open.delete(place);
    else this.#failed = true;
    this.#settled(handled ? place : null);
  }
}
