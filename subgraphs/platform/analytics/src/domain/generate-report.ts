import { newId } from "@tessera/database";
import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { dashboardsById } from "../queries/dashboards.js";
import { addReport, type ReportRow } from "../queries/findings.js";
import { personOf } from "./create-dashboard.js";
import { type ReportContent, readContent } from "./report-content.js";
import { writeCsv } from "./report-csv.js";
import { writePdf } from "./report-pdf.js";
import { writeXlsx } from "./report-xlsx.js";

type Format = ReportRow["format"];

interface Writer {
  readonly extension: string;
  readonly contentType: string;
  write(content: ReportContent): Buffer | Promise<Buffer>;
}

const writers: Readonly<Record<Format, Writer>> = {
  CSV: { extension: "csv", contentType: "text/csv; charset=utf-8", write: writeCsv },
  XLSX: {
    extension: "xlsx",
    contentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    write: writeXlsx,
  },
  PDF: { extension: "pdf", contentType: "application/pdf", write: writePdf },
};

/** Exports a dashboard as it stands and keeps the file. @throws DASHBOARD_NOT_FOUND */
export async function generateReport(ctx: Context, dashboardId: string, format: Format): Promise<ReportRow> {
  const dashboard = await ctx.load(dashboardsById, dashboardId);
  if (!dashboard) throw errors.DASHBOARD_NOT_FOUND({ id: dashboardId });
  const { extension, contentType, write } = writers[format];
  const report = await readContent(ctx, dashboard);
  const content = await write(report);
  const fileName = `${plainName(dashboard.name)}-${report.generatedAt.toISOString().slice(0, 10)}.${extension}`;
  const file = { format, fileName, contentType, bytes: content.length, content };
  return ctx.transaction(async (tx) => {
    const made = { generatedAt: report.generatedAt, generatedBy: personOf(ctx) };
    const row = await addReport(tx, { id: newId(), dashboardId, ...file, ...made });
    const payload = { reportId: row.id, dashboardId, format, bytes: row.bytes };
    tx.publish(platformEvents.reportGenerated, { aggregateId: row.id, payload });
    return row;
  });
}

/** A name that every file system takes: letters and digits of any script, joined by hyphens. */
function plainName(name: string): string {
  return (
    name
      .normalize("NFC")
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 80) || "dashboard"
  );
}
