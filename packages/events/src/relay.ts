/**
 * Moves committed events from the outbox to the bus in order. One relay per database is active: it holds a session lock
 * on a connection of its own; the others ask for the lock now and then and take over when it is free.
 */
import type { EventEnvelope } from "@tessera/shared-types";
import type { Subscription } from "./bus.js";
import type { Log } from "./events.js";
import { cleanUp, type Retention } from "./retention.js";
import { SessionConnection } from "./session-connection.js";
import { WakeUp } from "./wake-up.js";

const batch = 500;
const pollMs = 1000;
const standbyMs = 500;
const cleanUpMs = 600_000;
const firstCleanUpMs = 60_000;

export interface RelayOptions extends Retention {
  readonly log: Log;
}

export function startRelay(options: RelayOptions): Subscription {
  const relay = new Relay(options);
  const running = relay.run();
  return {
    close: async () => {
      relay.stop();
      await running;
    },
  };
}

class Relay {
  readonly #options: RelayOptions;
  readonly #session: SessionConnection;
  readonly #wake = new WakeUp();
  /** Backend process of the session that holds the lock; 0 while standing by. */
  #leading = 0;
  #askedAt = 0;
  #stopped = false;
  #cleanUpAt = Date.now() + firstCleanUpMs;
  #cleaning: Promise<void> | null = null;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#session = new SessionConnection(options.admin, ["tessera_outbox"], {
      onNotify: () => this.#wake.call(),
      onSession: () => this.#wake.call(),
      onLost: () => {
        this.#leading = 0;
      },
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#wake.call();
  }

  async run(): Promise<void> {
    void this.#session.open();
    while (!this.#stopped) {
      const moved = await this.#turn();
      if (moved === 0) await this.#wake.wait(pollMs);
    }
    await this.#cleaning;
    await this.#session.close();
  }

  /** Resolves to how many events were moved; a failure is logged and tried again after the poll interval. */
  async #turn(): Promise<number> {
    try {
      if (this.#session.pid === 0 || !(await this.#leads())) return 0;
      const moved = await this.#move();
      this.#cleanUpWhenDue();
      return moved;
    } catch (error) {
      this.#options.log.warn({ err: error }, "The relay could not move events and will try again.");
      return 0;
    }
  }

  async #leads(): Promise<boolean> {
    if (this.#leading !== 0) return true;
    // Those who stand by hear every notification too; the lock is worth a question only now and then.
    if (Date.now() - this.#askedAt < standbyMs) return false;
    this.#askedAt = Date.now();
    const [row] = await this.#session.run(
      (sql) => sql<{ pid: number; leads: boolean }[]>`
        select pg_backend_pid() as pid, pg_try_advisory_lock(hashtextextended('tessera.events.relay', 0)) as leads`,
    );
    if (!row?.leads || row.pid !== this.#session.pid) return false;
    this.#leading = row.pid;
    this.#options.log.info({ pid: row.pid }, "This process relays events.");
    return true;
  }

  async #move(): Promise<number> {
    const { bus } = this.#options;
    const { moveOutbox } = bus;
    if (moveOutbox) return this.#session.run((sql) => moveOutbox(sql, this.#leading, batch));
    const rows = await this.#session.run(
      (sql) => sql<{ place: string; event: EventEnvelope }[]>`
        select seq::text as place, event from kernel.outbox
        where pg_backend_pid() = ${this.#leading}::int order by seq limit ${batch}`,
    );
    if (rows.length === 0) return 0;
    await bus.append(rows.map(({ event }) => event));
    const places = rows.map(({ place }) => place);
    await this.#session.run((sql) => sql`delete from kernel.outbox where seq = any (${places}::bigint[])`);
    return rows.length;
  }

  /** Beside the relaying, so that neither waits for the other. */
  #cleanUpWhenDue(): void {
    if (Date.now() < this.#cleanUpAt) return;
    this.#cleanUpAt = Date.now() + cleanUpMs;
    this.#cleaning = cleanUp(this.#options).catch((error: unknown) => {
      this.#options.log.warn({ err: error }, "Old events could not be removed; the next attempt follows.");
    });
  }
}
