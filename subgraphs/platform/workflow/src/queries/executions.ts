/** Executions and their steps. */
import {
  type Connection,
  groupByKey,
  inKeyOrder,
  type PageArguments,
  paginate,
  readById,
  type TenantDb,
} from "@tessera/database";
import { and, asc, eq, inArray } from "drizzle-orm";
import { type ExecutionRow, executions, type StepRow, steps } from "../tables.js";

export const executionsById = readById(executions);
export const stepsById = readById(steps);

/** Executions of definitions of kind SAGA. */
export async function sagasById(db: TenantDb, ids: readonly string[]): Promise<(ExecutionRow | null)[]> {
  const rows = await db
    .select()
    .from(executions)
    .where(and(inArray(executions.id, [...ids]), eq(executions.kind, "SAGA")));
  return inKeyOrder(ids, rows, (row) => row.id);
}

export interface ExecutionFilter {
  readonly state?: ExecutionRow["state"] | null | undefined;
  readonly definitionId?: string | null | undefined;
}

/** Newest first. */
export function pageOfExecutions(
  db: TenantDb,
  { state, definitionId }: ExecutionFilter,
  page: PageArguments,
): Promise<Connection<ExecutionRow>> {
  return paginate(db, {
    from: executions,
    where: and(
      state ? eq(executions.state, state) : undefined,
      definitionId ? eq(executions.definitionId, definitionId) : undefined,
    ),
    orderBy: [{ column: executions.startedAt, direction: "desc" }],
    page,
  });
}

/** By when they began. */
export async function stepsOfExecutions(db: TenantDb, ids: readonly string[]): Promise<StepRow[][]> {
  const rows = await db
    .select()
    .from(steps)
    .where(inArray(steps.executionId, [...ids]))
    .orderBy(asc(steps.startedAt), asc(steps.id));
  return groupByKey(ids, rows, (row) => row.executionId);
}

export async function childrenOfExecutions(db: TenantDb, ids: readonly string[]): Promise<ExecutionRow[][]> {
  const rows = await db
    .select()
    .from(executions)
    .where(inArray(executions.parentId, [...ids]))
    .orderBy(asc(executions.startedAt), asc(executions.id));
  return groupByKey(ids, rows, (row) => row.parentId as string);
}
