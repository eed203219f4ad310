/** What some worker has to do now and then: old processes and events go, versions that nobody knows are noticed. */
import type postgres from "postgres";
import { ProcessesError, recordError } from "./errors.js";
import type { ProcessInstance } from "./processes.js";
import type { Registry } from "./registry.js";
import { trimEvents } from "./store/inbox.js";
import { columns, type InstanceRow, toInstance } from "./store/rows.js";

const batch = 500;
const sweepsPerCleanUp = 6;

export interface HousekeepingOptions {
  readonly sql: postgres.Sql;
  readonly worker: string;
  readonly registry: Registry;
  readonly now: () => Date;
  readonly versionGraceMs: number;
  readonly retentionMs: number;
  readonly changed: (instance: ProcessInstance) => void;
}

export class Housekeeping {
  #sweeps = 0;

  constructor(readonly options: HousekeepingOptions) {}

  async sweep(): Promise<void> {
    await this.sayHello();
    await this.stickUnknown();
    if (this.#sweeps++ % sweepsPerCleanUp === 0) await this.cleanUp();
  }

  /** Tells the others which versions this worker runs. */
  async sayHello(): Promise<void> {
    const { sql, worker, registry, versionGraceMs } = this.options;
    await sql`
      insert into kernel.process_worker (worker, runs, seen_until)
      values (${worker}, ${registry.keys}::text[], clock_timestamp() + ${versionGraceMs} * interval '1 millisecond')
      on conflict (worker) do update set runs = excluded.runs, seen_until = excluded.seen_until`;
    await sql`delete from kernel.process_worker where seen_until < clock_timestamp()`;
  }

  async sayGoodbye(): Promise<void> {
    await this.options.sql`delete from kernel.process_worker where worker = ${this.options.worker}`;
  }

  /** A version that has been due for a while and that no living worker runs: only a person can help. */
  async stickUnknown(): Promise<void> {
    const { sql, registry, now, versionGraceMs, changed } = this.options;
    const dueBefore = new Date(now().getTime() - versionGraceMs);
    const rows = await sql<InstanceRow[]>`
      select ${sql.unsafe(columns.instance)} from kernel.process p
      where module = any(${registry.modules}::text[]) and due_at < ${dueBefore} and lease_until is null
        and not exists (select from kernel.process_worker w
          where p.module || '/' || p.name || '@' || p.version = any(w.runs)) limit ${batch}`;
    for (const row of rows) {
      const { name, version } = row;
      const error = recordError(new ProcessesError("PROCESS_VERSION_GONE", { name, version }), "");
      const stuck = await sql`
        update kernel.process set state = 'STUCK', error = ${JSON.stringify(error)}::text::json, due_at = null,
          changed_at = now()
        where seq = ${String(row.seq)} and claim = ${String(row.claim)} and lease_until is null returning seq`;
      if (stuck.length > 0) changed({ ...toInstance(row), state: "STUCK", error });
    }
  }

  /** Returns how many rows went. */
  async cleanUp(): Promise<number> {
    const { sql, now, retentionMs } = this.options;
    const endedBefore = new Date(now().getTime() - retentionMs);
    const ended = await sql`
      delete from kernel.process where seq in (
        select seq from kernel.process where finished_at < ${endedBefore} order by finished_at limit ${batch}
        for update skip locked)
      returning seq`;
    return ended.length + (await trimEvents(sql));
  }
}
