/** Where a planning thread begins. Who can be answered goes before who has to be planned for. */
import { constants, setPriority } from "node:os";

// Elsewhere than on Linux the whole process would give way.
if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
// Even to load the planner takes a while, so nothing of it may be loaded above.
void import("./answer-requests.js");
