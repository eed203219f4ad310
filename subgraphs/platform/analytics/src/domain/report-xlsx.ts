/** XLSX: a sheet per widget. Numbers are numbers as long as a spreadsheet can hold them to the last digit. */
import { Decimal } from "decimal.js";
import ExcelJS from "exceljs";
import type { ReportContent, ReportSection } from "./report-content.js";

/** Spreadsheets keep 15 significant digits (IEEE 754 double). */
const mostDigits = 15;
const dateFormat = "yyyy-mm-dd hh:mm";

export async function writeXlsx(content: ReportContent): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  book.creator = "Tessera";
  book.created = content.generatedAt;
  book.modified = content.generatedAt;
  book.title = content.title;
  const cover = book.addWorksheet("Overview");
  cover.addRows([[content.title], [content.description], [content.generatedAt]]);
  cover.getCell("A3").numFmt = dateFormat;
  for (const [index, section] of content.sections.entries()) addSheet(book, section, index);
  return Buffer.from(await book.xlsx.writeBuffer());
}

function addSheet(book: ExcelJS.Workbook, section: ReportSection, index: number): void {
  const sheet = book.addWorksheet(sheetName(section.title, index));
  if (section.text !== null) {
    sheet.addRow([section.text]);
    return;
  }
  sheet.addRow(["Bucket", "Group", `${section.metric} (${section.unit})`, "Points"]).font = { bold: true };
  sheet.getColumn(1).width = 18;
  sheet.getColumn(3).width = 28;
  for (const { group, points } of section.series)
    for (const { at, value, count } of points) {
      const row = sheet.addRow([at, group ?? "", value === null ? null : numberOrText(value), count]);
      row.getCell(1).numFmt = dateFormat;
    }
}

/** A number where it survives as one, else its digits as text. */
export function numberOrText(value: string): number | string {
  const decimal = new Decimal(value);
  return decimal.precision() <= mostDigits ? decimal.toNumber() : value;
}

/** Excel allows 31 characters, some not at all, and no name twice. */
function sheetName(title: string, index: number): string {
  const allowed = title
    .replace(/[\\/*?:[\]]/g, " ")
    .replace(/^'|'$/g, " ")
    .trim();
  return `${index + 1} ${allowed}`.slice(0, 31);
}
