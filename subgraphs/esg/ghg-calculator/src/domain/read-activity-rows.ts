/** Activity data out of table rows: every row is either an entry to be or a list of what is wrong with it. */
import { CodedError } from "@tessera/subgraph";
import type { HeatingValue } from "../reference/pack.js";
import type { Decimal } from "./exact-decimal.js";
import { type Column, type ColumnMap, columns } from "./map-columns.js";
import { nameActivity } from "./name-activity.js";
import { type Read, type ReadFault, readDay, readQuantity } from "./read-number.js";
import type { TableRow } from "./read-table-file.js";
import { parseUnit } from "./units.js";

/** One fault in one cell. `column` is null when the row as a whole is at fault. */
export interface RowError {
  row: number;
  column: Column | null;
  code: string;
  message: string;
}

export interface ActivityRow {
  row: number;
  site: string | null;
  activity: string;
  quantity: Decimal;
  unit: string;
  heatingValue: HeatingValue | null;
  start: string;
  end: string;
  region: string | null;
  notes: string | null;
  supplier: string | null;
  instrument: string | null;
  category: number | null;
  dataQuality: "MEASURED" | "CALCULATED" | "ESTIMATED" | null;
  uncertainty: Decimal | null;
}

const messages: Record<ReadFault | "MISSING_VALUE" | "TEXT_TOO_LONG", string> = {
  NOT_A_NUMBER: "This is not a number: write digits with one decimal mark, such as 1234.5.",
  AMBIGUOUS_NUMBER: "This number can be read in two ways: write it without a thousands mark.",
  NEGATIVE_QUANTITY: "A quantity cannot be negative: correct the entry it takes back instead.",
  QUANTITY_TOO_LARGE: "This quantity is larger than 1,000,000,000,000,000: check the unit.",
  FORMULA: "This is a formula without a value: save the value instead.",
  NOT_A_DATE: "This is not a day: write it as 2024-01-31.",
  AMBIGUOUS_DATE: "Day and month can be read in two ways: write it as 2024-01-31.",
  MISSING_VALUE: "This cell is empty, and the row cannot be calculated without it.",
  TEXT_TOO_LONG: "This text is longer than 500 characters.",
};
const longestText = 500;

export function readActivityRow({ row, cells }: TableRow, map: ColumnMap): ActivityRow | RowError[] {
  const faults: RowError[] = [];
  const fail = (column: Column | null, code: string, message: string) => {
    faults.push({ row, column, code, message });
    return null;
  };
  const text = (column: Column): string | null => cells[map.positions[column] ?? -1] || null;
  const needed = (column: Column): string | null =>
    text(column) ?? fail(column, "MISSING_VALUE", messages.MISSING_VALUE);
  const read = <Value>(column: Column, cell: string | null, reader: (cell: string) => Read<Value>): Value | null => {
    if (cell === null) return null;
    const result = reader(cell);
    return "fault" in result ? fail(column, result.fault, messages[result.fault]) : result.value;
  };

  for (const column of columns) {
    if ((text(column)?.length ?? 0) > longestText) fail(column, "TEXT_TOO_LONG", messages.TEXT_TOO_LONG);
  }
  const activity = needed("activity");
  const quantity = read("quantity", needed("quantity"), readQuantity);
  const unit = readUnit(needed("unit"), (code, message) => fail("unit", code, message));
  const start = read("start", needed("start"), readDay);
  const end = map.positions.end === undefined ? start : read("end", needed("end"), readDay);
  if (start && end && end < start) fail("end", "END_BEFORE_START", "The last day lies before the first.");
  const category = readCategory(text("category"), (code, message) => fail("category", code, message));
  const dataQuality = readQuality(text("dataQuality"), (code, message) => fail("dataQuality", code, message));
  const uncertainty = read("uncertainty", text("uncertainty")?.replace("%", "") ?? null, readQuantity);
  if (faults.length > 0 || !activity || !quantity || !unit || !start || !end) return faults;
  const free = { site: text("site"), region: text("region"), notes: text("notes"), supplier: text("supplier") };
  const named = { activity: nameActivity(activity), instrument: text("instrument") };
  return { row, ...free, ...named, quantity, ...unit, start, end, category, dataQuality, uncertainty };
}

type Fail = (code: string, message: string) => null;

function readUnit(text: string | null, fail: Fail): { unit: string; heatingValue: HeatingValue | null } | null {
  if (text === null) return null;
  try {
    return parseUnit(text);
  } catch (error) {
    if (error instanceof CodedError) return fail(error.code, error.message);
    throw error;
  }
}

function readCategory(text: string | null, fail: Fail): number | null {
  if (text === null) return null;
  const category = Number(text);
  const known = Number.isInteger(category) && category >= 1 && category <= 15;
  return known ? category : fail("UNKNOWN_CATEGORY", "A scope 3 category is a whole number from 1 to 15.");
}

function readQuality(text: string | null, fail: Fail): ActivityRow["dataQuality"] {
  const wanted = text?.toUpperCase() ?? null;
  if (wanted === null || wanted === "MEASURED" || wanted === "CALCULATED" || wanted === "ESTIMATED") return wanted;
  return fail("UNKNOWN_DATA_QUALITY", "Data quality is measured, calculated or estimated.");
}
