/** Rows of the kernel tables as the engine and its callers see them. Times travel as milliseconds, values as JSON text. */
import { sql } from "drizzle-orm";
import type { RecordedError } from "../errors.js";
import type { ProcessInstance, ProcessState, ProcessStep, StepKind, StepStatus } from "../processes.js";
import { fromText } from "../values.js";

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8 as ${column}`;

const instanceText = `seq, id, tenant_id, module, name, version, state, undoing, intent, input::text, output::text,
  error::text, hears, actor_id, correlation_id, causation_id, depth, ${ms("started_at")}, ${ms("finished_at")},
  ${ms("changed_at")}, ${ms("due_at")}, claim, lease_until is not null as leased`;

const stepText = `process, name, kind, status, position, attempts, undo_attempts, undoable, input::text, output::text,
  error::text, waits_for, about, event_id, ${ms("due_at")}, ${ms("started_at")}, ${ms("finished_at")}, ${ms("undone_at")}`;

export const columns = { instance: instanceText, step: stepText };
export const instanceColumns = sql.raw(instanceText);
export const stepColumns = sql.raw(stepText);

export type Intent = "PAUSE" | "CANCEL" | "UNDO";

/** int8 columns come as text or bigint, depending on the client. */
type Whole = string | number | bigint;

export interface InstanceRow {
  readonly seq: Whole;
  readonly id: string;
  readonly tenant_id: string;
  readonly module: string;
  readonly name: string;
  readonly version: number;
  readonly state: ProcessState;
  readonly undoing: boolean;
  readonly intent: Intent | null;
  readonly input: string | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly hears: string[];
  readonly actor_id: string | null;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly depth: number;
  readonly started_at: number;
  readonly finished_at: number | null;
  readonly changed_at: number;
  readonly due_at: number | null;
  readonly claim: Whole;
  readonly leased: boolean;
}

export interface StepRow {
  readonly process: Whole;
  readonly name: string;
  readonly kind: StepKind;
  readonly status: StepStatus;
  readonly position: number | null;
  readonly attempts: number;
  readonly undo_attempts: number;
  readonly undoable: boolean;
  readonly input: string | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly waits_for: string | null;
  readonly about: string | null;
  readonly event_id: string | null;
  readonly due_at: number | null;
  readonly started_at: number;
  readonly finished_at: number | null;
  readonly undone_at: number | null;
}

const dateOf = (milliseconds: number | null): Date | null => (milliseconds === null ? null : new Date(milliseconds));
export const errorOf = (text: string | null): RecordedError | null =>
  text === null ? null : (JSON.parse(text) as RecordedError);

export function toInstance(row: InstanceRow): ProcessInstance {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    module: row.module,
    name: row.name,
    version: row.version,
    state: row.state,
    input: fromText(row.input),
    output: fromText(row.output),
    error: errorOf(row.error),
    startedBy: row.actor_id,
    correlationId: row.correlation_id,
    startedAt: new Date(row.started_at),
    changedAt: new Date(row.changed_at),
    finishedAt: dateOf(row.finished_at),
    dueAt: dateOf(row.due_at),
  };
}

export function toStep(row: StepRow): ProcessStep {
  return {
    name: row.name,
    kind: row.kind,
    status: row.status,
    position: row.position,
    attempts: row.attempts,
    undoAttempts: row.undo_attempts,
    input: fromText(row.input),
    output: fromText(row.output),
    error: errorOf(row.error),
    startedAt: new Date(row.started_at),
    finishedAt: dateOf(row.finished_at),
    undoneAt: dateOf(row.undone_at),
    dueAt: dateOf(row.due_at),
  };
}
