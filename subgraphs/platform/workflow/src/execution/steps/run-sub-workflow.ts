/** Another workflow as a step: it runs as an execution of its own, and this one waits for its end. */
import type { StepContext } from "@tessera/subgraph";
import { z } from "zod";
import type { SubWorkflowStep } from "../../definitions/definition.js";
import { errors } from "../../errors.js";
import { evaluateAll } from "../../expressions/evaluate.js";
import { executionsById } from "../../queries/executions.js";
import { stepAt } from "../../queries/step-records.js";
import { asWorkflow, attemptStep, type Done } from "../attempt-step.js";
import { mayPass } from "../problems.js";
import type { Place } from "../run-state.js";
import { startChild } from "../start-execution.js";
import { undoChild } from "../steer-execution.js";
import { undoStep } from "../undo-step.js";
import { failWaiting, finishWaiting } from "./finish-waiting.js";

const once = { attempts: 3, retryIf: (error: unknown) => mayPass(error, false) };

/** What a child says at its end. */
export const childEnd = z.object({
  state: z.string(),
  output: z.unknown(),
  problem: z.object({ code: z.string(), message: z.string() }).nullable(),
});

const usualAttempts = 1;

export async function runSubWorkflow(place: Place<SubWorkflowStep>): Promise<unknown> {
  const { run, path, step } = place;
  const attempts = step.retry?.attempts ?? usualAttempts;
  for (let attempt = 1; ; attempt += 1) {
    const suffix = attempt === 1 ? "" : `~${attempt}`;
    const end = await runChild(place, suffix);
    if (end?.state === "COMPLETED") return finishWaiting(place, end.output);
    if (attempt < attempts) {
      const milliseconds = (step.retry?.backoffSeconds ?? 1) * 1000 * 2 ** (attempt - 1);
      await run.process.sleep(`${path}${suffix}:backoff`, { milliseconds });
      continue;
    }
    const reason = end === null ? `it took longer than ${step.timeoutSeconds} s` : (end.problem?.message ?? end.state);
    return failWaiting(place, errors.SUB_WORKFLOW_FAILED({ workflow: step.workflow, reason }));
  }
}

/** `null` when it took too long; it is cancelled then. */
async function runChild(place: Place<SubWorkflowStep>, suffix: string): Promise<z.infer<typeof childEnd> | null> {
  const { run, path, step, bindings } = place;
  const name = `${path}${suffix}`;
  const wait = `${name}:ended`;
  const { executionId } = run.facts;
  const { result } = await run.process.step<Done>(name, {
    ...once,
    do: (context) =>
      attemptStep(
        context,
        place,
        {
          follows: "WAITS",
          prepare: () => evaluateAll(step.input, bindings),
          act: async (acting, input) => {
            const parent = { executionId, wait, stepPath: path };
            const { id } = await startChild(acting, { key: step.workflow, input, parent, depth: run.facts.depth });
            const limit = step.timeoutSeconds;
            const deadline = limit ? new Date(acting.now().getTime() + limit * 1000).toISOString() : null;
            return { childId: id, deadline };
          },
        },
        once,
      ),
    undoAttempts: childUndoAttempts,
    undo: (context, { result: begun }) => takeBack(context, place, (begun as { childId: string }).childId),
  });
  const { childId, deadline } = result as { childId: string; deadline: string | null };
  const end = await run.process.waitForAnswer(wait, { schema: childEnd, ...(deadline ? { deadline } : {}) });
  if (end) return end;
  await run.process.step(`${name}:late`, { do: (context) => undoChild(context, childId) });
  return null;
}

/** Each looks whether it is undone by now, at last every five minutes: for a day, should it be stuck and need a person. */
const childUndoAttempts = 300;
const over = new Set(["UNDONE", "CANCELLED", "FAILED"]);

/** One that completed is undone before whatever came before its step; any other is only told to stop. */
async function takeBack(given: StepContext, place: Place<SubWorkflowStep>, childId: string): Promise<void> {
  const { executionId } = place.run.facts;
  const step = await stepAt(given.apart().db, { executionId, path: place.path });
  if (step?.state !== "COMPLETED") return undoChild(asWorkflow(given, place), childId);
  await undoStep(given, place, childUndoAttempts, async (context) => {
    // Said for good, although this attempt may fail because it takes its time.
    await undoChild(context.apart(), childId);
    const [child] = await executionsById(context.apart().db, [childId]);
    if (child && !over.has(child.state))
      throw errors.SUB_WORKFLOW_NOT_UNDONE({ workflow: place.step.workflow, state: child.state });
  });
}
