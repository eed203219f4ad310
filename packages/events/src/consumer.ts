/** What one module reacts to, its host, and how many of its events go into one transaction. */
import type { EventEnvelope } from "@tessera/shared-types";
import { EventsError } from "./errors.js";
import type { Reaction, RunReactions } from "./reaction.js";

export interface Consumer {
  readonly module: string;
  readonly reactions: readonly Reaction[];
  readonly run: RunReactions;
  readonly pace: Pace;
}

const defaultTimeoutMs = 30_000;
const largestTurn = 100;
/** A turn holds its locks for about so long at most. */
const turnMs = 500;
const slowMs = 100;

/** Learns how long events of a consumer take, so that turns of many stay short and slow reactions run side by side. */
export class Pace {
  #eventMs = 10;

  /** How many events to handle in one turn. */
  get size(): number {
    return this.#eventMs > slowMs ? 1 : Math.min(largestTurn, Math.floor(turnMs / this.#eventMs));
  }

  took(milliseconds: number, events: number): void {
    this.#eventMs = 0.9 * this.#eventMs + (0.1 * milliseconds) / events;
  }
}

/** The one for every event first, then the one for this type and version. `EVENT_VERSION_UNKNOWN` */
export function reactionsTo({ module, reactions }: Consumer, event: EventEnvelope): Reaction[] {
  const found = reactions.filter(
    ({ contract: { type, version } }) => type === "*" || (type === event.type && version === event.version),
  );
  if (found.length > 0) return found.sort((a, b) => Number(b.contract.type === "*") - Number(a.contract.type === "*"));
  const ofType = reactions.filter(({ contract }) => contract.type === event.type);
  const known = ofType.map(({ contract }) => `v${contract.version}`).join(", ") || "no version";
  throw new EventsError("EVENT_VERSION_UNKNOWN", { module, type: event.type, version: event.version, known });
}

export const timeoutOf = (reactions: readonly Reaction[]): number =>
  Math.max(0, ...reactions.map(({ options }) => options.timeoutMs ?? defaultTimeoutMs));

export const attemptsOf = (reactions: readonly Reaction[]): number | undefined =>
  reactions.map(({ options }) => options.attempts).find((attempts) => attempts !== undefined);

export function refuseDuplicates({ module, reactions }: Pick<Consumer, "module" | "reactions">): void {
  const known = new Set<string>();
  for (const { contract } of reactions) {
    const { type, version } = contract;
    if (known.has(`${type}@${version}`)) throw new EventsError("REACTION_DUPLICATE", { module, type, version });
    known.add(`${type}@${version}`);
  }
}
