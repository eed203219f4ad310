/** A subgraph as a value, what its code has at hand, and the ways to host it. */
export type { BatchReadLists, Context, DemoStage, Transaction } from "./context.js";
export {
  type BatchRead,
  defineSubgraph,
  moduleTables,
  type Subgraph,
  type SubgraphDefinition,
} from "./define-subgraph.js";
export { createStage } from "./demo-stage.js";
export { CodedError, defineErrors, type ErrorDetails, formatError } from "./errors.js";
export { hostInProcess } from "./host-in-process.js";
export { startReactions } from "./reactions.js";
export { createRuntime, type Runtime } from "./runtime.js";
export { type ServedSubgraph, serveSubgraph } from "./serve.js";
