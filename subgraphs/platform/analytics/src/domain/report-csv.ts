/** CSV after RFC 4180: one table for the whole dashboard, with a byte order mark, without which Excel misreads UTF-8. */
import type { ReportContent } from "./report-content.js";

const columns = ["widget", "metric", "unit", "group", "interval", "aggregation", "bucket", "value", "points"];

export function writeCsv({ sections }: ReportContent): Buffer {
  const rows = sections.flatMap(({ title, metric, unit, interval, aggregation, series }) =>
    series.flatMap(({ group, points }) =>
      points.map(({ at, value, count }) => [
        title,
        metric,
        unit,
        group,
        interval,
        aggregation,
        at.toISOString(),
        value,
        String(count),
      ]),
    ),
  );
  const lines = [columns, ...rows].map((row) => row.map((cell) => csvCell(cell ?? "")).join(","));
  return Buffer.from(`\uFEFF${lines.join("\r\n")}\r\n`);
}

/**
 * One cell. A text that a spreadsheet would run as a formula gets an apostrophe in front of it (OWASP, "CSV Injection");
 * a number, also a negative one, stays as it is.
 */
export function csvCell(text: string): string {
  const isNumber = /^-?\d+(\.\d+)?$/.test(text);
  const safe = !isNumber && /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
