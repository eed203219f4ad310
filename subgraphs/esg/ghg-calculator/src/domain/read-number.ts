/**
 * Numbers and dates as people write them in spreadsheets. What can be read in two ways is refused, never guessed:
 * "1,234" is one thousand two hundred and thirty-four in London and a little more than one in Berlin.
 */
import { type Decimal, decimal } from "./exact-decimal.js";
import { isDay } from "./split-period.js";

export type ReadFault =
  | "NOT_A_NUMBER"
  | "AMBIGUOUS_NUMBER"
  | "NEGATIVE_QUANTITY"
  | "QUANTITY_TOO_LARGE"
  | "FORMULA"
  | "NOT_A_DATE"
  | "AMBIGUOUS_DATE";
export type Read<Value> = { value: Value } | { fault: ReadFault };

/** Ten to the fifteenth of any unit is more than any organization consumes. */
const largest = decimal("1e15");
const spaces = /[\s\u00a0\u202f'’]/g;
const formulaStart = /^[=@]/;

export function readQuantity(text: string): Read<Decimal> {
  const compact = text.trim().replace(spaces, "");
  if (formulaStart.test(compact)) return { fault: "FORMULA" };
  const plain = toPointNotation(compact);
  if (plain === null) return { fault: "AMBIGUOUS_NUMBER" };
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i.test(plain)) return { fault: "NOT_A_NUMBER" };
  const value = decimal(plain);
  if (value.isNegative() && !value.isZero()) return { fault: "NEGATIVE_QUANTITY" };
  return value.greaterThan(largest) ? { fault: "QUANTITY_TOO_LARGE" } : { value };
}

/** "1,234.5", "1.234,5", "1234,5" and "1,234,567" to point notation; null for what two readers read differently. */
function toPointNotation(text: string): string | null {
  const commas = text.split(",").length - 1;
  const points = text.split(".").length - 1;
  if (commas > 0 && points > 0) return mixedMarks(text, commas, points);
  if (commas > 1) return grouped(text, ",") ? text.replaceAll(",", "") : text;
  if (points > 1) return grouped(text, ".") ? text.replaceAll(".", "") : text;
  if (commas === 0) return text;
  return /^[+-]?[1-9]\d{0,2},\d{3}$/.test(text) ? null : text.replace(",", ".");
}

function mixedMarks(text: string, commas: number, points: number): string {
  const decimalMark = text.lastIndexOf(",") > text.lastIndexOf(".") ? "," : ".";
  const groupMark = decimalMark === "," ? "." : ",";
  const whole = text.slice(0, text.lastIndexOf(decimalMark));
  const once = (decimalMark === "," ? commas : points) === 1;
  return once && grouped(whole, groupMark) ? text.replaceAll(groupMark, "").replace(decimalMark, ".") : text;
}

const grouped = (text: string, mark: string): boolean => new RegExp(`^[+-]?\\d{1,3}(\\${mark}\\d{3})+$`).test(text);

/** Days as 2024-01-31, 31.01.2024, 31/01/2024 or 01/31/2024 where only one order makes a date. */
export function readDay(text: string): Read<string> {
  const day = text.trim().replace(/[T ]00:00(:00(\.0+)?)?Z?$/, "");
  if (/^\d{4}-\d{2}-\d{2}$/.test(day)) return isDay(day) ? { value: day } : { fault: "NOT_A_DATE" };
  const parts = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})$/.exec(day);
  if (!parts) return { fault: "NOT_A_DATE" };
  const [, first = "", mark = "", second = "", year = ""] = parts;
  const dayFirst = iso(year, second, first);
  const monthFirst = mark === "." ? null : iso(year, first, second);
  if (dayFirst && monthFirst && dayFirst !== monthFirst) return { fault: "AMBIGUOUS_DATE" };
  const value = dayFirst ?? monthFirst;
  return value ? { value } : { fault: "NOT_A_DATE" };
}

function iso(year: string, month: string, day: string): string | null {
  const text = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return isDay(text) ? text : null;
}
