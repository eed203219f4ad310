/** PDF with an embedded Unicode font (DejaVu Sans), so that names in any European script survive. */
import { createRequire } from "node:module";
import PDFDocument from "pdfkit";
import { colourOf, drawChart } from "./report-chart.js";
import type { ReportContent, ReportSection } from "./report-content.js";

const fontFile = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf");
const margin = 50;
const chartHeight = 130;
/** Rows of one widget's table; a PDF is for reading, the other formats are for all the data. */
const mostRows = 60;

/** The same content gives the same bytes: dates in the file are those of the content. */
export function writePdf(content: ReportContent): Promise<Buffer> {
  const { title, description, generatedAt, sections } = content;
  const info = {
    Title: title,
    Creator: "Tessera",
    Producer: "Tessera",
    CreationDate: generatedAt,
    ModDate: generatedAt,
  };
  const page = new PDFDocument({ size: "A4", margin, info, font: fontFile });
  const bytes = collect(page);
  page.fontSize(18).text(title);
  page.fontSize(9).fillColor("#555555");
  if (description) page.text(description);
  page.text(`Generated ${generatedAt.toISOString().slice(0, 16).replace("T", " ")} UTC`);
  for (const section of sections) writeSection(page, section);
  page.end();
  return bytes;
}

function collect(page: PDFKit.PDFDocument): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    page.on("data", (chunk: Buffer) => chunks.push(chunk));
    page.on("end", () => resolve(Buffer.concat(chunks)));
    page.on("error", reject);
  });
}

function writeSection(page: PDFKit.PDFDocument, section: ReportSection): void {
  keepTogether(page, chartHeight + 60);
  page.moveDown(1.2).fillColor("#000000").fontSize(12).text(section.title, margin);
  page.fontSize(9);
  if (section.text !== null) page.text(section.text);
  else if (section.kind === "NUMBER") writeNumber(page, section);
  else writeData(page, section);
}

function writeNumber(page: PDFKit.PDFDocument, { series, unit, metric }: ReportSection): void {
  const value = series[0]?.points.findLast((point) => point.value !== null)?.value;
  page
    .fontSize(22)
    .text(value == null ? "–" : `${value} ${unit}`)
    .fontSize(9)
    .text(metric);
}

function writeData(page: PDFKit.PDFDocument, section: ReportSection): void {
  page.fillColor("#555555").text(`${section.metric} (${section.unit})`);
  if (section.kind !== "TABLE" && section.series.some(({ points }) => points.length > 0)) {
    const width = page.page.width - 2 * margin;
    drawChart(page, section, { x: margin, y: page.y + 6, width, height: chartHeight });
    page.y += chartHeight + 14;
  }
  writeLegend(page, section);
  writeRows(page, section);
}

function writeLegend(page: PDFKit.PDFDocument, { series }: ReportSection): void {
  series.forEach(({ group }, index) => {
    if (group !== null) page.fillColor(colourOf(index)).text(`■ ${group}`, margin);
  });
}

function writeRows(page: PDFKit.PDFDocument, { series }: ReportSection): void {
  const rows = series.flatMap(({ group, points }) => points.map((point) => ({ group, ...point })));
  page.fillColor("#000000").fontSize(8);
  for (const { group, at, value } of rows.slice(0, mostRows)) {
    keepTogether(page, 14);
    const y = page.y;
    page.text(at.toISOString().slice(0, 16).replace("T", " "), margin, y);
    page.text(group ?? "", margin + 110, y, { width: 200 });
    page.text(value ?? "–", margin + 320, y, { width: 170, align: "right" });
  }
  if (rows.length > mostRows) page.text(`${rows.length - mostRows} more rows are in the CSV and XLSX exports.`, margin);
  page.x = margin;
}

function keepTogether(page: PDFKit.PDFDocument, height: number): void {
  if (page.y + height > page.page.height - margin) page.addPage();
}
