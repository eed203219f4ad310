/** Reads each new row of the stream once per process: for live listeners, and to wake the groups it concerns. */
import type { EventEnvelope } from "@tessera/shared-types";
import type { Subscription } from "../bus.js";
import { type Listener, Listeners } from "../listeners.js";
import type { SessionConnection } from "../session-connection.js";

const batch = 1000;

interface Row {
  readonly place: string;
  readonly type: string;
  readonly event: EventEnvelope | null;
}

export class LiveReader {
  readonly #session: SessionConnection;
  readonly #arrived: (types: ReadonlySet<string>) => void;
  readonly #listeners = new Listeners();
  #position = 0;
  #started = false;
  #stopped = false;
  #again = false;
  #reading: Promise<void> | null = null;

  constructor(session: SessionConnection, arrived: (types: ReadonlySet<string>) => void) {
    this.#session = session;
    this.#arrived = arrived;
  }

  /** Everything up to here has been passed on. */
  get position(): number {
    return this.#position;
  }

  /** From the end of the stream. */
  async start(): Promise<void> {
    const [row] = await this.#session.run(
      (sql) => sql<{ head: string }[]>`select coalesce(max(position), 0)::text as head from kernel.stream`,
    );
    this.#position = Number(row?.head ?? 0);
    this.#started = true;
  }

  listen(listener: Listener): Subscription {
    return this.#listeners.add(listener);
  }

  pass(event: EventEnvelope): void {
    this.#listeners.pass(event);
  }

  /** Reads what is new. Failures are left to the next call: there is a poll behind every notification. */
  read(): Promise<void> {
    this.#again = true;
    this.#reading ??= this.#drain()
      .catch(() => {})
      .finally(() => {
        this.#reading = null;
      });
    return this.#reading;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#listeners.clear();
    await this.#reading;
  }

  async #drain(): Promise<void> {
    while (this.#again && this.#started && !this.#stopped) {
      this.#again = false;
      const isHeard = this.#listeners.size > 0;
      const rows = await this.#session.run(
        (sql) => sql<Row[]>`
        select position::text as place, type, case when ${isHeard} then event end as event
        from kernel.stream where position > ${this.#position}::bigint order by position limit ${batch}`,
      );
      if (!isHeard && this.#listeners.size > 0) {
        // Whoever came meanwhile is to hear what came after.
        this.#again = true;
        continue;
      }
      for (const { place, event } of rows) {
        if (event) this.pass(event);
        this.#position = Number(place);
      }
      if (rows.length > 0) this.#arrived(new Set(rows.map(({ type }) => type)));
      if (rows.length === batch) this.#again = true;
    }
  }
}
