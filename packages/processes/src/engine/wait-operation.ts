/** `process.sleep`, `waitForEvent` and `waitForAnswer`: written down first, looked for afterwards, so nothing slips by. */
import type { TenantDb } from "@tessera/database";
import type { RecordedError } from "../errors.js";
import type { StepKind } from "../processes.js";
import type { StepRow } from "../store/rows.js";
import { fromText, toText } from "../values.js";
import { type Run, takeTurn } from "./run.js";
import type { Operation } from "./scheduler.js";

export interface Found {
  /** What the process gets, as JSON would give it back. */
  readonly value: unknown;
  readonly eventId?: string;
}

export interface Wait {
  readonly name: string;
  readonly kind: Exclude<StepKind, "STEP">;
  /** The end of the wait when nothing is found: `null` is never. Asked once. */
  dueAt(startedAt: Date): Date | null;
  readonly waitsFor?: string;
  readonly about?: string | null;
  readonly schema?: string | null;
  /** What was waited for, if it is there; or why what is there does not do. */
  look?(db: TenantDb, deadline: Date | null): Promise<Found | { readonly refused: RecordedError } | null>;
}

export class WaitOperation<Result> implements Operation {
  readonly name: string;
  readonly kind: Wait["kind"];
  readonly promise: Promise<Result | null>;
  readonly #run: Run;
  readonly #wait: Wait;
  #startedAt: Date;
  #dueAt: Date | null;
  #error: RecordedError | null = null;
  #resolve: (value: Result | null) => void = () => {};

  constructor(run: Run, wait: Wait) {
    this.#run = run;
    this.#wait = wait;
    this.name = wait.name;
    this.kind = wait.kind;
    const entry = run.scheduler.entry(wait.name);
    this.#startedAt = entry ? new Date(entry.started_at) : run.now();
    if (entry) this.#dueAt = entry.due_at === null ? null : new Date(entry.due_at);
    else this.#dueAt = wait.dueAt(this.#startedAt);
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  replay(entry: StepRow): void {
    this.#resolve(fromText(entry.output) as Result);
  }

  async live(): Promise<void> {
    const { journal, scheduler } = this.#run;
    if (!scheduler.entry(this.name)) {
      await journal.transaction((db) => journal.put(db, { ...this.#facts(), status: "WAITING" }));
      this.#run.changed({ name: this.name, status: "WAITING" });
    }
    await this.#check();
  }

  async #check(): Promise<void> {
    let release: (() => void) | undefined;
    try {
      const ended = await this.#run.journal.transaction(async (db) => {
        release = await takeTurn(this.#run, db);
        return this.#look(db);
      });
      if (ended) this.#over(ended.output);
      else this.#park();
    } finally {
      release?.();
    }
  }

  #over(output: string | null): void {
    this.#run.nextPosition++;
    this.#run.changed({ name: this.name, status: "DONE" });
    this.#resolve(fromText(output) as Result);
  }

  /** The output when the wait is over. */
  async #look(db: TenantDb): Promise<{ output: string | null } | null> {
    const { journal, now, valueBytes } = this.#run;
    const found = (await this.#wait.look?.(db, this.#dueAt)) ?? null;
    if (found && "refused" in found) {
      this.#error = found.refused;
      await journal.put(db, { ...this.#facts(), status: "WAITING" });
    }
    const taken = found && "value" in found ? found : null;
    if (!taken && !this.#isDue()) return null;
    const output = toText("value waited for", taken ? taken.value : null, valueBytes);
    const position = this.#run.nextPosition;
    const eventId = taken?.eventId ?? null;
    await journal.put(db, { ...this.#facts(), status: "DONE", position, output, eventId, finishedAt: now() });
    return { output };
  }

  #isDue(): boolean {
    return this.#dueAt !== null && this.#dueAt.getTime() <= this.#run.now().getTime();
  }

  #park(): void {
    this.#run.scheduler.park(this.name, {
      dueAt: this.#dueAt?.getTime() ?? null,
      hearsSignals: this.#wait.look !== undefined,
      check: () => this.#check(),
    });
  }

  #facts() {
    const { waitsFor = null, about = null, schema = null } = this.#wait;
    const { name, kind } = this;
    return { name, kind, waitsFor, about, schema, error: this.#error, dueAt: this.#dueAt, startedAt: this.#startedAt };
  }
}
