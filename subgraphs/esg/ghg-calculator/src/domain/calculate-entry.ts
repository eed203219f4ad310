/** The lines of one entry: its own emissions, what its energy caused upstream, and biogenic CO2 apart. */
import { errors } from "../errors.js";
import type { EmissionScope, Factor, GwpBasis, HeatingValue } from "../reference/pack.js";
import type { Pedigree } from "./combine-uncertainty.js";
import { pedigreePercent, uncertaintyOfProduct } from "./combine-uncertainty.js";
import { type ConsolidationApproach, consolidationShare, type Ownership } from "./consolidate.js";
import {
  type DerivedActivity,
  deriveActivity,
  type EntryDetails,
  impliedCategory,
  namedDetails,
} from "./derive-activity.js";
import { gridLossEmissions } from "./estimate-scope3.js";
import { type Decimal, decimal, zero } from "./exact-decimal.js";
import type { FactorChoice, FactorRequest } from "./find-factors.js";
import { type Remark, type ResultLine, scaleGases } from "./result-line.js";
import { commonDays, type DayRange, daysIn } from "./split-period.js";
import { convert, unitKind } from "./units.js";
import { type WeighedFactor, weighFactor } from "./weigh-factor.js";

/** What a calculation decides for all its entries. */
export interface CalculationBasis {
  period: DayRange;
  gwpBasis: GwpBasis;
  consolidation: ConsolidationApproach;
  /** Set keys in order of preference; empty: the newest set of the region that covers the date. */
  factorSets: readonly string[];
  /** Where an entry says no region and its site has none. */
  region: string;
  /** Adds category 3: well-to-tank of fuels and electricity, grid losses. */
  automaticCategory3: boolean;
  /** Adds well-to-tank to scope 3 activities, in their own category. */
  upstreamOfScope3: boolean;
}

export interface CalculationSite extends Ownership {
  id: string;
  name: string;
  region: string;
}

export interface CalculationEntry {
  id: string;
  site: CalculationSite | null;
  activity: string;
  quantity: string;
  unit: string;
  heatingValue: HeatingValue | null;
  period: DayRange;
  region: string | null;
  factorId: string | null;
  scope: EmissionScope | null;
  scope3Category: number | null;
  details: EntryDetails;
  instrumentId: string | null;
  supplierId: string | null;
  intraGroup: boolean;
  uncertaintyPercent: string | null;
  factorUncertaintyPercent: string | null;
  pedigree: Pedigree | null;
}

/** Where factors come from. `choose` and `byId` throw coded errors when there is none. */
export interface FactorSource {
  choose(request: FactorRequest): FactorChoice;
  byId(id: string): Factor;
  /** The row a factor points to, from the same set; null when the set does not hold it. */
  linked(key: string, from: Factor): Factor | null;
}

export const regionOf = (entry: CalculationEntry, basis: CalculationBasis): string =>
  entry.region ?? entry.site?.region ?? basis.region;

/** Everything the lines of one entry have in common. */
interface Facts {
  entry: CalculationEntry;
  basis: CalculationBasis;
  derived: DerivedActivity;
  /** The days of the entry inside the period, and how large a part of its quantity they are. */
  days: DayRange;
  within(quantity: Decimal): Decimal;
  share: Decimal;
  remarks: Remark[];
}

/** Lines in a fixed order: own emissions, upstream, biogenic. Market-based lines of scope 2 come from the covers. */
export function calculateEntry(entry: CalculationEntry, basis: CalculationBasis, factors: FactorSource): ResultLine[] {
  const facts = factsOf(entry, basis);
  if (facts.derived.knownKg !== null) return [knownLine(facts, facts.derived.knownKg)];
  const { factor, remarks } = pickFactor(facts, factors);
  const own = factorLine({ ...facts, remarks: [...facts.remarks, ...remarks] }, factor, {});
  return [own, ...upstreamLines(facts, factor, own, factors), ...linkedLines(facts, factor, own, factors)];
}

function factsOf(entry: CalculationEntry, basis: CalculationBasis): Facts {
  const named = namedDetails(entry.details);
  if (named.length > 1) {
    throw errors.INVALID_DETAILS({ reason: `name one method, not ${named.join(" and ")}.` });
  }
  const derived = deriveActivity(entry.quantity, entry.unit, entry.details);
  if (derived?.quantity.lessThan(0))
    throw errors.INVALID_DETAILS({ reason: "they come to less than zero: check the stocks." });
  if (!derived) throw errors.INVALID_DETAILS({ reason: `${named[0]} divides by zero.` });
  const days = commonDays(entry.period, basis.period);
  if (!days) throw errors.ENTRY_OUTSIDE_PERIOD({ ...entry.period });
  const whole = daysIn(days) === daysIn(entry.period);
  return {
    entry,
    basis,
    derived,
    days,
    // Multiplied first, so that whole days of a whole quantity stay exact.
    within: (quantity) => (whole ? quantity : quantity.times(daysIn(days)).dividedBy(daysIn(entry.period))),
    share: entry.intraGroup ? zero : consolidationShare(basis.consolidation, entry.site),
    remarks: [...(whole ? [] : ["PART_OF_PERIOD" as const]), ...(entry.intraGroup ? ["INTRA_GROUP" as const] : [])],
  };
}

function pickFactor(
  { entry, basis, derived, days }: Facts,
  factors: FactorSource,
): { factor: Factor; remarks: Remark[] } {
  if (entry.factorId) return { factor: factors.byId(entry.factorId), remarks: [] };
  const choice = factors.choose({
    activity: entry.activity,
    unit: derived.unit,
    heatingValue: derived.heatingValue ?? entry.heatingValue,
    region: regionOf(entry, basis),
    date: days.end,
    factorSets: basis.factorSets,
    ...(entry.supplierId ? { supplierId: entry.supplierId } : {}),
  });
  return {
    factor: choice.factor,
    remarks: [
      ...(choice.outsideValidity ? ["OUTSIDE_FACTOR_VALIDITY" as const] : []),
      ...(choice.outsideRegion ? ["OUTSIDE_FACTOR_REGION" as const] : []),
      ...(choice.heatingValueAssumed ? ["GROSS_HEATING_VALUE_ASSUMED" as const] : []),
    ],
  };
}

/** Where the entry's own emissions are reported: what it says itself, what its method implies, what the factor says. */
function placeOf(
  entry: CalculationEntry,
  factor: Factor | null,
): { scope: EmissionScope; scope3Category: number | null } {
  const category = entry.scope3Category ?? impliedCategory(entry.details);
  const scope = entry.scope ?? (category !== null ? "SCOPE_3" : (factor?.scope ?? "SCOPE_3"));
  if (scope !== "SCOPE_3") return { scope, scope3Category: null };
  const scope3Category = category ?? factor?.scope3Categories[0] ?? null;
  if (scope3Category === null) throw errors.CATEGORY_REQUIRED();
  return { scope, scope3Category };
}

function commonFields({ entry, derived, share, remarks }: Facts) {
  return {
    entryId: entry.id,
    siteId: entry.site?.id ?? null,
    siteName: entry.site?.name ?? null,
    activity: entry.activity,
    method: derived.method,
    quantity: decimal(entry.quantity),
    unit: entry.unit,
    instrumentId: null,
    share,
    uncertaintyPercent: uncertaintyOf(entry),
    remarks,
  };
}

/** Activity data and factor multiplied (eq. 3.1); null when the entry states no uncertainty at all. */
function uncertaintyOf({ uncertaintyPercent, factorUncertaintyPercent, pedigree }: CalculationEntry): Decimal | null {
  const stated = [uncertaintyPercent, factorUncertaintyPercent, pedigree && pedigreePercent(pedigree)];
  const percents = stated.filter((percent) => percent !== null);
  return percents.length === 0 ? null : uncertaintyOfProduct(percents);
}

function knownLine(facts: Facts, knownKg: Decimal): ResultLine {
  const place = placeOf(facts.entry, null);
  const kgCo2e = facts.within(knownKg).times(facts.share);
  const quantity = facts.within(facts.derived.quantity);
  return {
    ...commonFields(facts),
    ...place,
    scope2Basis: place.scope === "SCOPE_2" ? "LOCATION" : null,
    stage: "DIRECT",
    convertedQuantity: quantity,
    convertedUnit: facts.derived.unit,
    factor: null,
    kgPerUnit: facts.derived.quantity.isZero() ? zero : knownKg.dividedBy(facts.derived.quantity),
    kgCo2e,
    biogenicKgCo2: facts.within(facts.derived.knownBiogenicKg).times(facts.share),
    gases: kgCo2e.isZero() ? {} : { UNSPLIT: kgCo2e },
  };
}

/** Quantity in the unit of the factor. Money is never converted: the entry must bring the factor's currency. */
function inUnitOf(factor: Factor, quantity: Decimal, unit: string): Decimal {
  if (unit !== factor.unit && unitKind(factor.unit) === "money") {
    throw errors.CURRENCY_DIFFERS({ factorUnit: factor.unit, unit });
  }
  return decimal(convert(quantity, unit, factor.unit));
}

function factorLine(facts: Facts, factor: Factor, place: Partial<ResultLine>): ResultLine {
  const weighed = weighFactor(factor, facts.basis.gwpBasis);
  const convertedQuantity = inUnitOf(factor, facts.within(facts.derived.quantity), facts.derived.unit);
  const own = place.scope ? null : placeOf(facts.entry, factor);
  return {
    ...commonFields(facts),
    scope: own?.scope ?? factor.scope,
    scope3Category: own?.scope3Category ?? null,
    scope2Basis: own?.scope === "SCOPE_2" ? "LOCATION" : null,
    stage: factor.stage,
    convertedQuantity,
    convertedUnit: factor.unit,
    factor: traceOf(factor),
    ...emissionsOf(weighed, convertedQuantity.times(facts.share)),
    ...place,
    remarks: [...facts.remarks, ...weighed.remarks],
  };
}

const traceOf = ({ id, key, activity, setKey, year, region }: Factor) => ({ id, key, activity, setKey, year, region });

function emissionsOf(weighed: WeighedFactor, quantity: Decimal) {
  const onlyBiogenic = weighed.kgPerUnit.isZero() && !weighed.biogenicPerUnit.isZero();
  return {
    kgPerUnit: onlyBiogenic ? weighed.biogenicPerUnit : weighed.kgPerUnit,
    kgCo2e: weighed.kgPerUnit.times(quantity),
    biogenicKgCo2: weighed.biogenicPerUnit.times(quantity),
    gases: scaleGases(weighed.gases, quantity),
  };
}

/** Well-to-tank and grid losses, in category 3 for own energy and in the activity's own category for scope 3. */
function upstreamLines(facts: Facts, factor: Factor, own: ResultLine, factors: FactorSource): ResultLine[] {
  if (factor.stage !== "DIRECT" || own.scope === "OUTSIDE_OF_SCOPES") return [];
  const wanted = own.scope === "SCOPE_3" ? facts.basis.upstreamOfScope3 : facts.basis.automaticCategory3;
  if (!wanted) return [];
  const place = { scope: "SCOPE_3", scope3Category: own.scope3Category ?? 3, scope2Basis: null } as const;
  const linked = [factor.wttKey, factor.tdKey, factor.wttTdKey]
    .map((key) => (key ? factors.linked(key, factor) : null))
    .filter((upstream) => upstream !== null)
    .map((upstream) => factorLine(facts, upstream, place));
  return [...linked, ...gridLossLine(factor, own, place)];
}

function gridLossLine(factor: Factor, own: ResultLine, place: Partial<ResultLine>): ResultLine[] {
  const kgCo2e = factor.lossFraction === null ? null : gridLossEmissions(own.kgCo2e, factor.lossFraction);
  if (kgCo2e === null) return [];
  const perKg = own.kgCo2e.isZero() ? zero : kgCo2e.dividedBy(own.kgCo2e);
  const loss = { stage: "TD", method: "GRID_LOSS", biogenicKgCo2: zero, gases: scaleGases(own.gases, perKg) } as const;
  return [{ ...own, ...place, ...loss, kgPerUnit: own.kgPerUnit.times(perKg), kgCo2e }];
}

/** Biogenic CO2 of the same fuel, and the grid power of a plug-in vehicle. */
function linkedLines(facts: Facts, factor: Factor, own: ResultLine, factors: FactorSource): ResultLine[] {
  const biogenic = factor.biogenicKey ? factors.linked(factor.biogenicKey, factor) : null;
  const power = factor.electricityKey ? factors.linked(factor.electricityKey, factor) : null;
  const outside = { scope: "OUTSIDE_OF_SCOPES", scope3Category: null, scope2Basis: null } as const;
  const plug =
    own.scope === "SCOPE_3"
      ? ({ scope: "SCOPE_3", scope3Category: own.scope3Category, scope2Basis: null } as const)
      : ({ scope: "SCOPE_2", scope3Category: null, scope2Basis: "LOCATION" } as const);
  return [
    ...(power ? [factorLine(facts, power, plug)] : []),
    ...(biogenic ? [factorLine(facts, biogenic, outside)] : []),
  ];
}
