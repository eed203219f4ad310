/** A subgraph as a value, what its code has at hand, and the ways to host it. */
export type { BatchReadLists, Context, Transaction } from "./context.js";
export {
  type BatchRead,
  defineSubgraph,
  moduleTables,
  type Subgraph,
  type SubgraphDefinition,
} from "./define-subgraph.js";
export { createStage, type DemoStage } from "./demo-stage.js";
export { CodedError, defineErrors, formatError } from "./errors.js";
export { deepest, depthAttributes, depthOf } from "./graph-client/depth.js";
export type { GraphClient, GraphOperation, GraphResult } from "./graph-client/graph-client.js";
export { type GraphDoor, graphAt } from "./graph-client/graph-door.js";
export { trustModules } from "./graph-client/module-key.js";
export { hostInProcess } from "./host-in-process.js";
export { defineProcess, type StepContext, startProcesses } from "./processes.js";
export { startReactions } from "./reactions.js";
export { createRuntime, type Runtime } from "./runtime.js";
export { type ServedSubgraph, serveSubgraph } from "./serve.js";
