/** Activity data from processed documents: into drafts only, and for review where the reading is not certain. */
import { newId } from "@tessera/database";
import type { esgEvents } from "@tessera/shared-types";
import { CodedError, type Context, type Transaction } from "@tessera/subgraph";
import type { z } from "zod";
import { type CalculationRow, calculationForUpdate } from "../queries/calculations.js";
import { emissionEntry } from "../tables.js";
import { nameActivity } from "./name-activity.js";
import { authorOf, markOutdated } from "./open-draft.js";
import { checkEntry } from "./record-entry.js";

type ProcessedDocument = z.infer<typeof esgEvents.documentProcessed.payload>;
type Activity = ProcessedDocument["activities"][number];

/** Readings below this go to a person first. */
const certain = 0.8;

/** A document without a calculation, or for one that is closed, changes nothing. */
export const takeDocumentActivities = (ctx: Context, document: ProcessedDocument): Promise<void> =>
  ctx.transaction(async (tx) => {
    const { calculationId, activities } = document;
    if (calculationId === null || activities.length === 0) return;
    const calculation = await calculationForUpdate(tx, calculationId);
    if (calculation?.status !== "DRAFT") {
      ctx.log.warn({ calculationId, documentId: document.documentId }, "document without a draft to go into");
      return;
    }
    for (const [index, activity] of activities.entries()) {
      const facts = await readActivity(tx, calculation, activity);
      await insertOnce(ctx, tx, { ...facts, ...originOf(document, index) }, calculationId);
    }
    await markOutdated(tx, calculationId);
  });

const originOf = ({ documentId, kind }: ProcessedDocument, index: number) => ({
  source: "DOCUMENT" as const,
  sourceId: documentId,
  sourceRow: index,
  sourceKey: `document:${documentId}:${index}`,
  supplier: null,
  notes: `Read from a document (${kind}).`,
});

/** What can be calculated and is certain counts at once; anything else is kept as it was read, for a person to judge. */
async function readActivity(tx: Transaction, calculation: CalculationRow, { confidence, ...read }: Activity) {
  try {
    return { ...(await checkEntry(tx, calculation, read)), pendingReview: confidence < certain };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const period = { periodStart: read.start, periodEnd: read.end };
    const { quantity, unit } = read;
    return {
      activity: nameActivity(read.activity),
      quantity,
      unit,
      ...period,
      details: {},
      intraGroup: false,
      pendingReview: true,
    };
  }
}

async function insertOnce(
  ctx: Context,
  tx: Transaction,
  entry: Omit<typeof emissionEntry.$inferInsert, "id" | "calculationId" | "createdBy" | "createdAt">,
  calculationId: string,
): Promise<void> {
  const author = { createdBy: authorOf(ctx), createdAt: ctx.now() };
  const target = [emissionEntry.calculationId, emissionEntry.sourceKey];
  await tx
    .insert(emissionEntry)
    .values({ id: newId(), calculationId, ...entry, ...author })
    .onConflictDoNothing({ target });
}
