import type { Context } from "@tessera/subgraph";
import { missingCriteria } from "../domain/cover-consumption.js";
import { decimal, plain } from "../domain/exact-decimal.js";
import { endOf, progressOfTarget } from "../domain/keep-targets.js";
import { tonnesOnPath } from "../domain/plan-target.js";
import { countsForBaseYear } from "../domain/recalculate-base-year.js";
import { categoryNames } from "../domain/scope3-categories.js";
import type {
  ActivityImportProgressResolvers,
  ActivityImportResolvers,
  BaseYearChangeResolvers,
  ContractualInstrumentResolvers,
  EmissionEntryResolvers,
  EmissionFactorResolvers,
  EmissionResultLineResolvers,
  EmissionsBaseYearResolvers,
  MarketBasedDisclosureResolvers,
  OrganizationResolvers,
  ReductionProgressResolvers,
  ReductionTargetResolvers,
  Scope3CategoryEmissionsResolvers,
} from "../generated/types.js";
import {
  calculationsById,
  instrumentsById,
  latestCalculation,
  pageOfCalculations,
  sitesById,
} from "../queries/calculations.js";
import { importsById } from "../queries/entries.js";
import { factorSetsById, factorsById } from "../queries/factors.js";
import { allTargets, type LineRow, resultOfVersion, resultsById } from "../queries/results.js";
import { present } from "./present.js";
import { userOf } from "./user.js";

export const Organization: OrganizationResolvers = {
  emissionCalculations: (_, args, ctx) => pageOfCalculations(ctx.db, args, args),
  latestEmissionCalculation: (_, __, ctx) => latestCalculation(ctx.db),
  reductionTargets: (_, __, ctx) => allTargets(ctx.db),
};

export const EmissionFactor: EmissionFactorResolvers = {
  factorSet: ({ factorSetId }, _, ctx) => (factorSetId ? ctx.load(factorSetsById, factorSetId) : null),
  path: ({ path }) => path.filter((heading) => heading !== ""),
};

export const Scope3CategoryEmissions: Scope3CategoryEmissionsResolvers = {
  name: ({ category }) => categoryNames[category] ?? "",
};

export const MarketBasedDisclosure: MarketBasedDisclosureResolvers = {
  coveragePercent: ({ coveredKwh, gridAverageKwh }) => {
    const all = decimal(coveredKwh).plus(gridAverageKwh);
    return all.isZero() ? null : plain(decimal(coveredKwh).dividedBy(all).times(100));
  },
};

/** The result all lines of a version share: who made it, when, by which formulas, on which basis. */
const resultOf = ({ resultId }: LineRow, ctx: Context) => present(ctx.load(resultsById, resultId));

export const EmissionResultLine: EmissionResultLineResolvers = {
  gwpBasis: async (line, _, ctx) => (await resultOf(line, ctx)).gwpBasis,
  formulaVersion: async (line, _, ctx) => (await resultOf(line, ctx)).formulaVersion,
  calculatedBy: async (line, _, ctx) => userOf((await resultOf(line, ctx)).calculatedBy),
  calculatedAt: async (line, _, ctx) => (await resultOf(line, ctx)).calculatedAt,
  factor: ({ factorId }, _, ctx) => (factorId ? ctx.load(factorsById, factorId) : null),
  instrument: ({ instrumentId }, _, ctx) => (instrumentId ? ctx.load(instrumentsById, instrumentId) : null),
};

export const EmissionEntry: EmissionEntryResolvers = {
  calculation: ({ calculationId }, _, ctx) => present(ctx.load(calculationsById, calculationId)),
  site: ({ siteId }, _, ctx) => (siteId ? ctx.load(sitesById, siteId) : null),
  start: ({ periodStart }) => periodStart,
  end: ({ periodEnd }) => periodEnd,
  factor: ({ factorId }, _, ctx) => (factorId ? ctx.load(factorsById, factorId) : null),
  instrument: ({ instrumentId }, _, ctx) => (instrumentId ? ctx.load(instrumentsById, instrumentId) : null),
  createdBy: ({ createdBy }) => userOf(createdBy),
};

export const ContractualInstrument: ContractualInstrumentResolvers = {
  criteriaMissing: (instrument) => missingCriteria(instrument),
};

export const ActivityImport: ActivityImportResolvers = {
  calculation: ({ calculationId }, _, ctx) => present(ctx.load(calculationsById, calculationId)),
  result: ({ calculationId, resultVersion }, _, ctx) =>
    resultVersion ? resultOfVersion(ctx.db, calculationId, resultVersion) : null,
  createdBy: ({ createdBy }) => userOf(createdBy),
};

export const ActivityImportProgress: ActivityImportProgressResolvers = {
  import: ({ importId }, _, ctx) => present(ctx.load(importsById, importId)),
};

export const EmissionsBaseYear: EmissionsBaseYearResolvers = {
  calculation: ({ calculationId }, _, ctx) => present(ctx.load(calculationsById, calculationId)),
  result: ({ resultId }, _, ctx) => present(ctx.load(resultsById, resultId)),
  change: ({ assessment }) => plain(assessment.change),
  changePercent: ({ assessment }) => assessment.percent && plain(assessment.percent),
  significant: ({ assessment }) => assessment.significant,
  recalculatedTonnes: ({ assessment }) => plain(assessment.recalculated),
};

export const BaseYearChange: BaseYearChangeResolvers = {
  counts: (change) => countsForBaseYear(change),
  createdBy: ({ createdBy }) => userOf(createdBy),
};

export const ReductionTarget: ReductionTargetResolvers = {
  reductionPercent: (target) => plain(endOf(target).reductionPercent),
  targetTonnes: (target) => plain(endOf(target).tonnes),
  path: (target) =>
    Array.from({ length: target.targetYear - target.baseYear + 1 }, (_, index) => ({
      year: target.baseYear + index,
      tonnes: plain(tonnesOnPath(target, target.baseYear + index)),
    })),
  latestProgress: async (target, _, ctx) => (await progressOfTarget(ctx, target)).at(-1) ?? null,
};

export const ReductionProgress: ReductionProgressResolvers = {
  tonnes: ({ tonnes }) => plain(tonnes),
  allowedTonnes: ({ allowedTonnes }) => plain(allowedTonnes),
  reductionPercent: ({ reductionPercent }) => reductionPercent && plain(reductionPercent),
  achievedPercent: ({ achievedPercent }) => achievedPercent && plain(achievedPercent),
};
