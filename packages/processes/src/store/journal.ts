/** The journal of one claimed process. Every write checks, in its own transaction, that the claim still holds. */
import type { Database, TenantDb } from "@tessera/database";
import { sql } from "drizzle-orm";
import { ProcessesError, type RecordedError } from "../errors.js";
import type { StepKind, StepStatus } from "../processes.js";
import type { InstanceRow, StepRow } from "./rows.js";
import { stepColumns } from "./rows.js";

export interface StepEntry {
  readonly name: string;
  readonly kind: StepKind;
  readonly status: StepStatus;
  readonly position?: number | null;
  readonly attempts?: number;
  readonly undoable?: boolean;
  /** JSON text. */
  readonly input?: string | null;
  readonly output?: string | null;
  readonly error?: RecordedError | null;
  readonly waitsFor?: string | null;
  readonly about?: string | null;
  readonly eventId?: string | null;
  readonly schema?: string | null;
  readonly dueAt?: Date | null;
  readonly startedAt: Date;
  readonly finishedAt?: Date | null;
}

export interface UndoEntry {
  readonly name: string;
  readonly status: "DONE" | "UNDONE" | "UNDO_FAILED";
  readonly attempts: number;
  readonly error?: RecordedError | null;
  readonly at: Date;
  readonly dueAt?: Date | null;
}

export interface HeardEvent {
  readonly seq: string | number | bigint;
  readonly event: string;
}

const errorText = (error: RecordedError | null | undefined): string | null => (error ? JSON.stringify(error) : null);
const page = 100;

export class Journal {
  constructor(
    readonly database: Database,
    readonly instance: InstanceRow,
  ) {}

  load(): Promise<StepRow[]> {
    return this.transaction(async (db) => {
      const rows = await db.execute(sql`
        select ${stepColumns} from kernel.process_step where process = ${this.instance.seq} order by position, name`);
      return [...rows] as unknown as StepRow[];
    });
  }

  /** A transaction of the process's module and tenant. */
  transaction<T>(work: (db: TenantDb) => Promise<T>): Promise<T> {
    const { module, tenant_id: tenantId } = this.instance;
    return this.database.forModule(module).transaction({ tenantId }, work);
  }

  /** `PROCESS_LEASE_LOST` when the claim is gone, or somebody else has settled the step. */
  async put(db: TenantDb, entry: StepEntry): Promise<void> {
    const rows = await db.execute(sql`
      with held as materialized (${this.#held()})
      insert into kernel.process_step as step (process, tenant_id, module, name, kind, status, position, attempts,
        undoable, input, output, error, waits_for, about, event_id, schema, due_at, started_at, finished_at)
      select seq, tenant_id, module, ${entry.name}, ${entry.kind}, ${entry.status}, ${entry.position ?? null}::int,
        ${entry.attempts ?? 0}::int, ${entry.undoable ?? false}::boolean, ${entry.input ?? null}::json,
        ${entry.output ?? null}::json, ${errorText(entry.error)}::json, ${entry.waitsFor ?? null}, ${entry.about ?? null},
        ${entry.eventId ?? null}::uuid, ${entry.schema ?? null}::json, ${entry.dueAt ?? null}::timestamptz,
        ${entry.startedAt}::timestamptz, ${entry.finishedAt ?? null}::timestamptz
      from held
      on conflict (process, name) do update set status = excluded.status, position = excluded.position,
        attempts = excluded.attempts, undoable = excluded.undoable, output = excluded.output, error = excluded.error,
        event_id = excluded.event_id, due_at = excluded.due_at, finished_at = excluded.finished_at
      where step.status in ('RETRYING', 'WAITING')
      returning name`);
    if (rows.length === 0) throw new ProcessesError("PROCESS_LEASE_LOST");
  }

  /** `PROCESS_LEASE_LOST` likewise. */
  async putUndo(db: TenantDb, { name, status, attempts, error, at, dueAt }: UndoEntry): Promise<void> {
    const undoneAt = status === "UNDONE" ? at : null;
    const rows = await db.execute(sql`
      with held as materialized (${this.#held()})
      update kernel.process_step step set status = ${status}, undo_attempts = ${attempts}::int,
        error = ${errorText(error)}::json, undone_at = ${undoneAt}::timestamptz, due_at = ${dueAt ?? null}::timestamptz
      from held where step.process = held.seq and step.name = ${name} and step.status = 'DONE'
      returning step.name`);
    if (rows.length === 0) throw new ProcessesError("PROCESS_LEASE_LOST");
  }

  /** Events of the type that count for this process and that none of its waits has taken, oldest first. */
  async heard(db: TenantDb, type: string, about: string | null, after: string): Promise<HeardEvent[]> {
    const { seq, tenant_id, module, started_at, causation_id } = this.instance;
    const rows = await db.execute(sql`
      select seq, event::text as event from kernel.process_event e
      where tenant_id = ${tenant_id}::uuid and module = ${module} and type = ${type} and seq > ${after}::bigint
        and (${about}::text is null or e.about = ${about})
        and occurred_at >= ${new Date(started_at)}::timestamptz and event_id::text is distinct from ${causation_id}
        and not exists (select from kernel.process_step s where s.process = ${seq} and s.event_id = e.event_id)
      order by seq limit ${page}`);
    return [...rows] as unknown as HeardEvent[];
  }

  /** JSON text of the answer given to a wait, or `undefined` when there is none. */
  async answer(db: TenantDb, wait: string): Promise<string | null | undefined> {
    const [row] = await db.execute(sql`
      select value::text as value from kernel.process_answer where process = ${this.instance.seq} and name = ${wait}`);
    return row ? (row.value as string | null) : undefined;
  }

  async refuseAnswer(db: TenantDb, wait: string): Promise<void> {
    await db.execute(sql`delete from kernel.process_answer where process = ${this.instance.seq} and name = ${wait}`);
  }

  /** Locks the claim until the commit, so that nobody takes the process over in between. */
  #held() {
    const { seq, claim } = this.instance;
    return sql`select seq, tenant_id, module from kernel.process
      where seq = ${seq} and claim = ${claim} and lease_until is not null for share`;
  }
}
