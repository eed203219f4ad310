/**
 * Units of activity data. Conversion is exact: every unit is a decimal multiple of the base unit of its kind, taken from
 * its definition (international pound, yard and IT British thermal unit; US gallon 231 in³; toe as IEA defines it).
 */
import { errors } from "../errors.js";
import type { HeatingValue } from "../reference/pack.js";
import { type Decimal, decimal, type Numeric } from "./exact-decimal.js";
import { ambiguousTexts, exactTexts, unitNames } from "./unit-names.js";

export type UnitKind =
  | "energy"
  | "volume"
  | "mass"
  | "distance"
  | "passenger-distance"
  | "freight"
  | "accommodation"
  | "working-time"
  | "area"
  | "money";
/** One of the codes below, or an ISO 4217 currency code. */
export type UnitCode = string;

export interface ParsedUnit {
  unit: UnitCode;
  /** Said in the text, such as "kWh (Gross CV)"; null when not said. */
  heatingValue: HeatingValue | null;
}

/** Multiples of MJ, m3, kg, km, passenger_km, tonne_km, room_night, hour and m2. */
const multiples: Readonly<Record<Exclude<UnitKind, "money">, Readonly<Record<UnitCode, string>>>> = {
  energy: {
    J: "0.000001",
    MJ: "1",
    GJ: "1000",
    TJ: "1000000",
    kWh: "3.6",
    MWh: "3600",
    GWh: "3600000",
    Btu: "0.00105505585262",
    kBtu: "1.05505585262",
    mmBtu: "1055.05585262",
    therm: "105.505585262",
    toe: "41868",
  },
  volume: {
    millilitre: "0.000001",
    litre: "0.001",
    m3: "1",
    million_litre: "1000",
    us_gallon: "0.003785411784",
    uk_gallon: "0.00454609",
    us_barrel: "0.158987294928",
    ft3: "0.028316846592",
    ccf: "2.8316846592",
    mcf: "28.316846592",
  },
  mass: {
    g: "0.001",
    kg: "1",
    t: "1000",
    lb: "0.45359237",
    short_ton: "907.18474",
    long_ton: "1016.0469088",
  },
  distance: { m: "0.001", km: "1", mile: "1.609344", nautical_mile: "1.852" },
  "passenger-distance": { passenger_km: "1", passenger_mile: "1.609344" },
  freight: {
    kg_km: "0.001",
    tonne_km: "1",
    tonne_mile: "1.609344",
    short_ton_mile: "1.45997231821056",
  },
  accommodation: { room_night: "1" },
  "working-time": { hour: "1" },
  area: { m2: "1", ft2: "0.09290304", hectare: "10000" },
};

interface Definition {
  kind: UnitKind;
  multiple: Decimal;
}
const definitions = new Map<UnitCode, Definition>(
  Object.entries(multiples).flatMap(([kind, units]) =>
    Object.entries(units).map(([unit, multiple]) => [unit, { kind: kind as UnitKind, multiple: decimal(multiple) }]),
  ),
);
const currencies = new Set(Intl.supportedValuesOf("currency"));

/**
 * Reads a unit as bills, logs and publishers write it: `kWh (Gross CV)`, `t·km`, `Therms`, `m³`, `per room night`, `£`.
 * Case only matters where it changes the meaning: `mWh` (milli) is refused, `MWH` and `mwh` are megawatt hours.
 * @throws UNKNOWN_UNIT; AMBIGUOUS_UNIT naming the meanings, as for a bare `gal` or `ton`
 */
export function parseUnit(text: string): ParsedUnit {
  const { words, heatingValue } = splitHeatingValue(text);
  const unit = knownUnit(words);
  if (unit && (heatingValue === null || unitKind(unit) === "energy")) return { unit, heatingValue };
  const meanings = ambiguousTexts.get(words) ?? ambiguousTexts.get(lettersOf(words));
  if (meanings) throw errors.AMBIGUOUS_UNIT({ unit: text, meanings: meanings.join(" or ") });
  throw errors.UNKNOWN_UNIT({ unit: text });
}

function knownUnit(words: string): UnitCode | undefined {
  if (definitions.has(words) || currencies.has(words)) return words;
  const exact = exactTexts.get(words);
  if (exact !== undefined) return exact ?? undefined;
  const letters = lettersOf(words);
  return unitNames.get(letters) ?? unitNames.get(letters.replace(/s$/, ""));
}

const grossWords = /\b(gross|gcv|hhv|higher heating value)\b/i;
const netWords = /\b(net|ncv|lhv|lower heating value)\b/i;

function splitHeatingValue(text: string): { words: string; heatingValue: HeatingValue | null } {
  const heatingValue = grossWords.test(text) ? "GROSS" : netWords.test(text) ? "NET" : null;
  const bare = heatingValue
    ? text
        .replace(grossWords, " ")
        .replace(netWords, " ")
        .replace(/\bcv\b|[()]/gi, " ")
    : text;
  const words = bare
    .trim()
    .replace(/^per\s+/i, "")
    .trim();
  return { words, heatingValue };
}

/** Lower-case letters and digits only: "t·km", "T-KM" and "tkm" read the same. */
const lettersOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll("³", "3")
    .replaceAll("²", "2")
    .replace(/[^a-z0-9£€$]/g, "");

/** @throws UNKNOWN_UNIT for anything but a unit code or an ISO 4217 currency code */
export function unitKind(unit: UnitCode): UnitKind {
  const kind = definitions.get(unit)?.kind ?? (currencies.has(unit) ? "money" : undefined);
  if (!kind) throw errors.UNKNOWN_UNIT({ unit });
  return kind;
}

/** Whether an amount in one unit can be stated in the other. Two currencies cannot: that takes an exchange rate. */
export const convertible = (from: UnitCode, to: UnitCode): boolean =>
  from === to || (unitKind(from) === unitKind(to) && unitKind(from) !== "money");

/** All unit codes except currencies, by kind. */
export const unitsOf = (kind: Exclude<UnitKind, "money">): UnitCode[] => Object.keys(multiples[kind]);

/**
 * Restates an amount in another unit of the same kind, to forty significant digits.
 * @throws UNIT_KINDS_DIFFER naming both units; INVALID_QUANTITY for what is no finite number; UNKNOWN_UNIT
 */
export function convert(amount: Numeric, from: UnitCode, to: UnitCode): Decimal {
  const quantity = readQuantity(amount);
  if (!convertible(from, to)) {
    throw errors.UNIT_KINDS_DIFFER({ from, to, fromKind: unitKind(from), toKind: unitKind(to) });
  }
  if (from === to) return quantity;
  return quantity.times(multipleOf(from)).dividedBy(multipleOf(to));
}

const multipleOf = (unit: UnitCode): Decimal => definitions.get(unit)?.multiple ?? decimal(1);

/** @throws INVALID_QUANTITY */
function readQuantity(amount: Numeric): Decimal {
  const text = String(amount);
  // The pattern also keeps out what decimal.js would take besides: hexadecimal, binary, Infinity.
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text)) throw errors.INVALID_QUANTITY({ quantity: text });
  return decimal(amount);
}

export interface GasVolume {
  volume: Numeric;
  /** A unit of volume. */
  unit: UnitCode;
  /** MJ per m3, gross, as printed on the bill (in Great Britain 37.5 to 43). */
  calorificValue: Numeric;
  /** Correction to standard temperature and pressure as printed on the bill; `standardVolumeCorrection` where it prints none. */
  volumeCorrection: Numeric;
}

/** Correction for small meters in Great Britain: Gas (Calculation of Thermal Energy) Regulations 1996. */
export const standardVolumeCorrection = "1.02264";

/** Energy of metered gas in kWh, gross: m3 × correction × calorific value ÷ 3.6. */
export function gasVolumeToKwh({ volume, unit, calorificValue, volumeCorrection }: GasVolume): Decimal {
  const cubicMetres = convert(volume, unit, "m3");
  return cubicMetres.times(readQuantity(volumeCorrection)).times(readQuantity(calorificValue)).dividedBy("3.6");
}
