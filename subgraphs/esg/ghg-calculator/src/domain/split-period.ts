/** Consumption over days, cut at the borders of reporting periods and calendar years: a bill counts by days. */
import { Decimal, decimal, type Numeric, zero } from "./exact-decimal.js";

/** Both days belong to the range, written YYYY-MM-DD. */
export interface DayRange {
  start: string;
  end: string;
}

const msPerDay = 86_400_000;
const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / msPerDay;

/** Days in the range, both ends counted; zero when it ends before it starts. */
export const daysIn = ({ start, end }: DayRange): number => Math.max(0, dayNumber(end) - dayNumber(start) + 1);

/** True for a day of the calendar between the years 1900 and 2200. */
export function isDay(text: string): boolean {
  if (!/^(19|20|21)\d{2}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

const later = (a: string, b: string): string => (a > b ? a : b);
const earlier = (a: string, b: string): string => (a < b ? a : b);

/** The days two ranges have in common, or null. */
export function commonDays(one: DayRange, other: DayRange): DayRange | null {
  const common = { start: later(one.start, other.start), end: earlier(one.end, other.end) };
  return common.start <= common.end ? common : null;
}

/** The part of a quantity that falls into `period`, shared out evenly over the days of `range`. */
export function quantityWithin(quantity: Numeric, range: DayRange, period: DayRange): Decimal {
  const common = commonDays(range, period);
  if (!common) return zero;
  // Multiplied first, so that whole days of a whole quantity stay exact.
  return decimal(quantity).times(daysIn(common)).dividedBy(daysIn(range));
}

/** A quantity cut at the turns of the year; the last year takes the rest, so the parts add up to the whole. */
export function splitByYear(quantity: Numeric, range: DayRange): { year: number; quantity: Decimal }[] {
  const first = Number(range.start.slice(0, 4));
  const last = Number(range.end.slice(0, 4));
  const parts: { year: number; quantity: Decimal }[] = [];
  let rest = decimal(quantity);
  for (let year = first; year <= last; year++) {
    const part =
      year === last ? rest : quantityWithin(quantity, range, { start: `${year}-01-01`, end: `${year}-12-31` });
    parts.push({ year, quantity: part });
    rest = Decimal.sub(rest, part);
  }
  return parts;
}
