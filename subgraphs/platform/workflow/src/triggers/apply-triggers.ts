/** Keeps the triggers of a workflow in step with what is published. */
import type { Context, Transaction } from "@tessera/subgraph";
import type { Definition, Trigger } from "../definitions/definition.js";
import { type KeptTrigger, keepTrigger, retireTriggers, triggerByName } from "../queries/trigger-records.js";
import type { TriggerRow, VersionRow } from "../tables.js";
import { awaitFiring, firingAfter } from "./fire-schedule.js";

/** The triggers of a version that is published now; with `null`, the workflow is retired and none is left. */
export async function applyTriggers(
  ctx: Context,
  tx: Transaction,
  definitionId: string,
  published: { readonly version: VersionRow; readonly definition: Definition } | null,
): Promise<void> {
  const wanted = published?.definition.triggers ?? [];
  await retireTriggers(
    tx,
    definitionId,
    wanted.map(({ id }) => id),
  );
  for (const trigger of wanted) {
    const before = await triggerByName(tx, definitionId, trigger.id);
    const row = rowOf(ctx.now(), trigger, before);
    const kept = await keepTrigger(tx, { ...row, definitionId, versionId: published?.version.id ?? null });
    await awaitFiring(tx, kept);
  }
}

function rowOf(
  now: Date,
  trigger: Trigger,
  before: TriggerRow | null,
): Omit<KeptTrigger, "definitionId" | "versionId"> {
  const schedule = trigger.type === "schedule" ? { cron: trigger.cron, timeZone: trigger.timeZone } : null;
  const isOn = before?.enabled ?? true;
  return {
    name: trigger.id,
    type: trigger.type.toUpperCase() as TriggerRow["type"],
    eventType: trigger.type === "event" ? trigger.event : null,
    cron: schedule?.cron ?? null,
    timeZone: schedule?.timeZone ?? null,
    nextFireAt: schedule && isOn ? firingAfter(schedule, now) : null,
    createdAt: now,
  };
}
