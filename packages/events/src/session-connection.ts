/**
 * One connection of its own that listens and may hold session locks. When it breaks, everything waiting on it fails and
 * a new one is made; what hung on the old session (locks) is gone then, which is why every statement that relies on a
 * lock also compares the backend process id.
 */
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";

export interface SessionEvents {
  onNotify(channel: string, payload: string): void;
  /** A new session stands and listens. Whatever was notified in between was missed. */
  onSession(): void;
  onLost?(): void;
}

interface Session {
  readonly sql: postgres.Sql;
  readonly pid: number;
  /** Rejects when the connection is gone. */
  readonly lost: Promise<never>;
}

const retryMs = 200;

export class SessionConnection {
  readonly #admin: postgres.Sql;
  readonly #channels: readonly string[];
  readonly #events: SessionEvents;
  #session: Session | null = null;
  #establishing: Promise<void> | null = null;
  #closed = false;

  constructor(admin: postgres.Sql, channels: readonly string[], events: SessionEvents) {
    this.#admin = admin;
    this.#channels = channels;
    this.#events = events;
  }

  /** Backend process of the session that stands; 0 while there is none. */
  get pid(): number {
    return this.#session?.pid ?? 0;
  }

  /** Rejects when there is no session or it breaks before the answer. */
  async run<T>(work: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
    const session = this.#session;
    if (!session) throw new Error("There is no connection to PostgreSQL at the moment.");
    return Promise.race([work(session.sql), session.lost]);
  }

  /** Resolves when a session stands; keeps trying until `close`. */
  open(): Promise<void> {
    this.#establishing ??= this.#establish().finally(() => {
      this.#establishing = null;
    });
    return this.#establishing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#establishing;
    await this.#session?.sql.end({ timeout: 1 });
    this.#session = null;
  }

  async #establish(): Promise<void> {
    while (!this.#closed && !this.#session) {
      this.#session = await this.#connect().catch(() => null);
      if (this.#session) this.#events.onSession();
      else await sleep(retryMs);
    }
  }

  async #connect(): Promise<Session> {
    let breakOff: (error: Error) => void = () => {};
    const lost = new Promise<never>((_, reject) => {
      breakOff = reject;
    });
    lost.catch(() => {});
    const sql = this.#client(() => {
      breakOff(new Error("The connection to PostgreSQL was lost."));
      this.#lost(sql);
    });
    const listen = this.#channels.map((channel) => `listen ${channel};`).join(" ");
    try {
      // One message, so all of it happens on one connection.
      const results = await Promise.race([sql.unsafe(`${listen} select pg_backend_pid() as pid`).simple(), lost]);
      return { sql, pid: pidFrom(results), lost };
    } catch (error) {
      void discard(sql);
      throw error;
    }
  }

  #client(onclose: () => void): postgres.Sql {
    const options = {
      ...this.#admin.options,
      shared: { retries: 0, typeArrayMap: {} },
      connection: { ...this.#admin.options.connection, application_name: "tessera-events" },
      max: 1,
      idle_timeout: null,
      max_lifetime: null,
      connect_timeout: 5,
      onnotice: () => {},
      onclose,
      onnotify: (channel: string, payload: string) => this.#events.onNotify(channel, payload),
    };
    return postgres(options as unknown as postgres.Options<Record<string, never>>) as unknown as postgres.Sql;
  }

  /** The client would reconnect by itself, silently without listening and without locks: it is not used again. */
  #lost(sql: postgres.Sql): void {
    void discard(sql);
    if (this.#session?.sql !== sql) return;
    this.#session = null;
    if (this.#closed) return;
    this.#events.onLost?.();
    void this.open();
  }
}

const discard = (sql: postgres.Sql): Promise<void> => sql.end({ timeout: 0 }).catch(() => {});

/** A message of one statement gives its rows, of several a list of such. */
function pidFrom(results: readonly unknown[]): number {
  const last = results.at(-1) as { pid?: number } | readonly { pid?: number }[] | undefined;
  const row = Array.isArray(last) ? last[0] : (last as { pid?: number } | undefined);
  return Number(row?.pid ?? 0);
}
