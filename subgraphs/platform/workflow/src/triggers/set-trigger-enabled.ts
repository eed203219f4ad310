/** Switches a trigger on or off. */
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { changeTrigger, lockTrigger } from "../queries/trigger-records.js";
import type { TriggerRow } from "../tables.js";
import { awaitFiring, firingAfter } from "./fire-schedule.js";

/** A schedule that is switched on again goes on with its next time: what it left out meanwhile is not made up for. @throws TRIGGER_NOT_FOUND */
export function setTriggerEnabled(ctx: Context, id: string, enabled: boolean): Promise<TriggerRow> {
  return ctx.transaction(async (tx) => {
    const trigger = await lockTrigger(tx, id);
    if (!trigger) throw errors.TRIGGER_NOT_FOUND({ id });
    if (trigger.enabled === enabled) return trigger;
    const isDue = enabled && trigger.versionId !== null;
    const nextFireAt = isDue ? firingAfter(trigger, ctx.now()) : null;
    const changed = await changeTrigger(tx, id, { enabled, nextFireAt, lastError: null });
    await awaitFiring(tx, changed);
    return changed;
  });
}
