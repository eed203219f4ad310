/**
 * Schedules: one durable process waits for each next firing. It starts the execution, notes the firing after it and
 * begins to wait for that one, all in one transaction, so however many servers there are each firing happens once.
 * What was missed while none of them ran is made up for by one firing, not by all of them.
 */

import { type Context, defineProcess, type Transaction } from "@tessera/subgraph";
import { z } from "zod";
import { versionsById } from "../queries/definitions.js";
import { changeTrigger, lockTrigger, type ReadyTrigger } from "../queries/trigger-records.js";
import type { TriggerRow } from "../tables.js";
import { fireTrigger } from "./fire-trigger.js";
import { countFirings, nextFiring } from "./next-firing.js";

const input = z.object({ triggerId: z.string(), fireAt: z.string() });
type Due = z.infer<typeof input>;

/** A schedule does not end because something was away for a while. */
const attempts = 1_000_000;

export const fireSchedule = defineProcess<Due, null>({
  name: "fire-schedule",
  version: 1,
  input,
  onFailure: "stop",
  async run(process, due) {
    await process.sleep("due", { until: due.fireAt });
    await process.step("fire", { attempts, do: (ctx) => fire(ctx, due) });
    return null;
  },
});

/** Waits for the firing that the trigger says is next; for none, when it has none. */
export async function awaitFiring(tx: Transaction, { id: triggerId, nextFireAt }: TriggerRow): Promise<void> {
  if (nextFireAt === null) return;
  const fireAt = nextFireAt.toISOString();
  await tx.processes.start(fireSchedule, { id: `${triggerId}:${fireAt}`, input: { triggerId, fireAt } });
}

/** The next time after `after`, while the trigger is switched on and published. */
export function firingAfter(trigger: Pick<TriggerRow, "cron" | "timeZone">, after: Date): Date | null {
  return trigger.cron === null ? null : nextFiring(trigger.cron, trigger.timeZone ?? "UTC", after);
}

function fire(ctx: Context, { triggerId, fireAt }: Due): Promise<void> {
  return ctx.transaction(async (tx: Transaction) => {
    const trigger = await lockTrigger(tx, triggerId);
    // Switched off, retired or scheduled anew meanwhile.
    if (trigger?.nextFireAt?.toISOString() !== fireAt || !trigger.enabled || trigger.versionId === null) return;
    const [version] = await versionsById(tx, [trigger.versionId]);
    if (!version) return;
    await start(ctx, { trigger, version }, fireAt);
    const nextFireAt = firingAfter(trigger, ctx.now());
    await awaitFiring(tx, await changeTrigger(tx, triggerId, { nextFireAt, lastFiredAt: ctx.now() }));
  });
}

function start(ctx: Context, ready: ReadyTrigger, fireAt: string): Promise<unknown> {
  const { id, cron, timeZone } = ready.trigger;
  const missed = countFirings(cron ?? "", timeZone ?? "UTC", new Date(fireAt), ctx.now());
  const event = { scheduledFor: fireAt, firedAt: ctx.now().toISOString(), missed };
  return fireTrigger(ctx, ready, { event, idempotencyKey: `schedule:${id}:${fireAt}`, depth: 1 });
}
