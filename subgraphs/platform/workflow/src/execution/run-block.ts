/** Walks through the steps of a block: the first one of the list, then whichever follows, to the end of the block. */
import type { LoopStep, ParallelStep, Step } from "../definitions/definition.js";
import { errors } from "../errors.js";
import { evaluate } from "../expressions/evaluate.js";
import { attemptStep, type Done } from "./attempt-step.js";
import { mayPass } from "./problems.js";
import { type Place, placeOf, type Run, type Scope, within } from "./run-state.js";
import { finishWaiting } from "./steps/finish-waiting.js";
import { runCondition } from "./steps/run-condition.js";
import { runEffect } from "./steps/run-effect.js";
import { runApproval, runTask } from "./steps/run-people.js";
import { runSubWorkflow } from "./steps/run-sub-workflow.js";
import { runWait } from "./steps/run-wait.js";

/** @returns the outputs of the block's own steps */
export async function runBlock(run: Run, steps: readonly Step[], scope: Scope): Promise<Record<string, unknown>> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  let step = steps[0];
  while (step) {
    const next: string | null | undefined = await runStep(run, step, scope);
    step = next == null ? undefined : byId.get(next);
  }
  return scope.own;
}

/** @returns the id of the step that follows */
async function runStep(run: Run, step: Step, scope: Scope): Promise<string | null | undefined> {
  if (step.type === "condition") return runCondition(placeOf(run, step, scope));
  if (step.type === "approval") {
    const { output, approved } = await runApproval(placeOf(run, step, scope));
    keep(scope, step.id, output);
    return approved ? step.next : step.rejected;
  }
  keep(scope, step.id, await outputOfStep(run, step, scope));
  return step.next;
}

type Straight = Exclude<Step, { type: "condition" | "approval" }>;

function outputOfStep(run: Run, step: Straight, scope: Scope): Promise<unknown> {
  switch (step.type) {
    case "graphql":
    case "http":
      return runEffect(placeOf(run, step, scope));
    case "wait":
      return runWait(placeOf(run, step, scope));
    case "task":
      return runTask(placeOf(run, step, scope));
    case "workflow":
      return runSubWorkflow(placeOf(run, step, scope));
    case "parallel":
      return runParallel(placeOf(run, step, scope), scope);
    case "loop":
      return runLoop(placeOf(run, step, scope), scope);
  }
}

function keep({ steps, own }: Scope, id: string, output: unknown): void {
  steps[id] = output;
  own[id] = output;
}

const once = { attempts: 3, retryIf: (error: unknown) => mayPass(error, false) };

async function runParallel(place: Place<ParallelStep>, scope: Scope): Promise<unknown> {
  const { run, step, path } = place;
  await begin(place, async () => ({ branches: step.branches.map(({ id }) => id) }));
  const branches = step.branches.map(
    ({ id, steps }) => [id, () => runBlock(run, steps, within(scope, `${path}.${id}.`))] as const,
  );
  return finishWaiting(place, await run.process.parallel(Object.fromEntries(branches)));
}

/** Items begin in the order of the list, so many at once as the step says. */
async function runLoop(place: Place<LoopStep>, scope: Scope): Promise<unknown> {
  const { run, step, path, bindings } = place;
  const items = (await begin(place, async () => listOf(step, await evaluate(step.over, bindings)))) as unknown[];
  const outputs: unknown[] = [];
  let started = 0;
  let failed = false;
  const lane = async () => {
    while (started < items.length && !failed) {
      const index = started++;
      const inner = within(scope, `${path}[${index}].`, { item: items[index], index });
      try {
        outputs[index] = await runBlock(run, step.steps, inner);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = Array.from(
    { length: Math.min(step.concurrency, items.length) },
    (_, at) => [String(at), lane] as const,
  );
  await run.process.parallel(Object.fromEntries(lanes));
  return finishWaiting(place, outputs);
}

/** @throws LOOP_INVALID */
function listOf({ limit, over }: LoopStep, value: unknown): unknown[] {
  const items = value === null ? [] : Array.isArray(value) ? value : [value];
  if (items.length > limit) throw errors.LOOP_INVALID({ over, count: items.length, limit });
  return items;
}

async function begin(place: Place, prepare: () => Promise<unknown>): Promise<unknown> {
  const { result } = await place.run.process.step<Done>(place.path, {
    ...once,
    do: (context) =>
      attemptStep(context, place, { follows: "RUNS", prepare, act: async (_, prepared) => prepared }, once),
  });
  return result;
}
