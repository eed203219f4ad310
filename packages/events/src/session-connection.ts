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
  readonly waiting: Waiting;
}

/**
 * Work that has no answer yet, each by what makes it fail. A race with a promise that lives as long as the session would
 * keep every answer for as long.
 */
class Waiting {
  readonly #fail = new Set<(error: Error) => void>();

  /** As the work settles; rejects when the connection is gone first. */
  for<T>(work: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#fail.add(reject);
      work.then(
        (result) => {
          this.#fail.delete(reject);
          resolve(result);
        },
        (error) => {
          this.#fail.delete(reject);
          reject(error);
        },
      );
    });
  }

  failAll(error: Error): void {
    for (const fail of this.#fail) fail(error);
    this.#fail.clear();
  }
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
    return session.waiting.for(work(session.sql));
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
    const waiting = new Waiting();
    const sql = this.#client(() => {
      waiting.failAll(new Error("The connection to PostgreSQL was lost."));
      this.#lost(sql);
    });
    const listen = this.#channels.map((channel) => `listen ${channel};`).join(" ");
    try {
      // One message, so all of it happens on one connection.
      const results = await waiting.for(sql.unsafe(`${listen} select pg_backend_pid() as pid`).simple());
      return { sql, pid: pidFrom(results), waiting };
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
