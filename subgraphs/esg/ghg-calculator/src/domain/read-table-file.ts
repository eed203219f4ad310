/**
 * Rows of text out of a CSV or XLSX file. Row numbers are the ones a spreadsheet shows: the header is row 1.
 * Nothing in a file is executed: a formula in a workbook counts with the value it was saved with.
 */
import { parse } from "csv-parse/sync";
import ExcelJS from "exceljs";
import { errors } from "../errors.js";

export const largestFile = 5 * 1024 * 1024;
export const mostRows = 10_000;
const largestUnpacked = 100 * 1024 * 1024;

export type TableFormat = "CSV" | "XLSX";
export interface TableRow {
  row: number;
  cells: string[];
}
export interface Table {
  header: string[];
  rows: TableRow[];
}

/** By content, not by name: a workbook is a zip archive; text without zero bytes is CSV. */
export function formatOf(bytes: Buffer): TableFormat {
  if (bytes.length === 0) throw errors.FILE_EMPTY();
  if (bytes.length > largestFile) throw errors.FILE_TOO_LARGE({ bytes: bytes.length, largest: largestFile });
  if (bytes.subarray(0, 4).equals(Buffer.from("PK\u0003\u0004"))) return "XLSX";
  if (bytes.includes(0)) throw errors.FILE_FORMAT_UNKNOWN();
  return "CSV";
}

export async function readTable(format: TableFormat, bytes: Buffer): Promise<Table> {
  const rows = format === "CSV" ? readCsv(bytes) : await readWorkbook(bytes);
  const [header, ...rest] = rows.filter(({ cells }) => cells.some((cell) => cell !== ""));
  if (!header) throw errors.FILE_EMPTY();
  if (rest.length > mostRows) throw errors.TOO_MANY_ROWS({ rows: rest.length, most: mostRows });
  return { header: header.cells, rows: rest };
}

function readCsv(bytes: Buffer): TableRow[] {
  const text = decode(bytes);
  try {
    const records: string[][] = parse(text, {
      delimiter: delimiterOf(text),
      relax_column_count: true,
      trim: true,
      max_record_size: 100_000,
    });
    return records.map((cells, index) => ({ row: index + 1, cells }));
  } catch (error) {
    throw errors.FILE_MALFORMED({ reason: error instanceof Error ? error.message : String(error) });
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw errors.FILE_NOT_UTF8();
  }
}

/** The mark that separates most cells of the first line, quoted text aside. */
function delimiterOf(text: string): string {
  const firstLine = (text.split(/\r?\n/, 1)[0] ?? "").replace(/"[^"]*"/g, "");
  const count = (mark: string) => firstLine.split(mark).length;
  return [",", ";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

async function readWorkbook(bytes: Buffer): Promise<TableRow[]> {
  if (unpackedSize(bytes) > largestUnpacked) throw errors.FILE_TOO_LARGE({ largest: largestUnpacked });
  const workbook = new ExcelJS.Workbook();
  try {
    await workbook.xlsx.load(bytes as unknown as ExcelJS.Buffer);
  } catch (error) {
    throw errors.FILE_MALFORMED({ reason: error instanceof Error ? error.message : String(error) });
  }
  const sheet = workbook.worksheets.find(({ state }) => state === "visible");
  if (!sheet) throw errors.FILE_EMPTY();
  const rows: TableRow[] = [];
  sheet.eachRow((row, number) => rows.push({ row: number, cells: cellsOf(row) }));
  return rows;
}

function cellsOf(row: ExcelJS.Row): string[] {
  const values = Array.isArray(row.values) ? row.values.slice(1) : [];
  return Array.from(values, (value) => cellText(value).trim());
}

/** Excel keeps fifteen significant digits; what a binary number shows beyond them is noise. */
const numberText = (value: number): string => String(Number(value.toPrecision(15)));

function cellText(value: ExcelJS.CellValue | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return numberText(value);
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value !== "object") return String(value);
  if ("richText" in value) return value.richText.map(({ text }) => text).join("");
  if ("text" in value) return String(value.text);
  // A formula without a saved value, or with an error, is shown as one, so that the row is refused.
  if ("formula" in value || "sharedFormula" in value) return cellText(value.result ?? "=");
  return "error" in value ? `=${value.error}` : "";
}

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

/** Bytes the archive says it unpacks to, read from its central directory before anything is unpacked. */
export function unpackedSize(bytes: Buffer): number {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > bytes.length || bytes.readUInt32LE(end) !== endOfDirectory)
    throw errors.FILE_MALFORMED({ reason: "it is no complete archive." });
  let position = bytes.readUInt32LE(end + 16);
  let size = 0;
  while (position + 46 <= end && bytes.readUInt32LE(position) === directoryEntry) {
    size += bytes.readUInt32LE(position + 24);
    const variable =
      bytes.readUInt16LE(position + 28) + bytes.readUInt16LE(position + 30) + bytes.readUInt16LE(position + 32);
    position += 46 + variable;
  }
  return size;
}
