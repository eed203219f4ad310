/**
 * One consumer group of the PostgreSQL bus. The process that holds the group's session lock works for it; others stand
 * by. The cursor is the acknowledgement: it moves when everything before it is handled.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { type HandleEvent, wants } from "../bus.js";
import type { SessionConnection } from "../session-connection.js";
import { WakeUp } from "../wake-up.js";
import { type Demand, type Row, StreamWindow } from "./window.js";

const retryMs = 500;
/** How often the cursor of a busy group is stored. What it has passed since is known by its marks. */
const saveMs = 250;
const closePollMs = 1000;

const lockName = (group: string): string => `tessera.events.group:${group}`;

export class StreamGroup {
  readonly #types: ReadonlySet<string>;
  /** Backend process of the session that holds the group's lock; 0 when this process does not own the group. */
  #ownedBy = 0;
  #window: StreamWindow;
  #saved = 0;
  #savedAt = 0;
  /** Ownership is new: another process may have moved the cursor meanwhile. */
  #fresh = true;
  readonly #toDo = new Set<"read" | "save">();
  #closed = false;
  #running: Promise<void> | null = null;
  readonly #quiet = new WakeUp();

  constructor(
    readonly name: string,
    types: readonly string[],
    readonly handle: HandleEvent,
    readonly session: SessionConnection,
    /** Everything up to there is visible. */
    readonly head: () => number,
  ) {
    this.#types = new Set(types);
    this.#window = this.#newWindow(0);
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

  /** Moves and stores the cursor of a group that had nothing to handle. */
  async saveIdle(): Promise<void> {
    if (this.#ownedBy === 0 || this.#closed) return;
    this.#start();
    await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    while (this.#window.busy) await this.#quiet.wait(closePollMs);
    if (this.#ownedBy === 0) return;
    await this.#save().catch(() => {});
    await this.#unlock();
    this.#ownedBy = 0;
  }

  #start(what: "read" | "save" = "read"): void {
    this.#toDo.add(what);
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      if (this.#toDo.size > 0 && this.#ownedBy !== 0 && !this.#closed) this.#start("save");
    });
  }

  async #work(): Promise<void> {
    while (this.#toDo.size > 0 && this.#ownedBy !== 0 && !this.#closed) {
      const reads = this.#toDo.has("read");
      this.#toDo.clear();
      try {
        if (this.#fresh) await this.#load();
        if (reads) await this.#readOn();
        if (!this.#window.busy || Date.now() - this.#savedAt > saveMs) await this.#save();
      } catch {
        this.#toDo.add("read");
        await sleep(retryMs);
      }
    }
  }

  /** Hands over what there is room for. */
  async #readOn(): Promise<void> {
    const window = this.#window;
    let more = true;
    while (more && !window.failed) {
      const head = this.head();
      const news = window.news();
      const complete = news !== null && (await this.#read(window, news, head));
      const backlog = window.backlog();
      if (backlog) await this.#read(window, backlog, head);
      more = this.#ownedBy !== 0 && !this.#closed && ((news !== null && !complete) || backlog !== null);
    }
    if (!window.failed || window.busy) return;
    await sleep(retryMs);
    this.#window = this.#newWindow(window.doneTo);
    this.#toDo.add("read");
  }

  /** True when there is nothing more of that kind. */
  async #read(window: StreamWindow, demand: Demand, head: number): Promise<boolean> {
    const { tenant, after, upTo, limit } = demand;
    const rows = await this.session.run(
      (sql) => sql<Row[]>`
      select position::text as place, event from kernel.stream
      where position > ${after}::bigint and position <= ${upTo}::bigint
        and ${this.#ofTypes(sql)}
        and ${tenant === null ? sql`tenant <> all (${window.behind}::text[])` : sql`tenant = ${tenant}`}
      order by position limit ${limit}`,
    );
    // What comes after an event that was given back must not run before it.
    if (window.failed || window !== this.#window || this.#ownedBy === 0 || this.#closed) return true;
    window.take(demand, rows, head);
    return rows.length < limit;
  }

  #ofTypes(sql: postgres.Sql): postgres.Fragment {
    return this.#types.has("*") ? sql`true` : sql`type = any (${[...this.#types]}::text[])`;
  }

  #newWindow(from: number): StreamWindow {
    const window: StreamWindow = new StreamWindow(from, this.handle, () => {
      this.#quiet.call();
      if (window === this.#window && this.#ownedBy !== 0 && !this.#closed) this.#settledOne(window);
    });
    return window;
  }

  /** Reads on when there is room for what waits, and writes down how far it got. */
  #settledOne(window: StreamWindow): void {
    if (window.hungry || window.failed) this.#start();
    else if (!window.busy || Date.now() - this.#savedAt > saveMs) this.#start("save");
  }

  async #load(): Promise<void> {
    const [row] = await this.session.run(
      (sql) => sql<{ position: string }[]>`
      select position::text from kernel.cursor where consumer = ${this.name}`,
    );
    this.#saved = Number(row?.position ?? 0);
    this.#window = this.#newWindow(this.#saved);
    this.#fresh = false;
  }

  async #save(): Promise<void> {
    const position = this.#window.doneTo;
    this.#savedAt = Date.now();
    if (position <= this.#saved) return;
    const saved = await this.session.run(
      (sql) => sql`
      update kernel.cursor set position = greatest(position, ${position}::bigint)
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
