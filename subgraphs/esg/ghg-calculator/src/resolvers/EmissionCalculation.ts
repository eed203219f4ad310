import { investmentDataQuality } from "../domain/grade-investments.js";
import type { EmissionCalculationResolvers, EmissionResultResolvers } from "../generated/types.js";
import { calculationsById, instrumentsOfCalculations } from "../queries/calculations.js";
import { importsOfCalculations, pageOfEntries } from "../queries/entries.js";
import { latestResults, pageOfLines, resultOfVersion, resultsOfCalculations } from "../queries/results.js";
import { present } from "./present.js";
import { userOf } from "./user.js";

export const EmissionCalculation: EmissionCalculationResolvers = {
  start: ({ periodStart }) => periodStart,
  end: ({ periodEnd }) => periodEnd,
  revisionOf: ({ revisionOf }, _, ctx) => (revisionOf ? ctx.load(calculationsById, revisionOf) : null),
  latestResult: ({ id, latestVersion }, _, ctx) => (latestVersion > 0 ? ctx.load(latestResults, id) : null),
  results: ({ id }, _, ctx) => ctx.loadList(resultsOfCalculations, id),
  result: ({ id }, { version }, ctx) => resultOfVersion(ctx.db, id, version),
  entries: ({ id }, { pendingReview, ...page }, ctx) => pageOfEntries(ctx.db, id, pendingReview ?? null, page),
  instruments: ({ id }, _, ctx) => ctx.loadList(instrumentsOfCalculations, id),
  imports: ({ id }, _, ctx) => ctx.loadList(importsOfCalculations, id),
  investmentDataQuality: ({ id }, _, ctx) => investmentDataQuality(ctx, id),
  createdBy: ({ createdBy }) => userOf(createdBy),
  lockedBy: ({ lockedBy }) => userOf(lockedBy),
  approvedBy: ({ approvedBy }) => userOf(approvedBy),
};

export const EmissionResult: EmissionResultResolvers = {
  calculation: ({ calculationId }, _, ctx) => present(ctx.load(calculationsById, calculationId)),
  calculatedBy: ({ calculatedBy }) => userOf(calculatedBy),
  lines: ({ id }, { scope, ...page }, ctx) => pageOfLines(ctx.db, id, scope ?? null, page),
};
