/**
 * Definitions and their versions, what runs of them (executions and their steps), what sets them off (triggers), and
 * what waits for people (tasks and approvals).
 */
export * from "./tables/definitions.js";
export * from "./tables/executions.js";
export * from "./tables/people.js";
