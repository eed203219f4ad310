/** Starts executions: by hand, by a trigger, or as a step of another one. */
import { newId } from "@tessera/database";
import { platformEvents } from "@tessera/shared-types";
import { type Context, deepest, depthOf, type Transaction } from "@tessera/subgraph";
import { type Definition, readDefinition } from "../definitions/definition.js";
import { personOf } from "../domain/who.js";
import { errors } from "../errors.js";
import { checkAgainst } from "../expressions/evaluate.js";
import { definitionsByKey, publishedOfDefinitions } from "../queries/definitions.js";
import { addExecution, executionByKey } from "../queries/step-records.js";
import type { DefinitionRow, ExecutionRow, TriggerRow, VersionRow } from "../tables.js";
import type { ExecutionFacts } from "./execution-facts.js";
import { runSaga, runWorkflow } from "./run-workflow.js";

export interface Start {
  readonly definition: DefinitionRow;
  readonly version: VersionRow;
  readonly input: unknown;
  /** What set its trigger off. */
  readonly event?: unknown;
  readonly trigger?: TriggerRow;
  /** Starting twice with one key starts once. */
  readonly idempotencyKey: string | null;
  readonly startedBy: string | null;
  readonly parent?: NonNullable<ExecutionFacts["parent"]> & { readonly stepPath: string };
  readonly depth: number;
}

export interface Started {
  readonly execution: ExecutionRow;
  /** False: there was one with its idempotency key. */
  readonly isNew: boolean;
}

export interface StartWorkflow {
  readonly key: string;
  readonly input?: unknown;
  readonly idempotencyKey?: string | null | undefined;
}

const longestKey = 200;

/** @throws WORKFLOW_NOT_FOUND, NOT_PUBLISHED, INPUT_INVALID, WORKFLOW_TOO_DEEP */
export async function startWorkflow(
  ctx: Context,
  { key, input, idempotencyKey }: StartWorkflow,
): Promise<ExecutionRow> {
  const given = idempotencyKey ? `key:${idempotencyKey}` : null;
  if (given && given.length > longestKey) throw errors.INPUT_INVALID({ reason: "the idempotency key is too long" });
  const found = await findPublished(ctx, key);
  const start = { ...found, input: input ?? {}, idempotencyKey: given, startedBy: personOf(ctx) };
  return (await startExecution(ctx, { ...start, depth: depthOf(ctx.actor) })).execution;
}

/** As a step of another execution. @throws as `startWorkflow` */
export async function startChild(
  ctx: Context,
  { key, ...start }: Pick<Start, "input" | "depth"> & Required<Pick<Start, "parent">> & { readonly key: string },
): Promise<ExecutionRow> {
  const found = await findPublished(ctx, key);
  const child = { ...found, ...start, idempotencyKey: null, startedBy: null, depth: start.depth + 1 };
  return (await startExecution(ctx, child)).execution;
}

async function findPublished(ctx: Context, key: string): Promise<Pick<Start, "definition" | "version">> {
  const [definition] = await definitionsByKey(ctx.db, [key]);
  if (!definition) throw errors.WORKFLOW_NOT_FOUND({ id: key });
  const [version] = await publishedOfDefinitions(ctx.db, [definition.id]);
  if (!version) throw errors.NOT_PUBLISHED({ key });
  return { definition, version };
}

/** The execution and its process are there together, or neither is. @throws INPUT_INVALID, WORKFLOW_TOO_DEEP */
export async function startExecution(ctx: Context, start: Start): Promise<Started> {
  if (start.depth > deepest) throw errors.WORKFLOW_TOO_DEEP({ depth: start.depth, limit: deepest });
  const content = readDefinition(start.version.content);
  const problems = await checkAgainst(content.inputs, start.input);
  if (problems.length > 0) throw errors.INPUT_INVALID({ reason: problems.join(" "), problems });
  return ctx.transaction((tx) => insert(ctx, tx, start, content));
}

async function insert(ctx: Context, tx: Transaction, start: Start, content: Definition): Promise<Started> {
  const { definition, idempotencyKey, parent } = start;
  const facts = factsOf(ctx.now(), start, content);
  const execution = await addExecution(tx, {
    ...{ id: facts.executionId, definitionId: definition.id, versionId: start.version.id, kind: content.kind },
    ...{ state: "RUNNING", input: start.input, startedBy: start.startedBy, triggerId: start.trigger?.id ?? null },
    ...{ parentId: parent?.executionId ?? null, parentStepPath: parent?.stepPath ?? null, idempotencyKey },
    ...{ startedAt: new Date(facts.startedAt), dueAt: facts.dueAt === null ? null : new Date(facts.dueAt) },
  });
  if (!execution) {
    const before = await executionByKey(tx, definition.id, idempotencyKey ?? "");
    return { execution: before as ExecutionRow, isNew: false };
  }
  await tx.processes.start(content.kind === "SAGA" ? runSaga : runWorkflow, { id: execution.id, input: facts });
  tellStart(tx, start, facts);
  return { execution, isNew: true };
}

function factsOf(now: Date, start: Start, content: Definition): ExecutionFacts {
  const { definition, version, input, event, startedBy, parent, depth } = start;
  const dueAt = content.slaSeconds === undefined ? null : new Date(now.getTime() + content.slaSeconds * 1000);
  return {
    ...{ executionId: newId(), definitionId: definition.id, key: definition.key, version: version.number },
    ...{ content, input, startedBy, depth, startedAt: now.toISOString(), dueAt: dueAt?.toISOString() ?? null },
    ...(event === undefined ? {} : { event }),
    parent: parent ? { executionId: parent.executionId, wait: parent.wait } : null,
  };
}

function tellStart(tx: Transaction, { trigger }: Start, facts: ExecutionFacts): void {
  const { executionId, definitionId, key: definitionKey, version } = facts;
  const aggregateId = executionId;
  if (trigger) {
    const payload = { executionId, definitionId, triggerId: trigger.id, trigger: trigger.type };
    tx.publish(platformEvents.workflowTriggered, { aggregateId, payload });
  }
  const payload = { executionId, definitionId, definitionKey, version };
  tx.publish(platformEvents.workflowExecutionStarted, { aggregateId, payload });
}
