/**
 * From what a person can know (stock lists, spend, units sold, shares held) to an amount a factor applies to, or
 * straight to emissions where somebody else measured them. At most one method per entry; none means quantity times
 * factor. Amounts are decimal strings.
 */
import { massBalance, screenedLeak } from "./account-refrigerant.js";
import { allocateChp } from "./allocate-chp.js";
import {
  type AssetClass,
  endOfLifeMass,
  financedEmissions,
  hybridEmissions,
  lifetimeEnergy,
  spendInFactorMoney,
  withEmptyReturn,
} from "./estimate-scope3.js";
import { type Decimal, decimal, zero } from "./exact-decimal.js";
import type { Method } from "./result-line.js";
import { gasVolumeToKwh } from "./units.js";

type Amount = string;

export interface EntryDetails {
  supplier?: { kgCo2ePerUnit: Amount; biogenicKgCo2PerUnit?: Amount | null };
  /** `supplierOutput` in the unit of the entry: the share bought is quantity ÷ output. */
  hybrid?: {
    supplierKgCo2e: Amount;
    supplierOutput: Amount;
    inputs: readonly { name: string; quantity: Amount; kgCo2ePerUnit: Amount }[];
  };
  spend?: {
    currency?: string | null;
    valueAddedTax?: Amount | null;
    exchangeRate?: Amount | null;
    priceIndexBase?: Amount | null;
    priceIndexYear?: Amount | null;
  };
  /** Quantity: energy or fuel of one use. */
  soldProducts?: { unitsSold: Amount; usesPerLifetime: Amount };
  /** Quantity: mass of one unit. */
  endOfLife?: { unitsSold: Amount; treatedShare: Amount };
  /** Quantity: purchases. */
  refrigerantBalance?: { startStock: Amount; returns: Amount; endStock: Amount; capacityChange: Amount };
  /** Quantity: charge of the equipment. */
  refrigerantScreening?: { leakRatePercent: Amount };
  /** Quantity: outstanding amount. */
  investment?: { assetClass: AssetClass; denominator: Amount; investeeKgCo2e: Amount; dataQuality: number };
  /** Quantity: fuel of the plant; the part for what was bought is counted. */
  chp?: {
    heat: Amount;
    power: Amount;
    bought: "HEAT" | "POWER";
    heatEfficiency?: Amount | null;
    powerEfficiency?: Amount | null;
  };
  /** Quantity: metered volume of gas. Calorific value in MJ/m3. */
  gasVolume?: { calorificValue: Amount; volumeCorrection?: Amount | null };
  /** Quantity: laden transport. */
  emptyReturn?: { emptyShare: Amount; emptyIntensity: Amount };
}

export interface DerivedActivity {
  method: Method;
  quantity: Decimal;
  unit: string;
  heatingValue?: "GROSS";
  /** Emissions known without a factor, kg CO2e; null where a factor is applied to the quantity. */
  knownKg: Decimal | null;
  knownBiogenicKg: Decimal;
}

type Derive<Key extends keyof EntryDetails> = (
  quantity: Amount,
  unit: string,
  details: NonNullable<EntryDetails[Key]>,
) => DerivedActivity | null;

const amount = (method: Method, quantity: Decimal | null, unit: string): DerivedActivity | null =>
  quantity === null ? null : { method, quantity, unit, knownKg: null, knownBiogenicKg: zero };
const known = (method: Method, quantity: Amount, unit: string, knownKg: Decimal | null, biogenic = zero) =>
  knownKg === null ? null : { method, quantity: decimal(quantity), unit, knownKg, knownBiogenicKg: biogenic };

const derivations: { [Key in keyof EntryDetails]-?: Derive<Key> } = {
  supplier: (quantity, unit, { kgCo2ePerUnit, biogenicKgCo2PerUnit }) => {
    const biogenic = decimal(quantity).times(biogenicKgCo2PerUnit ?? 0);
    return known("SUPPLIER_SPECIFIC", quantity, unit, decimal(quantity).times(kgCo2ePerUnit), biogenic);
  },
  hybrid: (quantity, unit, { supplierKgCo2e, supplierOutput, inputs }) => {
    if (decimal(supplierOutput).lte(0)) return null;
    const allocatedShare = decimal(quantity).dividedBy(supplierOutput);
    return known(
      "HYBRID",
      quantity,
      unit,
      hybridEmissions({ supplierEmissions: supplierKgCo2e, allocatedShare, inputs }),
    );
  },
  // An exchange rate brings money of any currency to the factor's own: `currency`, or US dollars.
  spend: (quantity, unit, { currency, ...rates }) =>
    amount(
      "SPEND_BASED",
      spendInFactorMoney({ value: quantity, ...rates }),
      currency ?? (rates.exchangeRate ? "USD" : unit),
    ),
  soldProducts: (quantity, unit, details) =>
    amount("SOLD_PRODUCT_USE", lifetimeEnergy({ energyPerUse: quantity, ...details }), unit),
  endOfLife: (quantity, unit, details) =>
    amount("END_OF_LIFE_TREATMENT", endOfLifeMass({ massPerUnit: quantity, ...details }), unit),
  refrigerantBalance: (quantity, unit, details) =>
    amount("REFRIGERANT_MASS_BALANCE", massBalance({ purchases: quantity, ...details }), unit),
  refrigerantScreening: (quantity, unit, { leakRatePercent }) =>
    amount("REFRIGERANT_SCREENING", screenedLeak({ charge: quantity, leakRatePercent }), unit),
  investment: (quantity, unit, { investeeKgCo2e, ...details }) => {
    const financed = financedEmissions({ outstanding: quantity, investeeEmissions: investeeKgCo2e, ...details });
    return known("INVESTMENT_ATTRIBUTION", quantity, unit, financed);
  },
  chp: (quantity, unit, { heat, power, bought, heatEfficiency, powerEfficiency }) => {
    const efficiencies = {
      ...(heatEfficiency ? { heatEfficiency } : {}),
      ...(powerEfficiency ? { powerEfficiency } : {}),
    };
    const parts = allocateChp({ emissions: quantity, heat, power, ...efficiencies });
    return amount("CHP_ALLOCATION", parts && (bought === "HEAT" ? parts.heat : parts.power), unit);
  },
  gasVolume: (volume, unit, { calorificValue, volumeCorrection }) => {
    const kwh = gasVolumeToKwh({ volume, unit, calorificValue, volumeCorrection: volumeCorrection ?? "1.02264" });
    const derived = amount("GAS_VOLUME", decimal(kwh), "kWh");
    return derived && { ...derived, heatingValue: "GROSS" };
  },
  emptyReturn: (quantity, unit, { emptyShare, emptyIntensity }) =>
    amount("DISTANCE_WITH_EMPTY_RETURN", withEmptyReturn(quantity, emptyShare, emptyIntensity), unit),
};

export const detailKinds = Object.keys(derivations) as readonly (keyof EntryDetails)[];

/** The methods an entry names; more than one cannot be worked off. */
export const namedDetails = (details: EntryDetails): (keyof EntryDetails)[] =>
  detailKinds.filter((kind) => details[kind] != null);

/** Null when the details cannot be worked with: a denominator of zero, a plant without output. */
export function deriveActivity(quantity: Amount, unit: string, details: EntryDetails): DerivedActivity | null {
  const [kind] = namedDetails(details);
  if (!kind) return amount("ACTIVITY_TIMES_FACTOR", decimal(quantity), unit);
  const derive = derivations[kind] as Derive<typeof kind>;
  return derive(quantity, unit, details[kind] as never);
}

/** Where such an entry belongs when it does not say: sold products, their end of life, and investments. */
export function impliedCategory(details: EntryDetails): number | null {
  if (details.soldProducts) return 11;
  if (details.endOfLife) return 12;
  if (details.investment) return 15;
  return details.supplier || details.hybrid ? 1 : null;
}
