/** The composition root: the one place that knows every part and starts them together. */

export { firstOperations } from "./first-operations.js";
export { type JourneyOptions, runJourney } from "./journey/run-journey.js";
export { launch, type Running } from "./launch.js";
export { describeFailure, LaunchProblem } from "./problem.js";
export { runFromTerminal, type TerminalStart } from "./run-from-terminal.js";
export { type LaunchOptions, readSettings, startHelp, type Topology } from "./settings.js";
