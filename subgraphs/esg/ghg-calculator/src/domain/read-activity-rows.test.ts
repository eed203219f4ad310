import ExcelJS from "exceljs";
import { expect, test } from "vitest";
import { mapColumns } from "./map-columns.js";
import { readActivityRow } from "./read-activity-rows.js";
import { formatOf, largestFile, readTable, unpackedSize } from "./read-table-file.js";

const csv = (text: string) => readTable("CSV", Buffer.from(text));
const rowsOf = async (text: string) => {
  const table = await csv(text);
  const map = mapColumns(table.header);
  return table.rows.map((row) => readActivityRow(row, map));
};
const faultsOf = async (row: string) => {
  const [read] = await rowsOf(`site,activity,quantity,unit,start,end,category\n${row}`);
  return Array.isArray(read) ? read.map(({ column, code }) => `${column}:${code}`) : [];
};

test("a row of a bill becomes an activity with unit, heating value and days", async () => {
  const [row] = await rowsOf(
    "Site,Activity,Quantity,Unit,Start,End\nLeeds,Natural gas,100000,kWh (Gross CV),2024-01-01,2024-12-31",
  );
  expect(row).toMatchObject({
    row: 2,
    site: "Leeds",
    activity: "natural-gas",
    unit: "kWh",
    heatingValue: "GROSS",
    start: "2024-01-01",
  });
});

test("byte order mark, semicolons, quotes, line breaks in cells and German names and decimals are understood", async () => {
  const [row] = await rowsOf(
    '\ufeffStandort;Aktivität;Menge;Einheit;Von;Bis;Bemerkung\r\n"Werk ""Süd""";Strom;1.234,5;kWh;31.01.2024;01.02.2024;"zwei\r\nZeilen"\r\n',
  );
  expect(row).toMatchObject({
    site: 'Werk "Süd"',
    activity: "electricity-grid",
    start: "2024-01-31",
    notes: "zwei\r\nZeilen",
  });
  expect(row && !Array.isArray(row) && row.quantity.toString()).toBe("1234.5");
});

test("columns are found in any order by common names, and unknown ones are listed", () => {
  const map = mapColumns(["UoM", "Fuel", "End_Date", "Amount", "From", "Cost centre"]);
  expect(map).toEqual({
    positions: { unit: 0, activity: 1, end: 2, quantity: 3, start: 4 },
    missing: [],
    doubled: [],
    ignored: ["Cost centre"],
  });
  expect(mapColumns(["activity", "amount", "value"])).toMatchObject({ missing: ["unit", "start"], doubled: ["value"] });
});

test.each([
  ["Leeds,gas,-1,kWh,2024-01-01,2024-01-31,", ["quantity:NEGATIVE_QUANTITY"]],
  ["Leeds,gas,NaN,kWh,2024-01-01,2024-01-31,", ["quantity:NOT_A_NUMBER"]],
  ["Leeds,gas,1e15,kWh,2024-01-01,2024-01-31,", []],
  ["Leeds,gas,1e16,kWh,2024-01-01,2024-01-31,", ["quantity:QUANTITY_TOO_LARGE"]],
  ["Leeds,gas,5,bushels,2024-01-01,2024-01-31,", ["unit:UNKNOWN_UNIT"]],
  ["Leeds,gas,=A1,kWh,2024-01-01,2024-01-31,", ["quantity:FORMULA"]],
  ["Leeds,gas,5,kWh,2024-02-01,2024-01-31,", ["end:END_BEFORE_START"]],
  ["Leeds,gas,5,kWh,2024-02-01,,16", ["end:MISSING_VALUE", "category:UNKNOWN_CATEGORY"]],
  [",,,,,,", []],
  ["Leeds,,5,kWh,01/02/2024,2024-03-01,", ["activity:MISSING_VALUE", "start:AMBIGUOUS_DATE"]],
])("the row %s has the faults %j", async (row, faults) => expect(await faultsOf(row)).toEqual(faults));

async function workbook(rows: unknown[][]): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  book.addWorksheet("Data").addRows(rows);
  return Buffer.from(await book.xlsx.writeBuffer());
}

test("a workbook is read with its dates, numbers, formula results and rich text; formulas without a value are refused", async () => {
  const bytes = await workbook([
    ["activity", "quantity", "unit", "start", "end"],
    ["electricity", 1234.5, "kWh", new Date("2024-01-01T00:00:00Z"), new Date("2024-01-31T00:00:00Z")],
    [
      { richText: [{ text: "natural " }, { text: "gas" }] },
      { formula: "B2*2", result: 2469 },
      "kWh",
      "2024-01-01",
      "2024-01-31",
    ],
    ["electricity", { formula: "B9/0", result: { error: "#DIV/0!" } }, "kWh", "2024-01-01", "2024-01-31"],
  ]);
  expect(formatOf(bytes)).toBe("XLSX");
  const table = await readTable("XLSX", bytes);
  const [first, second, third] = table.rows.map((row) => readActivityRow(row, mapColumns(table.header)));
  expect(first).toMatchObject({ start: "2024-01-01", end: "2024-01-31" });
  expect(second).toMatchObject({ row: 3, activity: "natural-gas" });
  expect(second && !Array.isArray(second) && second.quantity.toString()).toBe("2469");
  expect(third).toMatchObject([{ row: 4, column: "quantity", code: "FORMULA" }]);
  expect(unpackedSize(bytes)).toBeGreaterThan(bytes.length);
});

test.each([
  ["an empty file", Buffer.alloc(0), "FILE_EMPTY"],
  ["a file over the limit", Buffer.alloc(largestFile + 1, 65), "FILE_TOO_LARGE"],
  ["a picture", Buffer.from([0x89, 0x50, 0, 0]), "FILE_FORMAT_UNKNOWN"],
])("%s is refused by code", (_, bytes, code) => {
  expect(() => formatOf(bytes)).toThrowError(expect.objectContaining({ code }));
});

test("text in another encoding, broken quotes and broken archives are refused by code", async () => {
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: { code: string }) => error.code,
    );
  expect(await codeOf(readTable("CSV", Buffer.from([0x61, 0xe4, 0x62])))).toBe("FILE_NOT_UTF8");
  expect(await codeOf(csv('a,b\n"c,d'))).toBe("FILE_MALFORMED");
  expect(await codeOf(readTable("XLSX", Buffer.from("PK\u0003\u0004 nothing else")))).toBe("FILE_MALFORMED");
  expect(await codeOf(csv("\n\n"))).toBe("FILE_EMPTY");
  expect(await codeOf(csv(`a\n${"b\n".repeat(10_001)}`))).toBe("TOO_MANY_ROWS");
});
