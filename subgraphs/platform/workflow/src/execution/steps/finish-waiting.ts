/** What a step waited for has come: it is done, for better or worse. */
import { asWorkflow, type Done, outputOf, recordEnd } from "../attempt-step.js";
import { problemOf } from "../problems.js";
import type { Place } from "../run-state.js";

/** @returns what other steps see of it */
export async function finishWaiting(place: Place, result: unknown): Promise<unknown> {
  const done = await place.run.process.step<Done>(`${place.path}:done`, {
    attempts: 3,
    do: async (given) => {
      const output = await outputOf(place, result);
      await recordEnd(asWorkflow(given, place), place, { state: "COMPLETED", output: output ?? null });
      return { result, output };
    },
  });
  return done.output;
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
