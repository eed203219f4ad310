/**
 * Working off a stored file, all rows or none: every row is read and calculated before the first one is written, and
 * entries, the new result and the import's own state commit together. Whatever breaks in between leaves the file as it
 * was, to be worked off again.
 */
import { newId } from "@tessera/database";
import { esgEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { eq } from "drizzle-orm";
import { type CalculationRow, calculationForUpdate } from "../queries/calculations.js";
import { type EntryRow, entriesOfCalculation, importForUpdate, insertEntries } from "../queries/entries.js";
import { activityImport } from "../tables.js";
import type { EntryProblem } from "./calculate-inventory.js";
import { plain } from "./exact-decimal.js";
import { mapColumns } from "./map-columns.js";
import { type ImportPlaces, placeRow, placesFor } from "./place-import-row.js";
import { type PreparedInventory, prepareInventory } from "./prepare-inventory.js";
import { type ActivityRow, type RowError, readActivityRow } from "./read-activity-rows.js";
import { readTable } from "./read-table-file.js";
import { storeResult } from "./recalculate-emissions.js";

const mostStoredErrors = 500;
/** An entry to be, every column decided. */
type ImportedEntry = Omit<EntryRow, "tenantId">;
type Import = NonNullable<Awaited<ReturnType<typeof importForUpdate>>>;

/** Does nothing for an import that is done already. */
export const workOffImport = (ctx: Context, importId: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const file = await importForUpdate(tx, importId);
    if (file?.status !== "REQUESTED") return;
    const calculation = await calculationForUpdate(tx, file.calculationId);
    if (calculation?.status !== "DRAFT") return fail(ctx, tx, file, [closedFault]);
    await announce(ctx, file, "CHECKING", 0);
    const { entries, faults } = await readEntries(tx, file);
    const { inventory, problems, pending } = await calculateWith(tx, calculation, entries);
    if (faults.length + problems.length > 0) return fail(ctx, tx, file, [...faults, ...problems]);
    await insertEntries(tx, entries, (written) => announce(ctx, file, "WRITING", written));
    // The person who sent the file is the author of what came of it.
    const made = { calculatedBy: file.createdBy, calculatedAt: ctx.now(), pendingEntries: pending };
    const { version } = await storeResult(tx, calculation, inventory, made);
    await finish(ctx, tx, file, { status: "DONE", rowsDone: entries.length, resultVersion: version });
  });

const closedFault: RowError = {
  row: 0,
  column: null,
  code: "CALCULATION_CLOSED",
  message: "The calculation was closed before the file could be worked off: revise it and import the file there.",
};

async function readEntries(tx: Transaction, file: Import): Promise<{ entries: ImportedEntry[]; faults: RowError[] }> {
  const table = await readTable(file.format, file.content);
  const map = mapColumns(table.header);
  const places = await placesFor(tx, file.calculationId);
  const read = table.rows.map((row) => entryOf(file, readActivityRow(row, map), places));
  const isEntry = (row: ImportedEntry | RowError[]): row is ImportedEntry => !Array.isArray(row);
  return { entries: read.filter(isEntry), faults: read.flatMap((row) => (isEntry(row) ? [] : row)) };
}

/** What a file cannot say about an entry. */
const unset = {
  factorId: null,
  scope: null,
  details: {},
  supplierId: null,
  factorUncertaintyPercent: null,
  pedigree: null,
};

function entryOf(file: Import, row: ActivityRow | RowError[], places: ImportPlaces): ImportedEntry | RowError[] {
  if (Array.isArray(row)) return row;
  const place = placeRow(row, places);
  if (Array.isArray(place)) return place;
  return {
    ...unset,
    ...place,
    id: newId(),
    calculationId: file.calculationId,
    activity: row.activity,
    quantity: plain(row.quantity),
    unit: row.unit,
    heatingValue: row.heatingValue,
    periodStart: row.start,
    periodEnd: row.end,
    scope3Category: row.category,
    supplier: row.supplier,
    notes: row.notes,
    intraGroup: false,
    dataQuality: row.dataQuality,
    uncertaintyPercent: row.uncertainty && plain(row.uncertainty),
    source: "IMPORT",
    sourceId: file.id,
    sourceRow: row.row,
    sourceKey: `import:${file.id}:${row.row}`,
    pendingReview: false,
    createdBy: file.createdBy,
    createdAt: file.createdAt,
  };
}

interface Calculated {
  inventory: PreparedInventory;
  problems: RowError[];
  pending: number;
}

/** The whole calculation with the new entries in it, before anything is written. */
async function calculateWith(
  tx: Transaction,
  calculation: CalculationRow,
  added: ImportedEntry[],
): Promise<Calculated> {
  const stored = await entriesOfCalculation(tx, calculation.id);
  const reviewed = stored.filter(({ pendingReview }) => !pendingReview);
  const inOrder = [...reviewed, ...added].sort(
    (a, b) => a.periodStart.localeCompare(b.periodStart) || a.id.localeCompare(b.id),
  );
  const inventory = await prepareInventory(tx, calculation, inOrder);
  const rows = new Map(added.map((entry) => [entry.id, entry.sourceRow ?? 0]));
  const problems = inventory.problems.map((problem) => faultOf(problem, rows));
  return { inventory, problems, pending: stored.length - reviewed.length };
}

/** Row 0 stands for an entry that was there before. */
function faultOf({ entryId, code, message }: EntryProblem, rows: ReadonlyMap<string, number>): RowError {
  const row = rows.get(entryId);
  const column = code.startsWith("FACTOR") ? ("activity" as const) : null;
  return row === undefined
    ? { row: 0, column: null, code, message: `Entry ${entryId}: ${message}` }
    : { row, column, code, message };
}

const fail = (ctx: Context, tx: Transaction, file: Import, faults: RowError[]): Promise<void> =>
  finish(ctx, tx, file, {
    status: "FAILED",
    rowsFailed: new Set(faults.map(({ row }) => row)).size,
    rowErrors: faults.sort((a, b) => a.row - b.row).slice(0, mostStoredErrors),
  });

async function finish(ctx: Context, tx: Transaction, file: Import, outcome: Partial<Import>): Promise<void> {
  const changes = { ...outcome, finishedAt: ctx.now() };
  await tx.update(activityImport).set(changes).where(eq(activityImport.id, file.id));
  // Published, not announced: listeners hear of the end when it has happened.
  tx.publish(esgEvents.activityImportProgressed, progress(file, changes.status ?? "FAILED", changes.rowsDone ?? 0));
}

const progress = (file: Import, status: string, rowsDone: number) => ({
  aggregateId: file.id,
  payload: { importId: file.id, status, rowsDone, rowsTotal: file.rowsTotal },
});

const announce = (ctx: Context, file: Import, status: string, rowsDone: number): Promise<void> =>
  ctx.announce(esgEvents.activityImportProgressed, progress(file, status, rowsDone));
