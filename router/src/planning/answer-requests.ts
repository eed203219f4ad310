/** The work of a planning thread: builds the planner of its supergraph, then plans one operation after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { buildPlanning, type Plan } from "./build-planning.js";
import { RefusedPlan } from "./refused-plan.js";
import type { FromThread, ThreadData, ToThread } from "./thread-messages.js";

const say = (message: FromThread): void => parentPort?.postMessage(message);

function start(): void {
  try {
    const plan = buildPlanning((workerData as ThreadData).planning);
    parentPort?.on("message", (request: ToThread) => say(answer(plan, request)));
    say({ kind: "ready" });
  } catch (error) {
    say({ kind: "broken", reason: String((error as Error).message) });
  }
}

function answer(plan: Plan, request: ToThread): FromThread {
  try {
    return { kind: "planned", json: JSON.stringify(plan(request)) };
  } catch (error) {
    if (error instanceof RefusedPlan) return { kind: "refused", reason: error.message };
    const { message: reason, stack = "" } = error as Error;
    return { kind: "failed", reason, stack };
  }
}

start();
