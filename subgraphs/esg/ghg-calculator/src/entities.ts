/** How each type of this module is read by id. */
import { calculationsById, instrumentsById, sitesById } from "./queries/calculations.js";
import { entriesById, importsById } from "./queries/entries.js";
import { factorSetsById, factorsById } from "./queries/factors.js";
import { resultsById, targetsById } from "./queries/results.js";

export const entities = {
  EmissionFactor: factorsById,
  FactorSet: factorSetsById,
  EmissionSite: sitesById,
  EmissionCalculation: calculationsById,
  EmissionResult: resultsById,
  EmissionEntry: entriesById,
  ContractualInstrument: instrumentsById,
  ActivityImport: importsById,
  ReductionTarget: targetsById,
};
