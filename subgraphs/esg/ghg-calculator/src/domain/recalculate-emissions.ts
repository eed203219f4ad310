/** A new version of a calculation's result. Earlier versions are never touched. */
import { newId } from "@tessera/database";
import { esgEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { eq } from "drizzle-orm";
import { errors } from "../errors.js";
import type { CalculationRow, InstrumentRow } from "../queries/calculations.js";
import { entriesOfCalculation } from "../queries/entries.js";
import { insertResult, type ResultRow } from "../queries/results.js";
import { emissionCalculation, type emissionResultLine, type MarketDisclosure } from "../tables.js";
import type { MarketCover } from "./cover-consumption.js";
import { decimal, plain, sum } from "./exact-decimal.js";
import { authorOf, openDraft } from "./open-draft.js";
import { type PreparedInventory, prepareInventory } from "./prepare-inventory.js";
import { formulaVersion, type Gases, type ResultLine } from "./result-line.js";
import { summarizeLines } from "./summarize-lines.js";

/** @throws CALCULATION_CLOSED; CALCULATION_INCOMPLETE naming every entry that cannot be calculated */
export const recalculateEmissions = (ctx: Context, calculationId: string): Promise<ResultRow> =>
  ctx.transaction(async (tx) => {
    const calculation = await openDraft(tx, calculationId);
    const entries = await entriesOfCalculation(tx, calculationId);
    const reviewed = entries.filter(({ pendingReview }) => !pendingReview);
    const inventory = await prepareInventory(tx, calculation, reviewed);
    refuseProblems(inventory);
    const pendingEntries = entries.length - reviewed.length;
    return storeResult(tx, calculation, inventory, {
      pendingEntries,
      calculatedBy: authorOf(ctx),
      calculatedAt: ctx.now(),
    });
  });

function refuseProblems({ problems }: PreparedInventory): void {
  if (problems.length > 0)
    throw errors.CALCULATION_INCOMPLETE({ count: problems.length, entries: problems.slice(0, 100) });
}

/** Who made a result, when, and how many entries it leaves out because nobody has reviewed them. */
export interface Making {
  calculatedBy: string;
  calculatedAt: Date;
  pendingEntries: number;
}

/** Writes the next version, makes it the latest, and announces it. */
export async function storeResult(
  tx: Transaction,
  calculation: CalculationRow,
  inventory: PreparedInventory,
  made: Making,
): Promise<ResultRow> {
  const version = calculation.latestVersion + 1;
  const id = newId();
  const values = { id, version, ...made, ...totalsOf(calculation, inventory) };
  const result = await insertResult(
    tx,
    values,
    inventory.lines.map((line, position) => lineRow(id, position, line)),
  );
  const latest = { latestVersion: version, resultOutdated: false };
  await tx.update(emissionCalculation).set(latest).where(eq(emissionCalculation.id, calculation.id));
  publishResult(tx, { ...calculation, ...latest }, result);
  return result;
}

function totalsOf(calculation: CalculationRow, { lines, market, instruments }: PreparedInventory) {
  const summary = summarizeLines(lines, calculation.totalUses);
  return {
    calculationId: calculation.id,
    formulaVersion,
    gwpBasis: calculation.gwpBasis,
    consolidation: calculation.consolidation,
    totalUses: calculation.totalUses,
    scope1: plain(summary.scope1),
    scope2Location: plain(summary.scope2Location),
    scope2Market: plain(summary.scope2Market),
    scope3: plain(summary.scope3),
    total: plain(summary.total),
    biogenicCo2: plain(summary.biogenicCo2),
    scope3Categories: summary.scope3Categories.map(({ category, kgCo2e }) => ({ category, kgCo2e: plain(kgCo2e) })),
    gases: summary.gases.map(({ gas, kgCo2e }) => ({ gas, kgCo2e: plain(kgCo2e) })),
    uncertaintyPercent: summary.uncertaintyPercent && plain(summary.uncertaintyPercent),
    uncertaintyCoveragePercent: plain(summary.uncertaintyCoveragePercent),
    marketBased: disclosureOf(market, instruments),
  };
}

function disclosureOf(market: MarketCover, instruments: readonly InstrumentRow[]): MarketDisclosure {
  const reference = (id: string) => instruments.find((instrument) => instrument.id === id)?.reference ?? id;
  const covered = market.covers.filter(({ instrument }) => instrument !== null);
  return {
    coveredKwh: plain(sum(covered.map(({ kwh }) => kwh))),
    gridAverageKwh: plain(market.gridAverageKwh),
    excess: market.excess.map(({ id, kwh }) => ({ instrumentId: id, reference: reference(id), kwh: plain(kwh) })),
    refused: market.refused.map(({ id, missing }) => ({ instrumentId: id, reference: reference(id), missing })),
  };
}

function lineRow(resultId: string, position: number, line: ResultLine): typeof emissionResultLine.$inferInsert {
  const { factor, gases, ...facts } = line;
  return {
    ...facts,
    id: newId(),
    resultId,
    position,
    quantity: plain(line.quantity),
    convertedQuantity: plain(line.convertedQuantity),
    factorId: factor?.id ?? null,
    factorKey: factor?.key ?? null,
    factorSetKey: factor?.setKey ?? null,
    factorYear: factor?.year ?? null,
    factorRegion: factor?.region ?? null,
    kgPerUnit: plain(line.kgPerUnit),
    share: plain(line.share),
    kgCo2e: plain(line.kgCo2e),
    biogenicKgCo2: plain(line.biogenicKgCo2),
    gases: gasList(gases),
    uncertaintyPercent: line.uncertaintyPercent && plain(line.uncertaintyPercent),
  };
}

const gasList = (gases: Gases) =>
  Object.entries(gases).map(([gas, kgCo2e]) => ({ gas: gas as keyof Gases, kgCo2e: plain(kgCo2e) }));

const tonnes = (kg: string): string => plain(decimal(kg).dividedBy(1000));
const totalUses = { LOCATION: "location", MARKET: "market" } as const;
const verification = { DRAFT: "draft", LOCKED: "locked", APPROVED: "approved" } as const;

/** Tells the other modules, in tonnes. Told again when the calculation is locked or approved. */
export function publishResult(tx: Transaction, calculation: CalculationRow, result: ResultRow): void {
  tx.publish(esgEvents.emissionsCalculated, {
    aggregateId: calculation.id,
    payload: {
      calculationId: calculation.id,
      version: result.version,
      period: { start: calculation.periodStart, end: calculation.periodEnd },
      emissions: {
        scope1: tonnes(result.scope1),
        scope2Location: tonnes(result.scope2Location),
        scope2Market: tonnes(result.scope2Market),
        scope3: tonnes(result.scope3),
        total: tonnes(result.total),
        totalUses: totalUses[result.totalUses],
        biogenicCo2: tonnes(result.biogenicCo2),
      },
      scope3Categories: result.scope3Categories.map(({ category, kgCo2e }) => ({ category, tonnes: tonnes(kgCo2e) })),
      gwpBasis: calculation.gwpBasis,
      verificationStatus: verification[calculation.status],
    },
  });
}
