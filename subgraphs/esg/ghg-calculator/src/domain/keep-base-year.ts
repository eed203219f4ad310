/** The base year: which result reductions are measured from, and the changes that may move it. */
import { newId } from "@tessera/database";
import type { Context, Transaction } from "@tessera/subgraph";
import { eq } from "drizzle-orm";
import { errors } from "../errors.js";
import {
  type BaseYearChangeRow,
  type BaseYearRow,
  baseYear,
  changesOfBaseYear,
  resultOfVersion,
} from "../queries/results.js";
import { baseYearChange, emissionsBaseYear } from "../tables.js";
import { checkOptionalText, checkPercent, checkQuantity, checkText } from "./check-input.js";
import { Decimal, decimal, plain } from "./exact-decimal.js";
import { authorOf, holdCalculation } from "./open-draft.js";
import { assessBaseYear, type BaseYearAssessment, type BaseYearChangeKind } from "./recalculate-base-year.js";

export interface AssessedBaseYear extends BaseYearRow {
  changes: BaseYearChangeRow[];
  assessment: BaseYearAssessment;
}

export interface BaseYearInput {
  calculationId: string;
  thresholdPercent?: string | null;
  policy?: string | null;
}

/** @throws CALCULATION_NOT_CLOSED: a figure that may still change is no base to measure from */
export async function setEmissionsBaseYear(ctx: Context, input: BaseYearInput): Promise<AssessedBaseYear> {
  await ctx.transaction(async (tx) => {
    const calculation = await holdCalculation(tx, input.calculationId);
    if (calculation.status === "DRAFT") throw errors.CALCULATION_NOT_CLOSED({ id: calculation.id });
    const result = await resultOfVersion(tx, calculation.id, calculation.latestVersion);
    if (!result) throw errors.RESULT_OUTDATED({ id: calculation.id });
    const earlier = await baseYear(tx);
    if (earlier) await tx.delete(emissionsBaseYear).where(eq(emissionsBaseYear.id, earlier.id));
    await tx.insert(emissionsBaseYear).values({
      id: newId(),
      calculationId: calculation.id,
      resultId: result.id,
      year: Number(calculation.periodStart.slice(0, 4)),
      tonnes: plain(decimal(result.total).dividedBy(1000)),
      thresholdPercent: checkPercent("thresholdPercent", input.thresholdPercent ?? "5"),
      policy: checkOptionalText("policy", input.policy, 2000),
      createdBy: authorOf(ctx),
      createdAt: ctx.now(),
    });
  });
  return (await readBaseYear(ctx)) as AssessedBaseYear;
}

export interface BaseYearChangeInput {
  kind: BaseYearChangeKind;
  description: string;
  tonnesInBaseYear: string;
  existedInBaseYear?: boolean | null;
}

/** @throws BASE_YEAR_NOT_SET */
export async function recordBaseYearChange(ctx: Context, input: BaseYearChangeInput): Promise<AssessedBaseYear> {
  await ctx.transaction((tx) => insertChange(ctx, tx, input));
  return (await readBaseYear(ctx)) as AssessedBaseYear;
}

async function insertChange(ctx: Context, tx: Transaction, input: BaseYearChangeInput): Promise<void> {
  const current = await baseYear(tx);
  if (!current) throw errors.BASE_YEAR_NOT_SET();
  checkQuantity(Decimal.abs(input.tonnesInBaseYear));
  await tx.insert(baseYearChange).values({
    id: newId(),
    baseYearId: current.id,
    kind: input.kind,
    description: checkText("description", input.description, 500),
    tonnesInBaseYear: input.tonnesInBaseYear,
    existedInBaseYear: input.existedInBaseYear ?? true,
    createdBy: authorOf(ctx),
    createdAt: ctx.now(),
  });
}

export async function readBaseYear(ctx: Context): Promise<AssessedBaseYear | null> {
  const row = await baseYear(ctx.db);
  if (!row) return null;
  const changes = await changesOfBaseYear(ctx.db, row.id);
  return { ...row, changes, assessment: assessBaseYear(row.tonnes, changes, row.thresholdPercent) };
}
