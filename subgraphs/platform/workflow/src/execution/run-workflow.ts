/**
 * The durable process behind every execution: its steps come from the definition. A saga that fails takes back what it
 * has done, last thing first; any other workflow stays where it failed, for somebody to put it right and go on.
 */
import { type Process, StepFailed } from "@tessera/processes";
import type { StepContext } from "@tessera/subgraph";
import { defineProcess } from "@tessera/subgraph";
import { z } from "zod";
import type { Step } from "../definitions/definition.js";
import { evaluate } from "../expressions/evaluate.js";
import type { StoredProblem } from "../tables.js";
import { endExecution, failExecution, finishUndo } from "./end-execution.js";
import { type ExecutionFacts, executionFacts, factBindings } from "./execution-facts.js";
import { releaseChildren, releaseWait } from "./release-children.js";
import { runBlock } from "./run-block.js";
import { outermost, type Run } from "./run-state.js";

const workflow = { version: 1, input: executionFacts, hears: ({ content }: ExecutionFacts) => heardBy(content.steps) };

export const runWorkflow = defineProcess({ ...workflow, name: "run-workflow", onFailure: "stop", run });
export const runSaga = defineProcess({ ...workflow, name: "run-saga", onFailure: "undo", run });

async function run(process: Process<StepContext>, facts: ExecutionFacts): Promise<unknown> {
  const run: Run = { process, facts };
  // Taken back last of all: then everything else has been.
  await process.step(":begin", {
    do: () => null,
    undo: (context) => finishUndo(context, run),
  });
  try {
    const steps = await runBlock(run, facts.content.steps, outermost());
    const output = await end(run, steps);
    if (facts.parent) await stayInReach(run);
    return output;
  } catch (error) {
    const problem = problemOfFailure(error);
    await process.step(":failed", { do: (context) => failExecution(context, run, problem) });
    throw error;
  }
}

function end(run: Run, steps: Record<string, unknown>): Promise<unknown> {
  const { output } = run.facts.content;
  return run.process.step(":end", {
    do: async (context) => {
      const bindings = { ...factBindings(run.facts), steps };
      const result = output === undefined ? steps : await evaluate(output, bindings);
      await endExecution(context, run, result);
      return result;
    },
  });
}

/** Until its parent has ended for good: then those that it started itself are released in their turn. */
async function stayInReach({ process, facts }: Run): Promise<void> {
  await process.waitForAnswer(releaseWait, { schema: z.unknown() });
  await process.step(":release", {
    do: (context) => context.transaction((tx) => releaseChildren(tx, facts.executionId)),
  });
}

function problemOfFailure(error: unknown): StoredProblem {
  const { code, message, stepPath } = error as { code?: string; message?: string; stepPath?: string };
  const path = error instanceof StepFailed ? error.step.replace(/(~\d+)?(:[a-z]+)?$/, "") : stepPath;
  return {
    code: code ?? "STEP_FAILED",
    message: message ?? String(error),
    ...(path ? { stepPath: path } : {}),
  };
}

/** Types of the events that some step waits for. */
function heardBy(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => {
    if (step.type === "wait") return "event" in step.wait ? [step.wait.event] : [];
    if (step.type === "loop") return heardBy(step.steps);
    return step.type === "parallel" ? step.branches.flatMap((branch) => heardBy(branch.steps)) : [];
  });
}
