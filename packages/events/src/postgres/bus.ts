/**
 * The bus inside PostgreSQL: a log (`kernel.stream`) whose positions only the one active relay assigns, so a reader that
 * has seen position n has seen everything before it. One connection per process listens, reads and holds the locks of
 * the groups, however many modules run in it.
 */
import type { EventEnvelope } from "@tessera/shared-types";
import type postgres from "postgres";
import type { Bus, Group, GroupLag, HandleEvent, Subscription } from "../bus.js";
import { EventsError } from "../errors.js";
import { SessionConnection } from "../session-connection.js";
import { StreamGroup } from "./group.js";
import { LiveReader } from "./live-reader.js";

const countedUpTo = 100_000;
/** Short statements leave the relay its turn. */
const trimBatch = 10_000;
/** NOTIFY carries less than 8,000 bytes. */
const announceLimit = 7999;
/** How late an event may be noticed when its notification got lost. */
const pollMs = 1000;
/** Groups with nothing to do still move their cursor, so that trimming is not held up. */
const idleCursorMs = 30_000;

export async function openPostgresBus(admin: postgres.Sql): Promise<Bus> {
  const bus = new PostgresBus(admin);
  await bus.open();
  return bus;
}

class PostgresBus implements Bus {
  readonly #admin: postgres.Sql;
  readonly #session: SessionConnection;
  readonly #reader: LiveReader;
  readonly #groups = new Set<StreamGroup>();
  readonly #timers: NodeJS.Timeout[] = [];
  #closed = false;

  constructor(admin: postgres.Sql) {
    this.#admin = admin;
    this.#session = new SessionConnection(admin, ["tessera_stream", "tessera_live"], {
      onNotify: (channel, payload) => this.#notified(channel, payload),
      onSession: () => void this.#poll(),
      onLost: () => {
        for (const group of this.#groups) group.lose();
      },
    });
    this.#reader = new LiveReader(this.#session, (types) => {
      for (const group of this.#groups) group.arrived(types);
    });
  }

  async open(): Promise<void> {
    await this.#session.open();
    await this.#reader.start();
    this.#every(pollMs, () => this.#poll());
    this.#every(idleCursorMs, () => this.#saveIdle());
  }

  append(): Promise<void> {
    throw new Error("The PostgreSQL bus takes events from the outbox by moveOutbox().");
  }

  async moveOutbox(sql: postgres.Sql, backendPid: number, limit: number): Promise<number> {
    const [row] = await sql<{ moved: number }[]>`
      with taken as (
        delete from kernel.outbox
        where seq = any (array(
          select seq from kernel.outbox where pg_backend_pid() = ${backendPid}::int order by seq limit ${limit}::int))
        returning seq, event
      ), stored as (
        insert into kernel.stream (event) select event from taken order by seq returning 1
      )
      select moved, case when moved > 0 then pg_notify('tessera_stream', '') end
      from (select count(*)::int as moved from stored) done`;
    return row?.moved ?? 0;
  }

  consume(name: string, types: readonly string[], handle: HandleEvent): Subscription {
    const group = new StreamGroup(name, types, handle, this.#session, () => this.#reader.position);
    this.#groups.add(group);
    void this.#poll();
    return {
      close: async () => {
        await group.close();
        this.#groups.delete(group);
      },
    };
  }

  tail(listener: (event: EventEnvelope) => void): Subscription {
    return this.#reader.listen(listener);
  }

  async announce(event: EventEnvelope): Promise<void> {
    const text = JSON.stringify(event);
    const bytes = Buffer.byteLength(text);
    if (bytes > announceLimit) {
      throw new EventsError("ANNOUNCE_TOO_LARGE", { type: event.type, bytes, limit: announceLimit });
    }
    await this.#admin`select pg_notify('tessera_live', ${text})`;
  }

  async settled(): Promise<boolean> {
    for (const group of this.#groups) if (!(await group.settled())) return false;
    return true;
  }

  async lag(groups: readonly Group[]): Promise<GroupLag[]> {
    return Promise.all(
      groups.map(async ({ group, types }) => {
        const [row] = await this.#admin<{ lag: number; oldestMs: number | null }[]>`
          select count(*)::int as lag, extract(epoch from min(recorded_at))::float8 * 1000 as "oldestMs" from (
            select recorded_at from kernel.stream
            where position > coalesce((select position from kernel.cursor where consumer = ${group}), 0)
              and (type = any (${types as string[]}::text[]) or '*' = any (${types as string[]}::text[]))
            limit ${countedUpTo}) waiting`;
        return { group, lag: row?.lag ?? 0, oldestAt: row?.oldestMs == null ? null : new Date(row.oldestMs) };
      }),
    );
  }

  async trim(olderThanMs: number): Promise<number> {
    await this.#saveIdle();
    for (let removed = 0; ; ) {
      const { count } = await this.#admin`
        delete from kernel.stream where position in (
          select position from (
            select position, recorded_at from kernel.stream
            where position <= (select coalesce(min(position), 9223372036854775807) from kernel.cursor)
            order by position limit ${trimBatch}) oldest
          where recorded_at < now() - ${olderThanMs}::float8 * interval '1 millisecond')`;
      removed += count;
      if (count < trimBatch) return removed;
    }
  }

  async health(): Promise<{ ok: boolean; detail: string }> {
    const ok = !this.#closed && this.#session.pid !== 0;
    return { ok, detail: ok ? "PostgreSQL carries the events." : "The bus has no connection to PostgreSQL." };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([...this.#groups].map((group) => group.close()));
    await this.#reader.stop();
    await this.#session.close();
  }

  #every(milliseconds: number, work: () => Promise<void>): void {
    this.#timers.push(setInterval(() => void work(), milliseconds).unref());
  }

  #notified(channel: string, payload: string): void {
    if (channel === "tessera_stream") void this.#reader.read();
    else this.#reader.pass(JSON.parse(payload) as EventEnvelope);
  }

  async #poll(): Promise<void> {
    if (this.#closed) return;
    await this.#reader.read();
    const unowned = [...this.#groups].filter((group) => !group.owned);
    await StreamGroup.claim(this.#session, unowned);
  }

  async #saveIdle(): Promise<void> {
    await Promise.all([...this.#groups].map((group) => group.saveIdle()));
  }
}
