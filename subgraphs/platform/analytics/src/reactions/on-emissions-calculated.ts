/** A new result of a calculation is a new set of points; so is a status it gets later. */
import { react } from "@tessera/events";
import type { Context } from "@tessera/subgraph";
import { ingestMeasuredEvent } from "../domain/ingest-points.js";
import { emissions } from "../domain/measured-events.js";

export const onEmissionsCalculated = react(emissions.contract, (ctx: Context, _payload, event) =>
  ingestMeasuredEvent(ctx, emissions, event),
);
