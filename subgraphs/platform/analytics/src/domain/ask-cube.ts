/** Multi-dimensional questions: declared, checked, asked, and counted. */
import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { type CubeCellRow, readCube } from "../queries/cube.js";
import { addCube, type CubeRow, removeCube } from "../queries/findings.js";
import type { Aggregation, Interval, StoredCubeQuery } from "../tables.js";
import { checkDimensions, type NamedValue } from "./dimensions.js";
import { checkRange } from "./series-request.js";
import { checkName } from "./widget-content.js";

export interface CubeInput {
  readonly metricKeys: readonly string[];
  readonly groupBy?: readonly string[];
  readonly filters?: readonly NamedValue[];
  readonly interval?: Interval | null;
  /** Default SUM. */
  readonly aggregation?: Aggregation;
  readonly from: Date;
  readonly to: Date;
  readonly subtotals?: boolean;
}

export interface CubeAnswer {
  readonly cells: readonly CubeCellRow[];
  readonly truncated: boolean;
}

export const mostCells = 10_000;

/** @throws CUBE_INVALID, RANGE_INVALID, RANGE_TOO_LONG */
export function cubeQuery({ from, to, metricKeys, filters = [], ...input }: CubeInput): StoredCubeQuery {
  const { groupBy = [], interval = null, aggregation = "SUM", subtotals = false } = input;
  const reason = reasonAgainst(metricKeys, groupBy, filters);
  if (reason) throw errors.CUBE_INVALID({ reason });
  checkRange({ from, to, interval: interval ?? "YEAR" });
  const range = { from: from.toISOString(), to: to.toISOString() };
  return { metricKeys, groupBy, filters: byName(filters), interval, aggregation, subtotals, ...range };
}

function byName(filters: readonly NamedValue[]): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const { name, value } of filters) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

function reasonAgainst(
  metricKeys: readonly string[],
  groupBy: readonly string[],
  filters: readonly NamedValue[],
): string | null {
  if (metricKeys.length === 0 || metricKeys.length > 10) return "it names 1 to 10 metrics";
  if (groupBy.length > 4 || new Set(groupBy).size < groupBy.length)
    return "it groups by 4 different dimensions at most";
  if (filters.length > 100) return "it has 100 filter values at most";
  const names = [...metricKeys, ...groupBy].map((name) => ({ name, value: "" }));
  const reasons = filters.map((filter) => checkDimensions([filter]));
  return [...names.map((name) => checkDimensions([name])), ...reasons].find((found) => found !== null) ?? null;
}

/** Answers and tells the meter how much was read: `analytics.query.executed`. */
export async function askCube(ctx: Context, query: StoredCubeQuery): Promise<CubeAnswer> {
  const started = performance.now();
  const cells = await readCube(ctx.db, query, mostCells + 1);
  const payload = {
    metricKeys: [...query.metricKeys],
    points: cells.filter((cell) => !isSubtotal(cell, query)).reduce((sum, { count }) => sum + count, 0),
    milliseconds: Math.round(performance.now() - started),
  };
  await ctx.transaction(async (tx) => tx.publish(platformEvents.queryExecuted, { aggregateId: ctx.tenantId, payload }));
  return { cells: cells.slice(0, mostCells), truncated: cells.length > mostCells };
}

function isSubtotal({ dimensions }: CubeCellRow, { groupBy }: StoredCubeQuery): boolean {
  return dimensions.length < groupBy.length;
}

/** @throws CUBE_INVALID, NAME_INVALID */
export async function createCube(ctx: Context, name: string, input: CubeInput): Promise<CubeRow> {
  checkName(name);
  const query = cubeQuery(input);
  return ctx.transaction((tx) => addCube(tx, name, query));
}

/** @throws CUBE_NOT_FOUND */
export async function deleteCube(ctx: Context, id: string): Promise<string> {
  await ctx.transaction(async (tx) => {
    if (!(await removeCube(tx, id))) throw errors.CUBE_NOT_FOUND({ id });
  });
  return id;
}
