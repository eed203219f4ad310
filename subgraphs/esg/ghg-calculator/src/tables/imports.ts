/** Files of activity data. */
import { index, integer, jsonb, text, uuid } from "drizzle-orm/pg-core";
import type { RowError } from "../domain/read-activity-rows.js";
import { emissionCalculation } from "./calculations.js";
import { bytea, moment, tenantTable } from "./columns.js";

export type ImportStatus = "REQUESTED" | "DONE" | "FAILED";

export const activityImport = tenantTable(
  "activity_import",
  {
    id: uuid("id").primaryKey(),
    calculationId: uuid("calculation_id")
      .notNull()
      .references(() => emissionCalculation.id, { onDelete: "cascade" }),
    fileName: text("file_name").notNull(),
    format: text("format").$type<"CSV" | "XLSX">().notNull(),
    bytes: integer("bytes").notNull(),
    sha256: text("sha256").notNull(),
    content: bytea("content").notNull(),
    status: text("status").$type<ImportStatus>().notNull(),
    rowsTotal: integer("rows_total").notNull(),
    rowsDone: integer("rows_done").notNull(),
    rowsFailed: integer("rows_failed").notNull(),
    /** The first five hundred. */
    rowErrors: jsonb("row_errors").$type<RowError[]>().notNull(),
    ignoredColumns: text("ignored_columns").array().notNull(),
    resultVersion: integer("result_version"),
    createdBy: text("created_by").notNull(),
    createdAt: moment("created_at").notNull(),
    finishedAt: moment("finished_at"),
  },
  (table) => [index("activity_import_content").on(table.calculationId, table.sha256)],
);
