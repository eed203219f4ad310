/** Durations, success and bottlenecks, worked out by the database. */
import type { TenantDb } from "@tessera/database";
import { type SQL, sql } from "drizzle-orm";
import { executions, steps, versions } from "../tables.js";

export interface Durations {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly mean: number;
  readonly longest: number;
}
export interface StepAnalyticsRow {
  readonly stepId: string;
  readonly type: string;
  readonly runs: number;
  readonly failures: number;
  readonly totalSeconds: number;
  readonly duration: Durations;
}
export interface AnalyticsRow {
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  readonly running: number;
  readonly late: number;
  readonly duration: Durations | null;
  readonly steps: readonly StepAnalyticsRow[];
}

export interface AnalyticsQuestion {
  readonly definitionId: string;
  readonly from: Date;
  readonly to: Date;
  readonly version: number | null;
  readonly now: Date;
}

const seconds = (table: typeof executions | typeof steps) =>
  sql`extract(epoch from ${table.finishedAt} - ${table.startedAt})::float8`;

/** PERCENTILE_CONT of SQL:2003: the value at row 1 + p (n − 1), interpolated linearly between its neighbours. */
function durationsOf(value: SQL, where: SQL): SQL {
  const percentile = (p: number) =>
    sql`percentile_cont(${sql.raw(String(p))}) within group (order by ${value}) filter (where ${where})`;
  return sql`json_build_object('p50', ${percentile(0.5)}, 'p90', ${percentile(0.9)}, 'p95', ${percentile(0.95)},
    'p99', ${percentile(0.99)}, 'mean', avg(${value}) filter (where ${where}), 'longest', max(${value}) filter (where ${where}))`;
}

function chosen({ definitionId, from, to, version }: AnalyticsQuestion): SQL {
  const ofVersion =
    version === null
      ? sql``
      : sql`and ${executions.versionId} in (select ${versions.id} from ${versions}
    where ${versions.definitionId} = ${definitionId} and ${versions.number} = ${version})`;
  return sql`${executions.definitionId} = ${definitionId} and ${executions.startedAt} >= ${from.toISOString()}
    and ${executions.startedAt} < ${to.toISOString()} ${ofVersion}`;
}

interface ExecutionFigures extends Omit<AnalyticsRow, "duration" | "steps"> {
  readonly duration: Durations;
}

export async function analyticsOf(db: TenantDb, question: AnalyticsQuestion): Promise<AnalyticsRow> {
  const [[figures], stepRows] = await Promise.all([executionFigures(db, question), stepFigures(db, question)]);
  const { duration, ...counts } = figures as ExecutionFigures;
  return { ...counts, duration: counts.completed === 0 ? null : duration, steps: stepRows };
}

function executionFigures(db: TenantDb, question: AnalyticsQuestion) {
  const { state, dueAt, finishedAt } = executions;
  const completed = sql`${state} = 'COMPLETED'`;
  return db
    .select({
      started: sql<number>`count(*)::int`,
      completed: sql<number>`(count(*) filter (where ${completed}))::int`,
      failed: sql<number>`(count(*) filter (where ${state} in ('FAILED', 'UNDONE', 'STUCK', 'CANCELLED')))::int`,
      running: sql<number>`(count(*) filter (where ${state} in ('RUNNING', 'WAITING', 'PAUSED', 'UNDOING')))::int`,
      late: sql<number>`(count(*) filter (where coalesce(${finishedAt}, ${question.now.toISOString()}) > ${dueAt}))::int`,
      duration: sql<Durations>`${durationsOf(seconds(executions), completed)}`,
    })
    .from(executions)
    .where(chosen(question));
}

/** Of steps that ended; blocks (parallel, loop, sub-workflow) are left out of shares by who asks, not here. */
async function stepFigures(db: TenantDb, question: AnalyticsQuestion): Promise<StepAnalyticsRow[]> {
  const total = sql<number>`sum(${seconds(steps)})`;
  return db
    .select({
      stepId: steps.stepId,
      type: steps.type,
      runs: sql<number>`count(*)::int`,
      failures: sql<number>`(count(*) filter (where ${steps.state} = 'FAILED'))::int`,
      totalSeconds: total,
      duration: sql<Durations>`${durationsOf(seconds(steps), sql`true`)}`,
    })
    .from(steps)
    .innerJoin(executions, sql`${executions.id} = ${steps.executionId}`)
    .where(sql`${chosen(question)} and ${steps.finishedAt} is not null and ${steps.state} in ('COMPLETED', 'FAILED')`)
    .groupBy(steps.stepId, steps.type)
    .orderBy(sql`${total} desc`, steps.stepId);
}
