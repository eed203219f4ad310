/**
 * Replays a process against its journal and then lets it go on. What is in the journal is given back in the order in
 * which it was written, one at a time, so that code which races its branches takes the same turns again. Nothing new
 * begins before everything in the journal has been asked for: that is how a journal that does not fit is noticed.
 */
import { setImmediate as turn } from "node:timers/promises";
import { ProcessesError } from "../errors.js";
import type { StepKind } from "../processes.js";
import type { StepRow } from "../store/rows.js";
import type { Slots } from "./lock.js";

export interface Operation {
  readonly name: string;
  readonly kind: StepKind;
  /** Gives back what the journal holds. */
  replay(entry: StepRow): void;
  /** Works on it now; resolves when it is settled or parked. Rejects only with what ends the whole activation. */
  live(): Promise<void>;
}

/** What an operation waits for: looked at again at `dueAt` and, if it hears signals, when something was signalled. */
export interface Parked {
  readonly dueAt: number | null;
  readonly hearsSignals: boolean;
  check(): Promise<void>;
}

export type Outcome =
  | { readonly kind: "completed"; readonly output: unknown }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "waiting"; readonly dueAt: number | null }
  /** Stopped from outside, or, in a replay, everything in the journal was asked for. */
  | { readonly kind: "stopped" }
  /** The activation cannot go on. */
  | { readonly kind: "halted"; readonly error: unknown };

export interface SchedulerOptions {
  readonly entries: readonly StepRow[];
  /** Only the journal, nothing new. */
  readonly replayOnly: boolean;
  readonly steps: number;
  /** Shared by all processes of this worker: what they do at once must not fill the line before the database. */
  readonly slots: Slots;
  readonly now: () => number;
  /** How long code may do something of its own before the next entry of the journal is asked for. */
  readonly graceMs: number;
  /** How long it may do so beside something that waits, before the process is given back. */
  readonly lingerMs: number;
  /** It took longer than that: the code asks for something after the process was given back. */
  readonly onLate: () => void;
}

/** How long it may do so when there is nothing else: it hangs. */
const stallMs = 60_000;

const settled = (entry: StepRow): boolean => entry.position !== null;

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #entries: Map<string, StepRow>;
  /** Settled entries that have not been given back, in the order of the journal. */
  readonly #toReplay: StepRow[];
  readonly #unasked: Set<string>;
  readonly #asked = new Map<string, Operation>();
  #fresh: Operation[] = [];
  readonly #parked = new Map<string, Parked>();
  #inFlight = 0;
  #ended: Outcome | null = null;
  #halted: { error: unknown } | null = null;
  #givenBack = false;
  #stopped = false;
  #signalled = false;
  #changed: (() => void) | null = null;
  #changes = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#entries = new Map(options.entries.map((entry) => [entry.name, entry]));
    this.#toReplay = options.entries.filter(settled).sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
    this.#unasked = new Set(this.#entries.keys());
  }

  entry(name: string): StepRow | undefined {
    return this.#entries.get(name);
  }

  /** `PROCESS_STEP_DUPLICATE`, `PROCESS_TOO_MANY_STEPS` */
  ask(operation: Operation): void {
    const { name, kind } = operation;
    if (this.#givenBack) {
      this.#options.onLate();
      return;
    }
    if (this.#asked.has(name)) throw new ProcessesError("PROCESS_STEP_DUPLICATE", { step: name });
    if (this.#asked.size >= this.#options.steps) {
      throw new ProcessesError("PROCESS_TOO_MANY_STEPS", { limit: this.#options.steps });
    }
    const entry = this.#entries.get(name);
    if (entry && entry.kind !== kind) {
      this.halt(notDeterministic(`it was a ${entry.kind} and is a ${kind} now`, name));
    }
    this.#asked.set(name, operation);
    this.#unasked.delete(name);
    if (!entry || !settled(entry)) this.#fresh.push(operation);
    this.#change();
  }

  park(name: string, parked: Parked): void {
    this.#parked.set(name, parked);
    this.#change();
  }

  /** Something arrived that a wait may be waiting for. */
  signal(): void {
    this.#signalled = true;
    this.#change();
  }

  /** Nothing new begins; what is running ends first. */
  stop(): void {
    this.#stopped = true;
    this.#change();
  }

  halt(error: unknown): void {
    this.#halted ??= { error };
    this.#change();
  }

  async run(main: () => Promise<unknown>): Promise<Outcome> {
    const end = (outcome: Outcome) => {
      this.#ended = outcome;
      this.#change();
    };
    main().then(
      (output) => end({ kind: "completed", output }),
      (error: unknown) => end({ kind: "failed", error }),
    );
    for (;;) {
      await turn();
      const outcome = this.#replayNext() ? null : await this.#next();
      if (outcome) return outcome;
    }
  }

  /** True when one entry was given back. */
  #replayNext(): boolean {
    const [next] = this.#toReplay;
    const operation = next && this.#asked.get(next.name);
    if (!operation || this.#halted) return false;
    this.#toReplay.shift();
    operation.replay(next);
    return true;
  }

  async #next(): Promise<Outcome | null> {
    if (this.#halted || this.#stopped || this.#ended) {
      if (this.#inFlight > 0) return this.#wait();
      if (this.#halted) return { kind: "halted", ...this.#halted };
      if (!this.#ended) return { kind: "stopped" };
    }
    if (this.#missing() !== undefined) return this.#waitForCode();
    if (this.#ended) return this.#ended;
    if (this.#options.replayOnly) return { kind: "stopped" };
    if (this.#fresh.length > 0) {
      for (const operation of this.#fresh.splice(0)) this.#start(() => operation.live());
      return null;
    }
    return this.#idle();
  }

  #instead(): string {
    if (this.#ended) return "the code ended without it";
    return this.#fresh[0] ? `the code asks for "${this.#fresh[0].name}" instead` : "the code does not ask for it";
  }

  /** A name in the journal that the code has not asked for; in a replay only what is settled counts. */
  #missing(): string | undefined {
    for (const name of this.#unasked) {
      const entry = this.#entries.get(name);
      if (entry && (settled(entry) || !this.#options.replayOnly)) return name;
    }
    return undefined;
  }

  async #waitForCode(): Promise<Outcome | null> {
    const before = this.#changes;
    await this.#wait(this.#options.graceMs);
    const missing = this.#missing();
    if (this.#changes === before && missing !== undefined) this.halt(notDeterministic(this.#instead(), missing));
    return null;
  }

  /** Everything that can run now is running or parked. */
  async #idle(): Promise<Outcome | null> {
    const dueAt = this.#soonest();
    const now = this.#options.now();
    if (this.#checkParked(now)) return null;
    if (this.#inFlight > 0) return this.#wait(dueAt === null ? undefined : dueAt - now);
    const waits = this.#parked.size > 0;
    const before = this.#changes;
    const quietMs = waits ? this.#options.lingerMs : stallMs;
    if (quietMs > 0) await this.#wait(dueAt === null ? quietMs : Math.min(quietMs, dueAt - now));
    if (this.#changes !== before || (dueAt !== null && dueAt <= this.#options.now())) return null;
    if (!waits) this.halt(new ProcessesError("PROCESS_STALLED", { seconds: stallMs / 1000 }));
    this.#givenBack = waits;
    return waits ? { kind: "waiting", dueAt } : null;
  }

  #soonest(): number | null {
    const times = [...this.#parked.values()].flatMap(({ dueAt }) => (dueAt === null ? [] : [dueAt]));
    return times.length === 0 ? null : Math.min(...times);
  }

  /** True when something was looked at. */
  #checkParked(now: number): boolean {
    const signalled = this.#signalled;
    this.#signalled = false;
    const ready = [...this.#parked].filter(
      ([, { dueAt, hearsSignals }]) => (signalled && hearsSignals) || (dueAt !== null && dueAt <= now),
    );
    for (const [name, parked] of ready) {
      this.#parked.delete(name);
      this.#start(() => parked.check());
    }
    return ready.length > 0;
  }

  #start(work: () => Promise<void>): void {
    this.#inFlight++;
    this.#options.slots
      .run(work)
      .catch((error: unknown) => this.halt(error))
      .finally(() => {
        this.#inFlight--;
        this.#change();
      });
  }

  #change(): void {
    this.#changes++;
    this.#changed?.();
  }

  async #wait(milliseconds?: number): Promise<null> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#changed = resolve;
      if (milliseconds !== undefined) timer = setTimeout(resolve, Math.min(milliseconds, 2_147_483_647));
    });
    clearTimeout(timer);
    this.#changed = null;
    return null;
  }
}

function notDeterministic(problem: string, step: string): ProcessesError {
  return new ProcessesError("PROCESS_NOT_DETERMINISTIC", { problem, step });
}
