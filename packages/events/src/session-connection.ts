/**
 * One connection of its own that listens and may hold session locks. It comes back by itself; what hung on the old
 * session (locks) is gone then, which is why every statement that relies on a lock compares the backend process id.
 */
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";

export interface SessionEvents {
  onNotify(channel: string, payload: string): void;
  /** A new session stands and listens. Whatever was notified in between was missed. */
  onSession(): void;
  onLost?(): void;
}

export class SessionConnection {
  readonly sql: postgres.Sql;
  readonly #channels: readonly string[];
  readonly #events: SessionEvents;
  #pid = 0;
  #establishing: Promise<void> | null = null;
  #closed = false;

  constructor(admin: postgres.Sql, channels: readonly string[], events: SessionEvents) {
    this.#channels = channels;
    this.#events = events;
    const options = {
      ...admin.options,
      shared: { retries: 0, typeArrayMap: {} },
      max: 1,
      idle_timeout: null,
      max_lifetime: null,
      connect_timeout: 5,
      backoff: () => 0.2,
      onnotice: () => {},
      onclose: () => this.#lost(),
      onnotify: (channel: string, payload: string) => events.onNotify(channel, payload),
    };
    this.sql = postgres(options as unknown as postgres.Options<Record<string, never>>) as unknown as postgres.Sql;
  }

  /** Backend process of the session that stands; 0 while there is none. */
  get pid(): number {
    return this.#pid;
  }

  /** Resolves when a session stands; keeps trying until `close`. */
  open(): Promise<void> {
    this.#establishing ??= this.#establish().finally(() => {
      this.#establishing = null;
    });
    return this.#establishing;
  }

  async #establish(): Promise<void> {
    const listen = this.#channels.map((channel) => `listen ${channel};`).join(" ");
    while (!this.#closed && this.#pid === 0) {
      try {
        // One message, so all of it happens on one connection.
        const results = await this.sql.unsafe(`${listen} select pg_backend_pid() as pid`).simple();
        this.#pid = pidFrom(results);
        this.#events.onSession();
      } catch {
        await sleep(200);
      }
    }
  }

  #lost(): void {
    this.#pid = 0;
    if (this.#closed) return;
    this.#events.onLost?.();
    setTimeout(() => {
      if (!this.#closed) void this.open();
    }, 20);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.sql.end({ timeout: 1 });
  }
}

/** A message of one statement gives its rows, of several a list of such. */
function pidFrom(results: readonly unknown[]): number {
  const last = results.at(-1) as { pid?: number } | readonly { pid?: number }[] | undefined;
  const row = Array.isArray(last) ? last[0] : (last as { pid?: number } | undefined);
  return Number(row?.pid ?? 0);
}
