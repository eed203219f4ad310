/** Where a planning thread begins. */
import { constants, getPriority, setPriority } from "node:os";
import { workerData } from "node:worker_threads";
import type { ThreadData } from "./thread-messages.js";

/** With so much less it gets a third of the time of a thread that answers requests, where both want the same core. */
const less = 5;

// Elsewhere than on Linux the whole process would give way.
if ((workerData as ThreadData).givesWay && process.platform === "linux") {
  setPriority(Math.min(getPriority() + less, constants.priority.PRIORITY_LOW));
}
// Even to load the planner takes a while, so nothing of it may be loaded above.
void import("./answer-requests.js");
