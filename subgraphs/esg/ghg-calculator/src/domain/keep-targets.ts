/** Reduction targets and the progress towards them. Tonnes of CO2e. */
import { newId } from "@tessera/database";
import type { Context } from "@tessera/subgraph";
import { eq } from "drizzle-orm";
import { errors } from "../errors.js";
import { type CalculationRow, calculationsWithResults } from "../queries/calculations.js";
import { latestResults, type ResultRow, type TargetRow, targetsById } from "../queries/results.js";
import { reductionTarget, type TargetScope } from "../tables.js";
import { checkPercent, checkQuantity, checkText } from "./check-input.js";
import { type Decimal, decimal, plain, sum } from "./exact-decimal.js";
import { authorOf } from "./open-draft.js";
import { type Progress, progressOf, reductionAtEnd, type TargetMethod } from "./plan-target.js";
import type { Scope2Basis } from "./result-line.js";

export interface TargetInput {
  name: string;
  method?: TargetMethod | null;
  covers?: TargetScope | null;
  scope2Basis?: Scope2Basis | null;
  baseYear: number;
  baseTonnes?: string | null;
  targetYear: number;
  reductionPercent?: string | null;
}

/** @throws INVALID_TARGET; BASE_YEAR_UNKNOWN when no result tells the emissions of the base year */
export async function createReductionTarget(ctx: Context, input: TargetInput): Promise<TargetRow> {
  const facts = factsOf(input);
  const baseTonnes = input.baseTonnes ? checkQuantity(input.baseTonnes) : await tonnesOfYear(ctx, facts);
  return ctx.transaction(async (tx) => {
    const author = { createdBy: authorOf(ctx), createdAt: ctx.now() };
    const [row] = await tx
      .insert(reductionTarget)
      .values({ id: newId(), ...facts, baseTonnes, ...author })
      .returning();
    return row as TargetRow;
  });
}

function factsOf(input: TargetInput) {
  const method = input.method ?? "LINEAR";
  if (input.targetYear <= input.baseYear) throw errors.INVALID_TARGET({ reason: "it ends before it begins." });
  if (input.baseYear < 1990 || input.targetYear > 2150)
    throw errors.INVALID_TARGET({ reason: "years run from 1990 to 2150." });
  if (method === "LINEAR" && !input.reductionPercent)
    throw errors.INVALID_TARGET({ reason: "say by how many percent." });
  if (method !== "LINEAR" && input.reductionPercent)
    throw errors.INVALID_TARGET({ reason: `${method} sets the reduction.` });
  return {
    name: checkText("name", input.name),
    method,
    covers: input.covers ?? "ALL",
    scope2Basis: input.scope2Basis ?? "MARKET",
    baseYear: input.baseYear,
    targetYear: input.targetYear,
    reductionPercent: input.reductionPercent ? checkPercent("reductionPercent", input.reductionPercent) : null,
  } as const;
}

/** @throws TARGET_NOT_FOUND */
export const removeReductionTarget = (ctx: Context, id: string): Promise<string> =>
  ctx.transaction(async (tx) => {
    const [row] = await tx.delete(reductionTarget).where(eq(reductionTarget.id, id)).returning();
    if (!row) throw errors.TARGET_NOT_FOUND({ id });
    return id;
  });

type Coverage = Pick<TargetRow, "covers" | "scope2Basis">;

/** What of a result a target is about. */
export function coveredTonnes(result: ResultRow, { covers, scope2Basis }: Coverage): Decimal {
  const scope2 = scope2Basis === "MARKET" ? result.scope2Market : result.scope2Location;
  const parts: Record<TargetScope, string[]> = {
    SCOPE_1: [result.scope1],
    SCOPE_2: [scope2],
    SCOPE_1_AND_2: [result.scope1, scope2],
    SCOPE_3: [result.scope3],
    ALL: [result.scope1, scope2, result.scope3],
  };
  return sum(parts[covers]).dividedBy(1000);
}

interface YearResult {
  year: number;
  calculation: CalculationRow;
  result: ResultRow;
}

/** One result per year, of the latest revision. Only whole years can be compared with a yearly target. */
async function resultsByYear(ctx: Context): Promise<YearResult[]> {
  const calculations = (await calculationsWithResults(ctx.db)).filter(coversAYear);
  const results =
    calculations.length > 0
      ? await latestResults(
          ctx.db,
          calculations.map(({ id }) => id),
        )
      : [];
  const byYear = new Map<number, YearResult>();
  calculations.forEach((calculation, index) => {
    const year = Number(calculation.periodStart.slice(0, 4));
    const result = results[index];
    if (result) byYear.set(year, { year, calculation, result });
  });
  return [...byYear.values()].sort((a, b) => a.year - b.year);
}

const shortestYear = 364;
const coversAYear = ({ periodStart, periodEnd }: CalculationRow): boolean =>
  (Date.parse(periodEnd) - Date.parse(periodStart)) / 86_400_000 >= shortestYear;

async function tonnesOfYear(ctx: Context, facts: Coverage & { baseYear: number }): Promise<string> {
  const found = (await resultsByYear(ctx)).find(({ year }) => year === facts.baseYear);
  if (!found) throw errors.BASE_YEAR_UNKNOWN({ year: facts.baseYear });
  return plain(coveredTonnes(found.result, facts));
}

export interface YearProgress extends Progress {
  year: number;
  calculation: CalculationRow;
  tonnes: Decimal;
}

/** Every year from the base year on that has a result, oldest first. */
export async function progressOfTarget(ctx: Context, target: TargetRow): Promise<YearProgress[]> {
  const years = await resultsByYear(ctx);
  return years
    .filter(({ year }) => year >= target.baseYear)
    .map(({ year, calculation, result }) => {
      const tonnes = coveredTonnes(result, target);
      return { year, calculation, tonnes, ...progressOf(target, year, tonnes) };
    });
}

/** @throws TARGET_NOT_FOUND */
export async function reductionProgress(ctx: Context, targetId: string): Promise<YearProgress[]> {
  const target = await ctx.load(targetsById, targetId);
  if (!target) throw errors.TARGET_NOT_FOUND({ id: targetId });
  return progressOfTarget(ctx, target);
}

/** Percent and tonnes in the last year. */
export function endOf(target: TargetRow): { reductionPercent: Decimal; tonnes: Decimal } {
  const reductionPercent = reductionAtEnd(target);
  const left = decimal(100).minus(reductionPercent).dividedBy(100);
  return { reductionPercent, tonnes: decimal(target.baseTonnes).times(left) };
}
