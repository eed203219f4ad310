/** Taking in a file of activity data: checked in shape, stored, and asked to be worked off, in one transaction. */
import { createHash } from "node:crypto";
import { newId } from "@tessera/database";
import { esgEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { type ImportRow, importOfContent, importsById } from "../queries/entries.js";
import { activityImport } from "../tables.js";
import { checkText } from "./check-input.js";
import { mapColumns } from "./map-columns.js";
import { authorOf, openDraft } from "./open-draft.js";
import { formatOf, readTable, type TableFormat } from "./read-table-file.js";

export interface ImportRequest {
  calculationId: string;
  fileName: string;
  content: Buffer;
  /** Takes the same file a second time. */
  again?: boolean | null;
}

interface CheckedFile {
  fileName: string;
  format: TableFormat;
  content: Buffer;
  sha256: string;
  rowsTotal: number;
  ignoredColumns: string[];
}

/** @returns the earlier import when the same content is taken already. @throws CALCULATION_CLOSED and coded errors of the file */
export async function importEmissionActivities(ctx: Context, request: ImportRequest): Promise<ImportRow> {
  const file = await checkFile(request);
  return ctx.transaction(async (tx) => {
    await openDraft(tx, request.calculationId);
    const known = request.again ? null : await importOfContent(tx, request.calculationId, file.sha256);
    return known ?? storeFile(ctx, tx, request.calculationId, file);
  });
}

async function checkFile({ fileName, content }: ImportRequest): Promise<CheckedFile> {
  const name = checkText("fileName", fileName);
  const format = formatOf(content);
  const table = await readTable(format, content);
  const { missing, doubled, ignored } = mapColumns(table.header);
  if (missing.length > 0) throw errors.MISSING_COLUMNS({ columns: missing.join(", ") });
  if (doubled.length > 0) throw errors.DOUBLED_COLUMNS({ columns: doubled.join(", ") });
  if (table.rows.length === 0) throw errors.FILE_EMPTY();
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { fileName: name, format, content, sha256, rowsTotal: table.rows.length, ignoredColumns: ignored };
}

async function storeFile(ctx: Context, tx: Transaction, calculationId: string, file: CheckedFile): Promise<ImportRow> {
  const id = newId();
  await tx.insert(activityImport).values({
    id,
    calculationId,
    ...file,
    bytes: file.content.length,
    status: "REQUESTED",
    rowsDone: 0,
    rowsFailed: 0,
    rowErrors: [],
    createdBy: authorOf(ctx),
    createdAt: ctx.now(),
  });
  // One calculation's imports are worked off one after the other.
  tx.publish(esgEvents.activityImportRequested, {
    aggregateId: calculationId,
    payload: { importId: id, calculationId },
  });
  const [row] = await importsById(tx, [id]);
  return row as ImportRow;
}
