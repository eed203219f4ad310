import { inflateSync } from "node:zlib";
import { platformEvents } from "@tessera/shared-types";
import type { TestSubgraph } from "@tessera/testkit";
import { parse } from "csv-parse/sync";
import ExcelJS from "exceljs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writePdf } from "../src/domain/report-pdf.js";
import {
  at,
  createDashboardOperation,
  createMetricOperation,
  createWidgetOperation,
  newPlace,
  type Place,
  recordOperation,
  start,
} from "./world.js";

let subgraph: TestSubgraph;
let place: Place;
let dashboardId: string;
const key = "energy.electricity";
const longNumber = "12345678901234567890.123456789";

beforeAll(async () => {
  subgraph = await start();
  place = newPlace();
  const client = subgraph.as(place.manager);
  await client.data(createMetricOperation, { key, name: "Energia elektryczna", unit: "kWh" });
  const site = (value: string) => [{ name: "site", value }];
  const points = [
    { at: at("2024-01-05"), value: "-12.5", dimensions: site("Łódź") },
    { at: at("2024-02-05"), value: longNumber, dimensions: site("Łódź") },
    { at: at("2024-01-05"), value: "7", dimensions: site("=cmd|' /C calc'!A0") },
  ];
  await client.data(recordOperation, { key, points });
  dashboardId = (await client.data(createDashboardOperation, { name: "Zużycie / Łódź" })).createDashboard.id;
  const query = { metricKey: key, interval: "MONTH", from: at("2024-01-01"), to: at("2025-01-01"), groupBy: "site" };
  for (const kind of ["LINE", "BAR", "PIE", "TABLE", "NUMBER"]) {
    await client.data(createWidgetOperation, {
      dashboardId,
      input: { kind, title: `${kind}: Zażółć gęślą jaźń`, query },
    });
  }
  const note = { kind: "TEXT", title: "Note", text: "Ąęłńóśźż – “quoted”" };
  await client.data(createWidgetOperation, { dashboardId, input: note });
});
afterAll(() => subgraph.close());

const operation = `mutation ($d: ID!, $f: ReportFormat!) {
  generateReport(dashboardId: $d, format: $f) { id dashboardId format fileName contentType bytes content } }`;

async function generate(format: string) {
  const { generateReport } = await subgraph.as(place.viewer).data(operation, { d: dashboardId, f: format });
  const content = Buffer.from(generateReport.content, "base64");
  expect(content.length).toBe(generateReport.bytes);
  return { ...generateReport, content };
}

test("a CSV report reads back with its texts and numbers, and without formulas", async () => {
  const report = await generate("CSV");
  expect(report).toMatchObject({ contentType: "text/csv; charset=utf-8", dashboardId });
  expect(report.fileName).toMatch(/^Zużycie-Łódź-\d{4}-\d{2}-\d{2}\.csv$/);
  const rows: Record<string, string>[] = parse(report.content, { bom: true, columns: true });
  const line = rows.filter(({ widget }) => widget === "LINE: Zażółć gęślą jaźń");
  expect(line.map(({ group, bucket, value }) => [group, bucket, value])).toEqual([
    ["'=cmd|' /C calc'!A0", "2024-01-01T00:00:00.000Z", "7"],
    ["Łódź", "2024-01-01T00:00:00.000Z", "-12.5"],
    ["Łódź", "2024-02-01T00:00:00.000Z", longNumber],
  ]);
  expect(line[0]).toMatchObject({ metric: "Energia elektryczna", unit: "kWh", interval: "MONTH", aggregation: "SUM" });
});

test("an XLSX report reads back with numbers as numbers, and as text where a number would lose digits", async () => {
  const { content } = await generate("XLSX");
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(content as never);
  const sheet = book.worksheets.find(({ name }) => name.startsWith("1 LINE"));
  const rows = [2, 3, 4].map((row) => [1, 2, 3].map((column) => sheet?.getRow(row).getCell(column).value));
  expect(rows).toEqual([
    [new Date(at("2024-01-01")), "=cmd|' /C calc'!A0", 7],
    [new Date(at("2024-01-01")), "Łódź", -12.5],
    [new Date(at("2024-02-01")), "Łódź", longNumber],
  ]);
  expect(sheet?.getRow(2).getCell(2).type).toBe(ExcelJS.ValueType.String);
  expect(book.worksheets.at(-1)?.getCell("A1").value).toBe("Ąęłńóśźż – “quoted”");
});

/** Text of a PDF as its reader would copy it: glyphs of the page streams, mapped back by the font's ToUnicode table. */
function textOf(pdf: Buffer): string {
  const streams = [...pdf.toString("latin1").matchAll(/stream\n([\s\S]*?)\nendstream/g)].map(([, body = ""]) => {
    const bytes = Buffer.from(body, "latin1");
    try {
      return inflateSync(bytes).toString("latin1");
    } catch {
      return "";
    }
  });
  const glyphs = new Map<string, string>();
  for (const map of streams.filter((stream) => stream.includes("beginbfrange"))) readUnicodeMap(map, glyphs);
  return streams
    .flatMap((stream) => [...stream.matchAll(/\[([^\]]*)\] TJ/g)])
    .map(([, shown = ""]) => [...shown.matchAll(/<([0-9a-f]+)>/g)].map(([, hex = ""]) => decode(hex, glyphs)).join(""))
    .join("\n");
}

function readUnicodeMap(map: string, glyphs: Map<string, string>): void {
  for (const [, first = "", , list = ""] of map.matchAll(/<([0-9a-f]{4})> <([0-9a-f]{4})> \[([^\]]*)\]/g)) {
    [...list.matchAll(/<([0-9a-f]+)>/g)].forEach(([, code = ""], index) => {
      const glyph = (Number.parseInt(first, 16) + index).toString(16).padStart(4, "0");
      glyphs.set(glyph, Buffer.from(code, "hex").swap16().toString("utf16le"));
    });
  }
}

function decode(hex: string, glyphs: Map<string, string>): string {
  return (hex.match(/.{4}/g) ?? []).map((glyph) => glyphs.get(glyph) ?? "?").join("");
}

test("a PDF report holds every script's letters, the figures and a drawing of them", async () => {
  const { content } = await generate("PDF");
  expect(content.subarray(0, 5).toString()).toBe("%PDF-");
  const text = textOf(content);
  for (const expected of ["Zużycie / Łódź", "LINE: Zażółć gęślą jaźń", "Ąęłńóśźż – “quoted”", longNumber, "-12.5"]) {
    expect(text).toContain(expected);
  }
  expect(content.toString("latin1")).toContain("/FontFile2");
});

test("the same content makes the same PDF, byte by byte", async () => {
  const content = {
    title: "Łódź",
    description: "",
    generatedAt: new Date("2025-01-01T12:00:00Z"),
    sections: [
      {
        title: "T",
        kind: "LINE" as const,
        text: null,
        metric: "m",
        unit: "u",
        interval: "MONTH" as const,
        aggregation: "SUM" as const,
        series: [
          {
            group: null,
            points: [1, 2, 3].map((month) => ({ at: new Date(Date.UTC(2024, month)), value: `${month}`, count: 1 })),
          },
        ],
      },
    ],
  };
  const first = await writePdf(content);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect((await writePdf(content)).equals(first)).toBe(true);
  expect(first.toString("latin1")).toContain("D:20250101120000Z");
});

describe("a report", () => {
  test("is announced, kept, and found again", async () => {
    const { id, bytes } = await generate("CSV");
    await subgraph.settle();
    expect(subgraph.published(platformEvents.reportGenerated)).toContainEqual(
      expect.objectContaining({
        tenantId: place.tenantId,
        payload: { reportId: id, dashboardId, format: "CSV", bytes },
      }),
    );
    const read = "query ($id: ID!) { report(id: $id) { bytes content } }";
    const { report } = await subgraph.as(place.viewer).data(read, { id });
    expect(Buffer.from(report.content, "base64").length).toBe(bytes);
    expect(await subgraph.as(newPlace().viewer).data(read, { id })).toEqual({ report: null });
  });

  test("of another organization's dashboard, or by somebody who may not read, is refused", async () => {
    const variables = { d: dashboardId, f: "CSV" };
    expect(await subgraph.as(newPlace().viewer).error(operation, variables)).toMatchObject({
      code: "DASHBOARD_NOT_FOUND",
    });
    expect(await subgraph.as({ ...place.viewer, roles: [] }).error(operation, variables)).toMatchObject({
      code: "FORBIDDEN",
    });
  });
});
