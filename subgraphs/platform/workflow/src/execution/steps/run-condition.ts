/** Decides which way the block goes on. */
import type { ConditionStep } from "../../definitions/definition.js";
import { evaluate } from "../../expressions/evaluate.js";
import { attemptStep, type Done } from "../attempt-step.js";
import { mayPass } from "../problems.js";
import type { Place } from "../run-state.js";

const once = { attempts: 3, retryIf: (error: unknown) => mayPass(error, false) };

/** @returns the id of the step that follows; `null` ends the block */
export async function runCondition(place: Place<ConditionStep>): Promise<string | null> {
  const { output } = await place.run.process.step<Done>(place.path, {
    ...once,
    do: (context) => attemptStep(context, place, { prepare: async () => null, act: () => decide(place) }, once),
  });
  return (output as { next: string | null }).next;
}

/** The first branch that holds. */
async function decide({
  step,
  bindings,
}: Place<ConditionStep>): Promise<{ branch: number | null; next: string | null }> {
  for (const [branch, { when, next = null }] of step.branches.entries()) {
    if ((await evaluate(when, bindings)) === true) return { branch, next };
  }
  return { branch: null, next: step.otherwise.next ?? null };
}
