import { react } from "@tessera/events";
import { esgEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { takeSupplierEmissions } from "../domain/take-supplier-emissions.js";

/** A supplier's own figure goes into the draft of its period. */
export const onSupplierEmissionsReported = react(esgEvents.supplierEmissionsReported, (ctx: Context, report) =>
  takeSupplierEmissions(ctx, report),
);
