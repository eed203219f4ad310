import {
  approveEmissionCalculation,
  lockEmissionCalculation,
  reviseEmissionCalculation,
} from "../domain/close-calculation.js";
import { createEmissionCalculation, updateEmissionCalculation } from "../domain/create-calculation.js";
import { recordBaseYearChange, setEmissionsBaseYear } from "../domain/keep-base-year.js";
import { createCustomFactor, retireCustomFactor } from "../domain/keep-factors.js";
import { recordContractualInstrument, removeContractualInstrument } from "../domain/keep-instruments.js";
import { createEmissionSite, updateEmissionSite } from "../domain/keep-sites.js";
import { createReductionTarget, removeReductionTarget } from "../domain/keep-targets.js";
import { recalculateEmissions } from "../domain/recalculate-emissions.js";
import {
  acceptEmissionEntry,
  recordEmissionEntry,
  removeEmissionEntry,
  updateEmissionEntry,
} from "../domain/record-entry.js";
import { importEmissionActivities } from "../domain/request-import.js";
import type { EmissionEntryInput, MutationResolvers } from "../generated/types.js";
import { detailsOf } from "./entry-details.js";

const entryOf = (input: EmissionEntryInput) => ({ ...input, details: detailsOf(input.details) });

export const Mutation: MutationResolvers = {
  createEmissionSite: (_, { input }, ctx) => createEmissionSite(ctx, input),
  updateEmissionSite: (_, { id, input }, ctx) => updateEmissionSite(ctx, id, input),
  createEmissionCalculation: (_, { input }, ctx) => createEmissionCalculation(ctx, input),
  updateEmissionCalculation: (_, { id, input }, ctx) => updateEmissionCalculation(ctx, id, input),
  recordEmissionEntry: (_, { calculationId, input }, ctx) => recordEmissionEntry(ctx, calculationId, entryOf(input)),
  updateEmissionEntry: (_, { id, input }, ctx) => updateEmissionEntry(ctx, id, entryOf(input)),
  removeEmissionEntry: (_, { id }, ctx) => removeEmissionEntry(ctx, id),
  acceptEmissionEntry: (_, { id }, ctx) => acceptEmissionEntry(ctx, id),
  recordContractualInstrument: (_, { calculationId, input }, ctx) =>
    recordContractualInstrument(ctx, calculationId, input),
  removeContractualInstrument: (_, { id }, ctx) => removeContractualInstrument(ctx, id),
  importEmissionActivities: (_, args, ctx) => importEmissionActivities(ctx, args),
  recalculateEmissions: (_, { calculationId }, ctx) => recalculateEmissions(ctx, calculationId),
  lockEmissionCalculation: (_, { id }, ctx) => lockEmissionCalculation(ctx, id),
  approveEmissionCalculation: (_, { id }, ctx) => approveEmissionCalculation(ctx, id),
  reviseEmissionCalculation: (_, { id, reason }, ctx) => reviseEmissionCalculation(ctx, id, reason),
  createCustomFactor: (_, { input }, ctx) => createCustomFactor(ctx, input),
  retireCustomFactor: (_, { id }, ctx) => retireCustomFactor(ctx, id),
  setEmissionsBaseYear: (_, args, ctx) => setEmissionsBaseYear(ctx, args),
  recordBaseYearChange: (_, { input }, ctx) => recordBaseYearChange(ctx, input),
  createReductionTarget: (_, { input }, ctx) => createReductionTarget(ctx, input),
  removeReductionTarget: (_, { id }, ctx) => removeReductionTarget(ctx, id),
};
