/** What a step waited for has come: it is done, for better or worse. */
import type { StepContext } from "@tessera/subgraph";
import { asWorkflow, type Done, outputOf, recordEnd } from "../attempt-step.js";
import { mayPass, problemOf } from "../problems.js";
import type { Place } from "../run-state.js";

/** @returns what other steps see of it */
export async function finishWaiting(place: Place, result: unknown): Promise<unknown> {
  const done = await place.run.process.step<Done>(`${place.path}:done`, {
    attempts,
    retryIf,
    do: async (given) => {
      const context = asWorkflow(given, place);
      const output = await outputOrFailure(context, place, result);
      await recordEnd(context, place, { state: "COMPLETED", output: output ?? null });
      return { result, output };
    },
  });
  return done.output;
}

const attempts = 3;
const retryIf = (error: unknown) => mayPass(error, false);

/** An output that cannot be made fails the step, which is written down apart: this attempt leaves nothing behind. */
async function outputOrFailure(context: StepContext, place: Place, result: unknown): Promise<unknown> {
  try {
    return await outputOf(place, result);
  } catch (error) {
    const isLast = context.step.attempt >= attempts || !retryIf(error);
    const problem = problemOf(error, place.path);
    if (isLast) await recordEnd(context.apart(), place, { state: "FAILED", problem });
    throw error;
  }
}

/** What it waited for says that it has failed. */
export async function failWaiting(place: Place, error: Error): Promise<never> {
  await place.run.process.step(`${place.path}:failed`, {
    attempts: 3,
    do: (given) =>
      recordEnd(asWorkflow(given, place), place, { state: "FAILED", problem: problemOf(error, place.path) }),
  });
  throw Object.assign(error, { stepPath: place.path });
}
