/** What every trigger does once it is set off: it asks its condition, makes the input, and starts an execution. */
import { CodedError, type Context, depthAttributes, type Transaction } from "@tessera/subgraph";
import { readDefinition, type Trigger } from "../definitions/definition.js";
import { type Started, startExecution } from "../execution/start-execution.js";
import { evaluate, evaluateAll } from "../expressions/evaluate.js";
import { definitionsById } from "../queries/definitions.js";
import { changeTrigger, type ReadyTrigger } from "../queries/trigger-records.js";
import type { DefinitionRow } from "../tables.js";

export interface Firing {
  /** What its expressions see as `$event`. */
  readonly event: unknown;
  /** Of what set it off: the same one starts a definition once. */
  readonly idempotencyKey: string;
  /** Automatic steps that led here. */
  readonly depth: number;
}

/** `null` when its condition does not hold, or it cannot start anything: then the trigger says why in `lastError`. */
export async function fireTrigger(ctx: Context, ready: ReadyTrigger, firing: Firing): Promise<Started | null> {
  const acting = ctx.as({ tenantId: ctx.tenantId, attributes: depthAttributes(firing.depth) });
  try {
    const started = await start(acting, ready, firing);
    if (started?.isNew) await note(acting, ready, { lastFiredAt: ctx.now(), lastError: null });
    return started;
  } catch (error) {
    // Only what is wrong with the trigger; everything else is for whoever delivers to try again.
    if (!(error instanceof CodedError) || error.code === "EXPRESSIONS_BUSY") throw error;
    await note(acting, ready, { lastError: error.message });
    return null;
  }
}

async function start(ctx: Context, { trigger, version }: ReadyTrigger, firing: Firing): Promise<Started | null> {
  const { event, idempotencyKey, depth } = firing;
  const source = readDefinition(version.content).triggers.find(({ id }) => id === trigger.name);
  if (!source || !(await holds(source, event))) return null;
  const input = await evaluateAll(source.input, { event });
  const [definition] = await definitionsById(ctx.db, [trigger.definitionId]);
  const found = { definition: definition as DefinitionRow, version };
  return startExecution(ctx, { ...found, trigger, input, event, idempotencyKey, startedBy: null, depth });
}

async function holds(source: Trigger, event: unknown): Promise<boolean> {
  const where = "where" in source ? source.where : undefined;
  return where === undefined || (await evaluate(where, { event })) === true;
}

function note(ctx: Context, { trigger }: ReadyTrigger, change: Parameters<typeof changeTrigger>[2]): Promise<unknown> {
  return ctx.transaction((tx: Transaction) => changeTrigger(tx, trigger.id, change));
}
