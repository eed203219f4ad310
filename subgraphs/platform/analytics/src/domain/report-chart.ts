/** Simple charts, drawn with lines and areas. */
import type { ReportSection } from "./report-content.js";

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Slot {
  /** Position from left to right, 0 to 1, and how wide the slot is. */
  readonly from: number;
  readonly width: number;
  readonly value: number;
}

/** Told apart also in print and by people who do not see red and green apart (Okabe & Ito). */
const colours = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000"];

/** Draws lines, bars or a pie into the box; other kinds have no chart. */
export function drawChart(page: PDFKit.PDFDocument, section: ReportSection, box: Box): void {
  page.save();
  if (section.kind === "PIE") drawPie(page, section, box);
  else drawAxes(page, section, box);
  page.restore();
}

function drawAxes(page: PDFKit.PDFDocument, { kind, series }: ReportSection, box: Box): void {
  const values = series.flatMap(({ points }) => points.map(({ value }) => Number(value ?? 0)));
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const yOf = (value: number) => box.y + box.height * (1 - (value - low) / (high - low || 1));
  page
    .lineWidth(0.5)
    .strokeColor("#888888")
    .moveTo(box.x, box.y)
    .lineTo(box.x, box.y + box.height)
    .stroke();
  page
    .moveTo(box.x, yOf(0))
    .lineTo(box.x + box.width, yOf(0))
    .stroke();
  series.forEach(({ points }, index) => {
    const share = 1 / Math.max(1, points.length);
    const slots = points.flatMap(({ value }, at) =>
      value === null ? [] : [{ from: at * share, width: share, value: Number(value) }],
    );
    page.fillColor(colourOf(index)).strokeColor(colourOf(index));
    if (kind === "BAR") drawBars(page, slots, { box, yOf, index, of: series.length });
    else drawLine(page, slots, box, yOf);
  });
}

function drawLine(page: PDFKit.PDFDocument, slots: readonly Slot[], box: Box, yOf: (value: number) => number): void {
  page.lineWidth(1.2);
  slots.forEach(({ from, width, value }, index) => {
    const x = box.x + (from + width / 2) * box.width;
    if (index === 0) page.moveTo(x, yOf(value));
    else page.lineTo(x, yOf(value));
  });
  if (slots.length > 1) page.stroke();
}

interface BarPlace {
  readonly box: Box;
  readonly yOf: (value: number) => number;
  readonly index: number;
  readonly of: number;
}

function drawBars(page: PDFKit.PDFDocument, slots: readonly Slot[], { box, yOf, index, of }: BarPlace): void {
  for (const { from, width, value } of slots) {
    const bar = (width * box.width * 0.8) / of;
    const top = Math.min(yOf(value), yOf(0));
    page.rect(box.x + from * box.width + index * bar, top, bar, Math.abs(yOf(value) - yOf(0))).fill();
  }
}

/** One slice per series: the sum of its values, where that is positive. */
function drawPie(page: PDFKit.PDFDocument, { series }: ReportSection, box: Box): void {
  const sums = series.map(({ points }) =>
    Math.max(
      0,
      points.reduce((sum, { value }) => sum + Number(value ?? 0), 0),
    ),
  );
  const total = sums.reduce((sum, value) => sum + value, 0);
  const [x, y, radius] = [box.x + box.height / 2, box.y + box.height / 2, box.height / 2];
  let angle = -Math.PI / 2;
  sums.forEach((sum, index) => {
    const end = angle + (2 * Math.PI * sum) / (total || 1);
    page.fillColor(colourOf(index)).moveTo(x, y);
    for (let step = 0; step <= 40; step++) {
      const at = angle + ((end - angle) * step) / 40;
      page.lineTo(x + radius * Math.cos(at), y + radius * Math.sin(at));
    }
    page.closePath().fill();
    angle = end;
  });
}

export function colourOf(index: number): string {
  return colours[index % colours.length] as string;
}
