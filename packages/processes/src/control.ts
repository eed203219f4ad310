/** What a module may ask of its processes: each call is one transaction as the module, for one tenant. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Database, newId, type TenantDb } from "@tessera/database";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { ProcessDefinition } from "./define.js";
import { problemOf } from "./engine/process-object.js";
import { ProcessesError } from "./errors.js";
import type {
  ModuleProcesses,
  ProcessFilter,
  ProcessInstance,
  ProcessLimits,
  ProcessPage,
  ProcessScope,
  ProcessState,
  ProcessStep,
  StartedProcess,
  StartOptions,
} from "./processes.js";
import type { Registry } from "./registry.js";
import { channel } from "./store/inbox.js";
import { decide, decided } from "./store/intents.js";
import { forgetFrom, tryAgain } from "./store/retry.js";
import {
  type InstanceRow,
  type Intent,
  instanceColumns,
  type StepRow,
  stepColumns,
  toInstance,
  toStep,
} from "./store/rows.js";
import { fromText, toText } from "./values.js";

export interface ControlOptions {
  readonly database: Database;
  readonly registry: Registry;
  readonly limits: ProcessLimits;
  readonly now: () => Date;
  /** Told after the commit; within a caller's transaction, before it. */
  readonly changed: (instance: ProcessInstance) => void;
}

const longestId = 200;
const stoppingMs = 2000;

export class Control implements ModuleProcesses {
  constructor(
    readonly options: ControlOptions,
    readonly scope: ProcessScope,
  ) {}

  async start<Input>(
    definition: ProcessDefinition<never, Input, unknown>,
    { input, id = newId() }: StartOptions<Input>,
  ): Promise<StartedProcess> {
    const { module } = this.scope;
    const { name, version } = definition;
    if (!this.options.registry.find(module, name, version)) {
      throw new ProcessesError("PROCESS_UNKNOWN", { module, name, version });
    }
    const parsed = definition.input.safeParse(input);
    const problem = parsed.success ? idProblem(id) : problemOf(parsed.error);
    if (problem !== null || !parsed.success) {
      throw new ProcessesError("PROCESS_INPUT_INVALID", { name, version, problem });
    }
    const text = toText("input of the process", parsed.data, this.options.limits.valueBytes);
    const hears = heardBy(definition, parsed.data);
    return this.#transaction(async (db) => {
      const started = await this.#insert(db, { id, name, version, text, hears });
      if (!started) await this.#checkSame(db, id, name, text);
      return { id, started };
    });
  }

  async #insert(
    db: TenantDb,
    {
      id,
      name,
      version,
      text,
      hears,
    }: { id: string; name: string; version: number; text: string | null; hears: string[] },
  ): Promise<boolean> {
    const { module, tenantId, actorId, correlationId, causationId, depth = 0 } = this.scope;
    const { unfinished } = this.options.limits;
    // The wall clock, as in envelopes: the start is compared with the time of events.
    const startedAt = new Date();
    const rows = await db.execute(sql`
      with room as (
        select count(*) < ${unfinished}::int as left from (
          select from kernel.process where tenant_id = ${tenantId}::uuid and module = ${module} and finished_at is null
          limit ${unfinished}::int) unfinished
      ), started as (
        insert into kernel.process (id, tenant_id, module, name, version, input, hears, actor_id, correlation_id,
          causation_id, depth, started_at, due_at)
        select ${id}, ${tenantId}::uuid, ${module}, ${name}, ${version}::int, ${text}::json, ${sql.param(hears)}::text[], ${actorId},
          ${correlationId}, ${causationId}, ${depth}::int, ${startedAt}::timestamptz, ${this.options.now()}::timestamptz from room where room.left
        on conflict (tenant_id, module, id) do nothing returning seq
      )
      select pg_notify(${channel}, '') from started`);
    return rows.length > 0;
  }

  async #checkSame(db: TenantDb, id: string, name: string, text: string | null): Promise<void> {
    const row = await this.#row(db, id);
    const { module } = this.scope;
    if (!row) throw new ProcessesError("PROCESS_TOO_MANY", { module, limit: this.options.limits.unfinished });
    if (row.name !== name || row.input !== text) throw new ProcessesError("PROCESS_ID_TAKEN", { id });
  }

  answer(id: string, wait: string, value: unknown): Promise<void> {
    const text = toText("answer", value, this.options.limits.valueBytes);
    return this.#transaction(async (db) => {
      const instance = await this.#existing(db, id, false);
      await checkAnswerable(db, instance, wait, fromText(text));
      const { seq, tenant_id, module } = instance;
      const rows = await db.execute(sql`
        insert into kernel.process_answer (process, tenant_id, module, name, value, actor_id)
        values (${seq}, ${tenant_id}::uuid, ${module}, ${wait}, ${text}::json, ${this.scope.actorId})
        on conflict do nothing returning name`);
      if (rows.length === 0) throw new ProcessesError("PROCESS_ANSWERED", { id, wait });
      await db.execute(sql`
        with woken as (
          update kernel.process set due_at = ${this.options.now()}::timestamptz
          where seq = ${seq} and state in ('RUNNING', 'WAITING') returning seq
        )
        select pg_notify(${channel}, 'wake:' || seq) from woken`);
    });
  }

  pause(id: string): Promise<void> {
    return this.#steer(id, "PAUSE", "paused", ["RUNNING", "WAITING", "UNDOING", "PAUSED"]);
  }

  cancel(id: string, { undo }: { readonly undo: boolean }): Promise<void> {
    const states: ProcessState[] = ["RUNNING", "WAITING", "UNDOING", "PAUSED", "STUCK"];
    return this.#steer(id, undo ? "UNDO" : "CANCEL", "cancelled", states);
  }

  async #steer(id: string, intent: Intent, action: string, allowed: readonly ProcessState[]): Promise<void> {
    await this.#transaction(async (db) => {
      const row = await this.#existing(db, id, true);
      if (!allowed.includes(row.state)) throw new ProcessesError("PROCESS_STATE", { id, state: row.state, action });
      const now = this.options.now();
      if (!row.leased) return this.#apply(db, row, decide(row, decided(row, intent, now)), "");
      const intend = sql`update kernel.process set intent = ${intent}, due_at = ${now}::timestamptz where seq = ${row.seq}`;
      return this.#apply(db, row, intend, `stop:${row.seq}`);
    });
  }

  async resume(id: string): Promise<void> {
    await this.#transaction(async (db) => {
      const row = await this.#existing(db, id, true);
      if (row.state !== "PAUSED" && row.intent !== "PAUSE") {
        throw new ProcessesError("PROCESS_STATE", { id, state: row.state, action: "resumed" });
      }
      const state = row.state !== "PAUSED" ? row.state : row.undoing ? "UNDOING" : "RUNNING";
      await this.#apply(db, row, this.#goOn(row, state, row.undoing), "");
    });
  }

  async retry(id: string, fromStep?: string): Promise<void> {
    await this.#transaction(async (db) => {
      await this.#stopped(db, id);
      const row = await this.#existing(db, id, true);
      if (row.leased || (row.state !== "STUCK" && row.state !== "PAUSED")) {
        throw new ProcessesError("PROCESS_STATE", { id, state: row.state, action: "retried" });
      }
      if (fromStep === undefined) await tryAgain(db, row);
      else await forgetFrom(db, row, fromStep);
      const undoing = row.undoing && fromStep === undefined;
      await this.#apply(db, row, this.#goOn(row, undoing ? "UNDOING" : "RUNNING", undoing), "");
    });
  }

  /** Whoever hears of a failure from the last step of a process may be quicker than its worker, which is to write it down. */
  async #stopped(db: TenantDb, id: string): Promise<void> {
    for (const end = Date.now() + stoppingMs; Date.now() < end; await sleep(20)) {
      if (!(await this.#existing(db, id, false)).leased) return;
    }
  }

  #goOn({ seq }: InstanceRow, state: ProcessState, undoing: boolean) {
    return sql`update kernel.process set intent = null, state = ${state}, undoing = ${undoing}::boolean,
      error = case when ${undoing}::boolean then error end, due_at = ${this.options.now()}::timestamptz, changed_at = now()
      where seq = ${seq}`;
  }

  async #apply(db: TenantDb, row: InstanceRow, change: ReturnType<typeof sql>, message: string): Promise<void> {
    await db.execute(change);
    await db.execute(sql`select pg_notify(${channel}, ${message})`);
    const now = await this.#row(db, row.id);
    if (now) this.options.changed(toInstance(now));
  }

  async find(id: string): Promise<ProcessInstance | null> {
    const row = await this.#read((db) => this.#row(db, id));
    return row ? toInstance(row) : null;
  }

  async list({ name, states, limit = 50, after }: ProcessFilter = {}): Promise<ProcessPage> {
    const most = Math.max(1, Math.min(limit, 200));
    const { module, tenantId } = this.scope;
    const statesParameter = states ? sql.param([...states]) : null;
    const rows = await this.#read(async (db) => {
      const found = await db.execute(sql`
        select ${instanceColumns} from kernel.process where tenant_id = ${tenantId}::uuid and module = ${module}
          and (${name ?? null}::text is null or name = ${name ?? null})
          and (${statesParameter}::text[] is null or state = any(${statesParameter}::text[]))
          and (${after ?? null}::bigint is null or seq < ${after ?? null}::bigint)
        order by seq desc limit ${most + 1}`);
      return [...found] as unknown as InstanceRow[];
    });
    const page = rows.slice(0, most);
    const last = page.at(-1);
    return { processes: page.map(toInstance), next: rows.length > most && last ? String(last.seq) : null };
  }

  /** `PROCESS_NOT_FOUND` */
  async steps(id: string): Promise<readonly ProcessStep[]> {
    return this.#read(async (db) => {
      const { seq } = await this.#existing(db, id, false);
      const rows = await db.execute(sql`
        select ${stepColumns} from kernel.process_step where process = ${seq} order by process_step.started_at, position, name`);
      return ([...rows] as unknown as StepRow[]).map(toStep);
    });
  }

  async #existing(db: TenantDb, id: string, lock: boolean): Promise<InstanceRow> {
    const row = await this.#row(db, id, lock);
    if (!row) throw new ProcessesError("PROCESS_NOT_FOUND", { id });
    return row;
  }

  async #row(db: TenantDb, id: string, lock = false): Promise<InstanceRow | null> {
    const { module, tenantId } = this.scope;
    const rows = await db.execute(sql`
      select ${instanceColumns} from kernel.process
      where tenant_id = ${tenantId}::uuid and module = ${module} and id = ${id} ${sql.raw(lock ? "for update" : "")}`);
    return ((rows[0] as unknown) ?? null) as InstanceRow | null;
  }

  #transaction<T>(work: (db: TenantDb) => Promise<T>): Promise<T> {
    const { db, module, tenantId, signal } = this.scope;
    if (db) return work(db);
    return this.options.database.forModule(module).transaction({ tenantId, ...(signal ? { signal } : {}) }, work);
  }

  #read<T>(work: (db: TenantDb) => Promise<T>): Promise<T> {
    return this.#transaction(work);
  }
}

const idProblem = (id: string): string | null =>
  id.length >= 1 && id.length <= longestId ? null : `the id must have 1 to ${longestId} characters`;

function heardBy<Input>({ hears = [] }: ProcessDefinition<never, Input, unknown>, input: Input): string[] {
  return [...new Set(typeof hears === "function" ? hears(input) : hears.map(({ type }) => type))];
}

async function checkAnswerable(db: TenantDb, instance: InstanceRow, wait: string, value: unknown): Promise<void> {
  const { id, seq, finished_at } = instance;
  const rows = await db.execute(sql`
    select status, output::text as output, schema::text as schema, kind from kernel.process_step
    where process = ${seq} and name = ${wait}`);
  const [step] = rows as unknown as { status: string; kind: string; output: string | null; schema: string | null }[];
  const answered = step?.status === "DONE" && step.kind === "ANSWER" && step.output !== "null";
  if (answered) throw new ProcessesError("PROCESS_ANSWERED", { id, wait });
  const open = step === undefined || (step.kind === "ANSWER" && step.status === "WAITING");
  if (finished_at !== null || !open) throw new ProcessesError("PROCESS_NOT_WAITING", { id, wait });
  const parsed = step?.schema ? schemaFrom(step.schema)?.safeParse(value) : undefined;
  if (parsed && !parsed.success)
    throw new ProcessesError("PROCESS_ANSWER_INVALID", { wait, problem: problemOf(parsed.error) });
}

/** What JSON Schema cannot say is judged by the process itself, which has the original. */
function schemaFrom(text: string): z.ZodType | null {
  try {
    return z.fromJSONSchema(JSON.parse(text));
  } catch {
    return null;
  }
}
