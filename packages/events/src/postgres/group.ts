/**
 * One consumer group of the PostgreSQL bus. The process that holds the group's session lock works for it; others stand
 * by. The cursor is the acknowledgement: it moves when everything before it is handled.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { EventEnvelope } from "@tessera/shared-types";
import type postgres from "postgres";
import { type HandleEvent, wants } from "../bus.js";
import { inLanes, laneOf } from "../lanes.js";
import type { SessionConnection } from "../session-connection.js";

const batch = 200;
const parallelLanes = 16;
const retryMs = 500;

const lockName = (group: string): string => `tessera.events.group:${group}`;

export class StreamGroup {
  readonly #types: ReadonlySet<string>;
  /** Backend process of the session that holds the group's lock; 0 when this process does not own the group. */
  #ownedBy = 0;
  #cursor = 0n;
  #saved = 0n;
  /** Ownership is new: another process may have moved the cursor meanwhile. */
  #fresh = true;
  #dirty = false;
  #closed = false;
  #running: Promise<void> | null = null;

  constructor(
    readonly name: string,
    types: readonly string[],
    readonly handle: HandleEvent,
    readonly session: SessionConnection,
    readonly head: () => bigint,
  ) {
    this.#types = new Set(types);
  }

  get owned(): boolean {
    return this.#ownedBy !== 0 || this.#closed;
  }

  /** Tries to take the locks of all `groups` in one statement; those taken start to work. */
  static async claim(session: SessionConnection, groups: readonly StreamGroup[]): Promise<void> {
    if (groups.length === 0 || session.pid === 0) return;
    const names = groups.map(({ name }) => name);
    const rows = await session
      .run(
        (sql) => sql<{ consumer: string; pid: number; position: string }[]>`
      with known as (
        insert into kernel.cursor (consumer) select unnest(${names}::text[]) on conflict do nothing
      ), taken as materialized (
        select consumer from unnest(${names}::text[]) consumer
        where pg_try_advisory_lock(hashtextextended(${lockName("")} || consumer, 0))
      )
      select taken.consumer, pg_backend_pid() as pid from taken`,
      )
      .catch(() => []);
    for (const { consumer, pid } of rows) groups.find(({ name }) => name === consumer)?.own(pid);
  }

  own(pid: number): void {
    // Locks of one session nest; a second take must not need a second release.
    if (this.#ownedBy === pid || this.#closed) {
      void this.#unlock();
      return;
    }
    this.#ownedBy = pid;
    this.#fresh = true;
    this.#start();
  }

  lose(): void {
    this.#ownedBy = 0;
  }

  arrived(types: ReadonlySet<string>): void {
    if (this.#ownedBy !== 0 && [...types].some((type) => wants(this.#types, type))) this.#start();
  }

  async settled(): Promise<boolean> {
    const [row] = await this.session.run(
      (sql) => sql<{ open: boolean }[]>`
      select exists (
        select from kernel.stream
        where position > coalesce((select position from kernel.cursor where consumer = ${this.name}), 0)
          and ${this.#ofTypes(sql)}) as open`,
    );
    return row?.open === false;
  }

  /** Stores the cursor of a group that had nothing to handle. */
  async saveIdle(): Promise<void> {
    if (this.#ownedBy === 0 || this.#running || this.#fresh) return;
    const head = this.head();
    if (head > this.#cursor && (await this.#read()).length === 0) this.#advance(head);
    if (this.#cursor > this.#saved) await this.#save().catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    if (this.#ownedBy === 0) return;
    if (this.#cursor > this.#saved) await this.#save().catch(() => {});
    await this.#unlock();
    this.#ownedBy = 0;
  }

  #start(): void {
    this.#dirty = true;
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      if (this.#dirty && this.#ownedBy !== 0 && !this.#closed) this.#start();
    });
  }

  async #work(): Promise<void> {
    while (this.#dirty && this.#ownedBy !== 0 && !this.#closed) {
      this.#dirty = false;
      try {
        if (this.#fresh) await this.#load();
        await this.#step();
      } catch {
        this.#dirty = true;
        await sleep(retryMs);
      }
    }
  }

  /** Handles the next events; whatever fails is read again, and what was handled before is known as seen. */
  async #step(): Promise<void> {
    const head = this.head();
    const rows = await this.#read();
    const last = rows.at(-1);
    if (!last) return this.#advance(head);
    if (rows.length === batch) this.#dirty = true;
    await inLanes(
      rows,
      ({ event }) => laneOf(event),
      parallelLanes,
      ({ event }) => this.handle(event),
    );
    this.#advance(BigInt(last.place));
    if (rows.length < batch) this.#advance(head);
    await this.#save();
  }

  #read(): Promise<{ place: string; event: EventEnvelope }[]> {
    return this.session.run(
      (sql) => sql<{ place: string; event: EventEnvelope }[]>`
      select position::text as place, event from kernel.stream
      where position > ${this.#cursor.toString()}::bigint and ${this.#ofTypes(sql)}
      order by position limit ${batch}`,
    );
  }

  #ofTypes(sql: postgres.Sql) {
    return this.#types.has("*") ? sql`true` : sql`type = any (${[...this.#types]}::text[])`;
  }

  #advance(position: bigint): void {
    if (position > this.#cursor) this.#cursor = position;
  }

  async #load(): Promise<void> {
    const [row] = await this.session.run(
      (sql) => sql<{ position: string }[]>`
      select position::text from kernel.cursor where consumer = ${this.name}`,
    );
    this.#cursor = BigInt(row?.position ?? 0);
    this.#saved = this.#cursor;
    this.#fresh = false;
  }

  async #save(): Promise<void> {
    const position = this.#cursor;
    const saved = await this.session.run(
      (sql) => sql`
      update kernel.cursor set position = greatest(position, ${position.toString()}::bigint)
      where consumer = ${this.name} and pg_backend_pid() = ${this.#ownedBy}::int`,
    );
    if (saved.count === 0) this.lose();
    else this.#saved = position;
  }

  async #unlock(): Promise<void> {
    await this.session
      .run((sql) => sql`select pg_advisory_unlock(hashtextextended(${lockName(this.name)}, 0))`)
      .catch(() => {});
  }
}
