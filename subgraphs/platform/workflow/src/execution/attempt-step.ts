/**
 * One attempt at a step: what it is about to do is written down and shown first, then it does it, then its outcome
 * commits together with the journal of the process. No connection to the database is held while somebody else works.
 */

import { platformEvents } from "@tessera/shared-types";
import { type Context, depthAttributes, type StepContext } from "@tessera/subgraph";
import { evaluate } from "../expressions/evaluate.js";
import { beginStep, changeStep, settleState } from "../queries/step-records.js";
import type { StepRow } from "../tables.js";
import { problemOf } from "./problems.js";
import type { Place } from "./run-state.js";

/** What a kind of step does. */
export interface Action<Input, Result> {
  /** Works out what it is about to do; shown to whoever looks at the step. */
  prepare(): Promise<Input>;
  act(context: StepContext, input: Input): Promise<Result>;
  /** What follows `act`: the step waits for somebody or something, or its own block runs. Without it the step is done. */
  readonly follows?: "WAITS" | "RUNS";
}

export interface Done {
  /** What the step itself got. */
  readonly result: unknown;
  /** What other steps see of it. */
  readonly output: unknown;
}

export interface AttemptOptions {
  readonly attempts: number;
  /** False: no further attempt follows this error. */
  readonly retryIf: (error: unknown) => boolean;
}

/** The module itself acts, as deep in the chain of automatic steps as its execution stands. */
export function asWorkflow(context: StepContext, { run }: Pick<Place, "run">): StepContext {
  const { tenantId } = run.process;
  const acting = context.as({ tenantId, attributes: depthAttributes(run.facts.depth) });
  return Object.assign(acting, { step: context.step });
}

export async function attemptStep<Input, Result>(
  given: StepContext,
  place: Place,
  action: Action<Input, Result>,
  options: AttemptOptions,
): Promise<Done> {
  const context = asWorkflow(given, place);
  let input: unknown;
  let done: Done;
  try {
    const prepared = await action.prepare();
    input = prepared;
    await recordBegin(context, place, input);
    const result = await action.act(context, prepared);
    done = { result, output: action.follows ? null : await outputOf(place, result) };
  } catch (error) {
    const isLast = context.step.attempt >= options.attempts || !options.retryIf(error);
    await recordFailure(context, place, input, error, isLast);
    throw error;
  }
  if (action.follows === "WAITS") await recordWaiting(context, place);
  if (!action.follows) await recordEnd(context, place, { state: "COMPLETED", output: done.output });
  return done;
}

/** What other steps see: made from what the step got, or just that. */
export function outputOf({ step, bindings }: Place, result: unknown): Promise<unknown> | unknown {
  const expression = "output" in step ? step.output : undefined;
  return expression === undefined ? result : evaluate(expression, { ...bindings, result });
}

const rowKey = ({ run, path }: Place) => ({ executionId: run.facts.executionId, path });

async function recordBegin(context: StepContext, place: Place, input: unknown, attempts = context.step.attempt) {
  const { step } = place;
  const row = { stepId: step.id, type: step.type.toUpperCase(), name: step.name ?? step.id, attempts };
  await context.apart().transaction(async (tx) => {
    await beginStep(tx, {
      ...rowKey(place),
      ...row,
      state: "RUNNING",
      input: input ?? null,
      startedAt: context.now(),
    });
    await settleState(tx, place.run.facts.executionId);
  });
  await announceChange(context, place);
}

async function recordFailure(context: StepContext, place: Place, input: unknown, error: unknown, isLast: boolean) {
  // An expression may have failed before anything was begun.
  if (input === undefined) await recordBegin(context, place, null);
  const problem = problemOf(error, place.path);
  await context.apart().transaction(async (tx) => {
    const ended = isLast ? ({ state: "FAILED", finishedAt: context.now() } as const) : {};
    const row = await changeStep(tx, rowKey(place), { problem, ...ended });
    if (row && isLast) tx.publish(platformEvents.workflowStepCompleted, completedEvent(row));
    await settleState(tx, place.run.facts.executionId);
  });
  await announceChange(context, place);
}

function recordWaiting(context: StepContext, place: Place): Promise<void> {
  return context.transaction(async (tx) => {
    await changeStep(tx, rowKey(place), { state: "WAITING" });
    await settleState(tx, place.run.facts.executionId);
  });
}

/** The step is done, for better or worse; commits with the journal. */
export function recordEnd(
  context: Context,
  place: Place,
  end: Partial<Pick<StepRow, "output" | "problem">> & Pick<StepRow, "state">,
): Promise<void> {
  return context.transaction(async (tx) => {
    const row = await changeStep(tx, rowKey(place), { ...end, finishedAt: context.now() });
    if (row) tx.publish(platformEvents.workflowStepCompleted, completedEvent(row));
    await settleState(tx, place.run.facts.executionId);
  });
}

function completedEvent(row: StepRow) {
  const { executionId, stepId, path, type, startedAt, finishedAt } = row;
  const state = row.state as "COMPLETED" | "FAILED" | "SKIPPED" | "CANCELLED";
  const seconds = Math.max(0, ((finishedAt ?? startedAt).getTime() - startedAt.getTime()) / 1000);
  return { aggregateId: executionId, payload: { executionId, stepId, path, type, state, seconds } };
}

/** For whoever watches. What is announced is there to be read already. */
export function announceChange(context: StepContext, { run }: Pick<Place, "run">): Promise<void> {
  const { executionId } = run.facts;
  return context.announce(platformEvents.workflowExecutionChanged, {
    aggregateId: executionId,
    payload: { executionId },
  });
}
