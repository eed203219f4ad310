import { readBaseYear } from "../domain/keep-base-year.js";
import { reductionProgress } from "../domain/keep-targets.js";
import { findEmissionFactors } from "../domain/search-factors.js";
import type { QueryResolvers } from "../generated/types.js";
import { allSites, calculationsById, pageOfCalculations } from "../queries/calculations.js";
import { importsById } from "../queries/entries.js";
import { currentFactorSets, factorsById } from "../queries/factors.js";
import { allTargets, targetsById } from "../queries/results.js";
import { filterOf } from "./factor-filter.js";

export const Query: QueryResolvers = {
  emissionFactors: (_, args, ctx) => findEmissionFactors(ctx, filterOf(args), args),
  emissionFactor: (_, { id }, ctx) => ctx.load(factorsById, id),
  factorSets: (_, __, ctx) => currentFactorSets(ctx.db),
  emissionSites: (_, __, ctx) => allSites(ctx.db),
  emissionCalculations: (_, args, ctx) => pageOfCalculations(ctx.db, args, args),
  emissionCalculation: (_, { id }, ctx) => ctx.load(calculationsById, id),
  activityImport: (_, { id }, ctx) => ctx.load(importsById, id),
  emissionsBaseYear: (_, __, ctx) => readBaseYear(ctx),
  reductionTargets: (_, __, ctx) => allTargets(ctx.db),
  reductionTarget: (_, { id }, ctx) => ctx.load(targetsById, id),
  reductionProgress: (_, { targetId }, ctx) => reductionProgress(ctx, targetId),
};
