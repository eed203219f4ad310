/**
 * What one unit of an activity emits under the GWP basis of a calculation. A factor published on that basis is taken as
 * printed; on another basis its gases are weighted again, and a refrigerant is recomputed from its composition.
 */
import { CodedError } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { co2eOf, type RefrigerantGwp, refrigerantGwp } from "../reference/gwp.js";
import type { Factor, GwpBasis } from "../reference/pack.js";
import { type Decimal, decimal, sum, zero } from "./exact-decimal.js";
import { addGas, type Gases, gasGroupOf, type Remark } from "./result-line.js";

export interface WeighedFactor {
  kgPerUnit: Decimal;
  biogenicPerUnit: Decimal;
  /** kg CO2e per unit by group of gases; adds up to `kgPerUnit`. */
  gases: Gases;
  remarks: Remark[];
}

const refrigerantPrefix = "refrigerant-";

/** Weighed once per factor and basis; factors are values and never change. */
const weighedBefore = new WeakMap<Factor, Map<GwpBasis, WeighedFactor>>();

export function weighFactor(factor: Factor, basis: GwpBasis): WeighedFactor {
  const known = weighedBefore.get(factor) ?? new Map<GwpBasis, WeighedFactor>();
  const weighed = known.get(basis) ?? weigh(factor, basis);
  weighedBefore.set(factor, known.set(basis, weighed));
  return weighed;
}

function weigh(factor: Factor, basis: GwpBasis): WeighedFactor {
  if (factor.stage === "BIOGENIC" || factor.scope === "OUTSIDE_OF_SCOPES") return weighBiogenic(factor, basis);
  const asPrinted = factor.kgCo2e !== null && (factor.gwpBasis === basis || factor.gwpBasis === null);
  if (asPrinted) return withSplit(decimal(factor.kgCo2e ?? 0), factor, basis);
  if (factor.gases.length > 0) return fromGases(factor, basis);
  const recomputed = factor.activity.startsWith(refrigerantPrefix) ? fromRefrigerant(factor, basis) : null;
  if (recomputed) return recomputed;
  if (factor.kgCo2e === null) throw errors.FACTOR_NOT_PUBLISHED({ key: factor.key });
  return { ...unsplit(decimal(factor.kgCo2e)), remarks: ["GWP_BASIS_OF_PUBLISHER"] };
}

const unsplit = (kgPerUnit: Decimal): WeighedFactor => ({
  kgPerUnit,
  biogenicPerUnit: zero,
  gases: kgPerUnit.isZero() ? {} : { UNSPLIT: kgPerUnit },
  remarks: [],
});

function weighBiogenic(factor: Factor, basis: GwpBasis): WeighedFactor {
  const stated = factor.gases.length > 0 ? co2eOf(factor.gases, basis, factor.gwpBasis).biogenicKgCo2 : "0";
  const biogenicPerUnit = decimal(stated).isZero() ? decimal(factor.kgCo2e ?? 0) : decimal(stated);
  return { kgPerUnit: zero, biogenicPerUnit, gases: {}, remarks: [] };
}

function fromGases(factor: Factor, basis: GwpBasis): WeighedFactor {
  const { kgCo2e, byGas, biogenicKgCo2 } = co2eOf(factor.gases, basis, factor.gwpBasis);
  return { kgPerUnit: decimal(kgCo2e), biogenicPerUnit: decimal(biogenicKgCo2), gases: group(byGas), remarks: [] };
}

/** The printed total with its split; what the split leaves open is shown as unsplit, never shared out. */
function withSplit(kgPerUnit: Decimal, factor: Factor, basis: GwpBasis): WeighedFactor {
  if (factor.gases.length === 0) {
    return factor.activity.startsWith(refrigerantPrefix)
      ? withComposition(kgPerUnit, factor, basis)
      : unsplit(kgPerUnit);
  }
  const split = fromGases(factor, basis);
  const rest = kgPerUnit.minus(sum(Object.values(split.gases)));
  const gases = rest.isZero() ? split.gases : addGas(split.gases, "UNSPLIT", rest);
  return { ...split, kgPerUnit, gases };
}

/** All under the one group of gases the refrigerant is made of; unsplit when it mixes groups or is not known. */
function withComposition(kgPerUnit: Decimal, factor: Factor, basis: GwpBasis): WeighedFactor {
  const composition = knownRefrigerant(factor, basis)?.composition ?? [];
  const [group, ...others] = new Set(composition.map(({ gas }) => gasGroupOf(gas)));
  const single = group !== undefined && others.length === 0 && !kgPerUnit.isZero();
  return single ? { ...unsplit(kgPerUnit), gases: { [group]: kgPerUnit } } : unsplit(kgPerUnit);
}

/** Recomputed under another basis; null for a blend whose composition is not published. */
function fromRefrigerant(factor: Factor, basis: GwpBasis): WeighedFactor | null {
  const known = knownRefrigerant(factor, basis);
  return known && withComposition(decimal(known.gwp), factor, basis);
}

function knownRefrigerant(factor: Factor, basis: GwpBasis): RefrigerantGwp | null {
  try {
    return refrigerantGwp(refrigerantName(factor), basis);
  } catch (error) {
    if (error instanceof CodedError && error.code === "GWP_UNKNOWN") return null;
    throw error;
  }
}

const refrigerantName = ({ activity }: Factor): string => activity.slice(refrigerantPrefix.length).toUpperCase();

function group(byGas: Record<string, string>): Gases {
  return Object.entries(byGas)
    .filter(([gas]) => gas !== "CO2_BIOGENIC")
    .reduce<Gases>((gases, [gas, kg]) => addGas(gases, gasGroupOf(gas), decimal(kg)), {});
}
