import { react } from "@tessera/events";
import { esgEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { takeDocumentActivities } from "../domain/take-document-activities.js";

/** Activity data read from a document joins the draft it was read for. */
export const onDocumentProcessed = react(esgEvents.documentProcessed, (ctx: Context, document) =>
  takeDocumentActivities(ctx, document),
);
