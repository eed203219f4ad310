/**
 * Finding factors: a ranked text search, and the choice of the one factor an activity is calculated with. Both are pure;
 * the caller reads the rows.
 */
import { errors } from "../errors.js";
import type { EmissionScope, Factor, HeatingValue, Stage } from "../reference/pack.js";
import { convert, convertible, type UnitCode, type UnitKind, unitKind } from "./units.js";

export interface FactorFilter {
  text?: string;
  activity?: string;
  unit?: UnitCode;
  unitKind?: UnitKind;
  /** Factors of this region and of those it lies in: US-CAMX → US → GLOBAL. */
  region?: string;
  year?: number;
  scope?: EmissionScope;
  scope3Category?: number;
  stage?: Stage;
  setKeys?: readonly string[];
}

export interface FactorRequest {
  activity: string;
  unit: UnitCode;
  /** Not said: GROSS is assumed where the publisher tells the two apart, and flagged. */
  heatingValue?: HeatingValue | null;
  region: string;
  /** yyyy-mm-dd */
  date: string;
  scope?: EmissionScope;
  scope3Category?: number;
  supplierId?: string;
  /** Set keys in order of preference; empty: by region and date. */
  factorSets: readonly string[];
}

export type ChoiceReason = "CUSTOM" | "SUPPLIER" | "CHOSEN_SET" | "NEWEST_SET";

export interface FactorChoice {
  factor: Factor;
  because: ChoiceReason;
  /** A chosen set that does not cover the date: allowed, since it was chosen, but to be shown. */
  outsideValidity: boolean;
  /** A chosen set of another region, for an activity whose place matters little: likewise. */
  outsideRegion: boolean;
  heatingValueAssumed: boolean;
}

/** Everyday words people search by → what publishers write. */
const everydayWords: Readonly<Record<string, string>> = {
  lorry: "hgv",
  truck: "hgv",
  gasoline: "petrol",
  plane: "flight",
  train: "rail",
  ev: "battery electric",
  phev: "plug in hybrid",
  msw: "municipal",
  coolant: "refrigerant",
};

/** Lower-case words of a text: letters and digits. Match each against `search_text`. */
export const searchWords = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** What a factor is found by: its path, its activity and the everyday words for it, in lower case. */
export function searchTextOf({ path, activity }: Pick<Factor, "path" | "activity">): string {
  const words = searchWords([...path, activity].join(" "));
  const spoken = ` ${words.join(" ")} `;
  const everyday = Object.entries(everydayWords).filter(([, published]) => spoken.includes(` ${published} `));
  return [...new Set([...words, ...everyday.map(([word]) => word)])].join(" ");
}

/** Factors that fit the filter; those with a text must contain all its words, the closest come first. */
export function searchFactors(factors: readonly Factor[], filter: FactorFilter): Factor[] {
  const words = searchWords(filter.text ?? "");
  return factors
    .filter((factor) => fits(factor, filter))
    .map((factor) => ({ factor, distance: distanceTo(factor, words) }))
    .filter(({ distance }) => distance !== null)
    .sort((a, b) => (a.distance ?? 0) - (b.distance ?? 0) || byPlainness(a.factor, b.factor))
    .map(({ factor }) => factor);
}

function fits(factor: Factor, filter: FactorFilter): boolean {
  return (
    (filter.activity === undefined || factor.activity === filter.activity) &&
    (filter.unit === undefined || factor.unit === filter.unit) &&
    (filter.unitKind === undefined || unitKind(factor.unit) === filter.unitKind) &&
    (filter.region === undefined || regionsAround(filter.region).includes(factor.region)) &&
    (filter.year === undefined || factor.year === filter.year) &&
    (filter.scope === undefined || factor.scope === filter.scope) &&
    (filter.scope3Category === undefined || factor.scope3Categories.includes(filter.scope3Category)) &&
    (filter.stage === undefined || factor.stage === filter.stage) &&
    (filter.setKeys === undefined || filter.setKeys.includes(factor.setKey))
  );
}

/** 0 for a slug of exactly these words; null when a word is missing; whole words count as closer than parts of words. */
function distanceTo(factor: Factor, words: readonly string[]): number | null {
  const known = searchTextOf(factor).split(" ");
  const slug = factor.activity.split("-");
  let distance = words.length > 0 ? slug.filter((part) => !words.includes(part)).length : 0;
  for (const word of words) {
    if (slug.includes(word)) continue;
    if (known.includes(word)) distance += 2;
    else if (known.some((other) => other.startsWith(word))) distance += 4;
    else if (known.some((other) => other.includes(word))) distance += 8;
    else return null;
  }
  return distance;
}

const stages: readonly Stage[] = ["DIRECT", "BIOGENIC", "WTT", "TD", "WTT_TD"];
const byPlainness = (a: Factor, b: Factor): number =>
  stages.indexOf(a.stage) - stages.indexOf(b.stage) ||
  b.year - a.year ||
  a.activity.length - b.activity.length ||
  a.key.localeCompare(b.key);

/** A region and those it lies in, nearest first. */
export function regionsAround(region: string): string[] {
  const parts = region.split("-");
  const chain = parts.map((_, index) => parts.slice(0, parts.length - index).join("-"));
  return region === "GLOBAL" ? chain : [...chain, "GLOBAL"];
}

/** Whether a factor's validity covers a day. */
export const coversDate = (factor: Pick<Factor, "validFrom" | "validTo">, date: string): boolean =>
  (factor.validFrom === null || factor.validFrom <= date) && (factor.validTo === null || date <= factor.validTo);

/**
 * The factor an activity is calculated with. In order: the tenant's own factor valid on the date; a factor of that
 * supplier; the chosen sets in their order; the newest published set of the region that covers the date; a chosen set of
 * another region, for spend, freight, travel, materials and refrigerants. Within one of these the nearest region wins,
 * then the unit asked for, then the unit nearest to it in size.
 * @param candidates the factors with that activity the tenant may see, of current sets, and what else is near
 * @throws FACTOR_NOT_FOUND with near matches; FACTOR_AMBIGUOUS naming what to say; FACTOR_NOT_PUBLISHED
 */
export function chooseFactor(request: FactorRequest, candidates: readonly Factor[]): FactorChoice {
  const fitting = candidates.filter((factor) => answers(factor, request));
  for (const { because, factors } of tiersOf(request, fitting)) {
    if (factors.length === 0) continue;
    const factor = oneOf(closest(factors, request), request);
    if (factor.kgCo2e === null && factor.gases.length === 0) throw errors.FACTOR_NOT_PUBLISHED({ key: factor.key });
    return {
      factor,
      because,
      outsideValidity: !coversDate(factor, request.date),
      outsideRegion: !lies(factor, request),
      heatingValueAssumed: !request.heatingValue && factor.heatingValue !== null,
    };
  }
  throw notFound(request, candidates);
}

/** Everything but precedence, validity and region. */
function answers(factor: Factor, request: FactorRequest): boolean {
  const heating = request.heatingValue ?? "GROSS";
  return (
    factor.activity === request.activity &&
    convertible(request.unit, factor.unit) &&
    (factor.heatingValue === null || unitKind(request.unit) !== "energy" || factor.heatingValue === heating) &&
    (request.scope === undefined || factor.scope === request.scope) &&
    (request.scope3Category === undefined || factor.scope3Categories.includes(request.scope3Category))
  );
}

const lies = (factor: Factor, { region }: FactorRequest): boolean => regionsAround(region).includes(factor.region);

/** Grids, fuels and what hangs on them differ by country; a dollar, a tonne-kilometre or a gas far less. */
const isPlaceless = ({ scope, stage, activity }: Factor): boolean =>
  activity.startsWith("refrigerant-") ||
  (scope === "SCOPE_3" && stage === "DIRECT" && !activity.includes("electricity"));

interface Tier {
  because: ChoiceReason;
  factors: Factor[];
}

function tiersOf(request: FactorRequest, fitting: readonly Factor[]): Tier[] {
  const usable = fitting.filter((factor) => lies(factor, request));
  const placeless = fitting.filter(isPlaceless);
  const valid = usable.filter((factor) => coversDate(factor, request.date));
  const supplied = (factor: Factor): boolean =>
    factor.origin === "SUPPLIER" && request.supplierId !== undefined && factor.supplierId === request.supplierId;
  const published = valid.filter(({ origin }) => origin === "REFERENCE");
  const newest = Math.max(...published.map(({ year }) => year));
  return [
    { because: "CUSTOM", factors: valid.filter(({ origin }) => origin === "CUSTOM") },
    { because: "SUPPLIER", factors: valid.filter(supplied) },
    ...request.factorSets.map((key): Tier => ({ because: "CHOSEN_SET", factors: ofSet(usable, key) })),
    { because: "NEWEST_SET", factors: published.filter(({ year }) => year === newest) },
    ...request.factorSets.map((key): Tier => ({ because: "CHOSEN_SET", factors: ofSet(placeless, key) })),
  ];
}

const ofSet = (factors: readonly Factor[], key: string): Factor[] =>
  factors.filter(({ origin, setKey }) => origin === "REFERENCE" && setKey === key);

/** Narrows to the nearest region, then to the unit that equals the one asked for or is nearest to it in size. */
function closest(factors: readonly Factor[], { region, unit }: FactorRequest): Factor[] {
  const nearest = regionsAround(region).find((candidate) => factors.some((factor) => factor.region === candidate));
  const here = nearest === undefined ? factors : factors.filter((factor) => factor.region === nearest);
  const farness = (factor: Factor): number =>
    factor.unit === unit ? -1 : Math.abs(convert(1, factor.unit, unit).log().toNumber());
  const least = Math.min(...here.map(farness));
  return here.filter((factor) => farness(factor) === least);
}

function oneOf(factors: readonly Factor[], request: FactorRequest): Factor {
  const [first, second] = factors;
  if (first && second === undefined) return first;
  const differing = (["scope", "heatingValue", "setKey"] as const).filter(
    (field) => new Set(factors.map((factor) => factor[field])).size > 1,
  );
  throw errors.FACTOR_AMBIGUOUS({
    activity: request.activity,
    unit: request.unit,
    distinguish: differing.length > 0 ? differing.join(", ") : "which factor by its key",
    nearMatches: factors.slice(0, 5).map(brief),
  });
}

const brief = ({ key, activity, unit, heatingValue, region, setKey }: Factor) => ({
  key,
  activity,
  unit,
  heatingValue,
  region,
  setKey,
});

function notFound(request: FactorRequest, candidates: readonly Factor[]): Error {
  const { activity, unit, region, date } = request;
  const same = candidates.filter((factor) => factor.activity === activity);
  const near = same.length > 0 ? same : nearSlugs(activity, candidates);
  const nearMatches = near.slice(0, 5).map(brief);
  return errors.FACTOR_NOT_FOUND({ activity, unit, region, date, hint: hintFor(request, same, near), nearMatches });
}

/** Factors that share most words of the slug. */
function nearSlugs(activity: string, candidates: readonly Factor[]): Factor[] {
  const words = activity.split("-");
  const shared = (factor: Factor): number => words.filter((word) => factor.activity.split("-").includes(word)).length;
  return candidates.filter((factor) => shared(factor) > 0).sort((a, b) => shared(b) - shared(a) || byPlainness(a, b));
}

function hintFor(request: FactorRequest, same: readonly Factor[], near: readonly Factor[]): string {
  const elsewhere = same.filter((factor) => answers(factor, request) && lies(factor, request));
  if (elsewhere.length > 0) return `Add a set that has it: ${list(elsewhere.map(({ setKey }) => setKey))}.`;
  if (same.length > 0)
    return `It is published ${list(same.map((f) => `per ${f.unit} in ${f.region} for ${f.scope} (${f.setKey})`))}.`;
  if (near.length > 0) return `Near to it: ${list(near.map((factor) => factor.activity))}.`;
  return "Search the factors by words, or add a factor of your own.";
}

const list = (values: readonly string[]): string => [...new Set(values)].slice(0, 5).join(", ");
