import { react } from "@tessera/events";
import { esgEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { workOffImport } from "../domain/work-off-import.js";

/** A file that was taken in is worked off. */
export const onImportRequested = react(
  esgEvents.activityImportRequested,
  (ctx: Context, { importId }) => workOffImport(ctx, importId),
  { timeoutMs: 300_000 },
);
