/** Events of the sustainability suite. Emissions are decimal strings in tonnes of CO2 equivalent. */
import { z } from "zod";
import { defineEvent } from "./define.js";

const id = z.string();
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

export const emissionsCalculated = defineEvent(
  "ghg.emissions.calculated",
  1,
  z.object({
    calculationId: id,
    /** Number of the result; grows with every recalculation. */
    version: z.number().int(),
    period: z.object({ start: date, end: date }),
    emissions: z.object({
      scope1: decimal,
      scope2Location: decimal,
      scope2Market: decimal,
      scope3: decimal,
      total: decimal,
      /** Which scope 2 figure is in `total`. */
      totalUses: z.enum(["location", "market"]),
      /** Biogenic CO2, outside of scopes and not in `total`. */
      biogenicCo2: decimal,
    }),
    /** Scope 3 by GHG Protocol category, 1 to 15. */
    scope3Categories: z.array(z.object({ category: z.number().int(), tonnes: decimal })),
    gwpBasis: z.enum(["AR4", "AR5", "AR6"]),
    verificationStatus: z.enum(["draft", "locked", "approved"]),
  }),
);

/** Asks the calculator itself to work off a stored import; published in the transaction that stored the file. */
export const activityImportRequested = defineEvent(
  "ghg.import.requested",
  1,
  z.object({ importId: id, calculationId: id }),
);

/** Progress of an import: announced live while it runs, published with the transaction when it has ended. */
export const activityImportProgressed = defineEvent(
  "ghg.import.progressed",
  1,
  z.object({ importId: id, status: z.string(), rowsDone: z.number().int(), rowsTotal: z.number().int() }),
);

export const supplierEmissionsReported = defineEvent(
  "supplier.emissions.reported",
  1,
  z.object({
    supplierId: id,
    supplierName: z.string(),
    period: z.object({ start: date, end: date }),
    /** Scope 3 category the supplier's figure belongs to. */
    category: z.number().int().min(1).max(15),
    tonnes: decimal,
    calculationId: id.nullable(),
  }),
);

/** Fields taken from a document, ready for the modules that asked for such data. */
export const documentProcessed = defineEvent(
  "document.processed",
  1,
  z.object({
    documentId: id,
    kind: z.string(),
    calculationId: id.nullable(),
    activities: z.array(
      z.object({
        activity: z.string(),
        quantity: decimal,
        unit: z.string(),
        start: date,
        end: date,
        confidence: z.number(),
      }),
    ),
  }),
);
