/** Any event of the tenant may start executions: at most one per event and workflow, however often it is delivered. */
import { reactToAll } from "@tessera/events";
import type { Context } from "@tessera/subgraph";
import { triggersOfEvent } from "../queries/trigger-records.js";
import { fireTrigger } from "./fire-trigger.js";

export const onAnyEvent = reactToAll<Context>(async (ctx, event) => {
  if (!ctx.actor) return;
  const begun = new Set<string>();
  for (const ready of await triggersOfEvent(ctx.db, event.type)) {
    const { definitionId } = ready.trigger;
    if (begun.has(definitionId)) continue;
    const firing = { event, idempotencyKey: `event:${event.id}`, depth: (event.depth ?? 0) + 1 };
    if (await fireTrigger(ctx, ready, firing)) begun.add(definitionId);
  }
});
