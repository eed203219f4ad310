/** From the arguments of a factor search to the filter of the rules. */
import type { FactorFilter } from "../domain/find-factors.js";
import { parseUnit, unitKind } from "../domain/units.js";
import type { QueryEmissionFactorsArgs } from "../generated/types.js";

export function filterOf(args: QueryEmissionFactorsArgs): FactorFilter {
  return {
    ...(args.search ? { text: args.search } : {}),
    ...(args.activity ? { activity: args.activity } : {}),
    ...(args.region ? { region: args.region.toUpperCase() } : {}),
    ...(args.year ? { year: args.year } : {}),
    ...(args.scope ? { scope: args.scope } : {}),
    ...(args.scope3Category ? { scope3Category: args.scope3Category } : {}),
    ...(args.factorSet ? { setKeys: [args.factorSet] } : {}),
    ...(args.unit ? { unitKind: unitKind(parseUnit(args.unit).unit) } : {}),
  };
}
