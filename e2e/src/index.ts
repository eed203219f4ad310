/** Tools of the end-to-end tests. */
export {
  type AccessTable,
  allows,
  type FieldAccess,
  isLeftToModule,
  readAccessTable,
  type Scopes,
  scopesIn,
} from "./access-table.js";
export { type Belongings, belongingsOf, digestOf } from "./belongings.js";
export { type Block, documentedBlocks } from "./documents.js";
export { allOf, type Given, idFor, nowhere, ownOf } from "./given.js";
export { type Answer, type Data, type Graph, type GraphServers, startGraph } from "./graph.js";
export { type GivenBack, LeakCheck } from "./leak-check.js";
export { type Load, type Outcome, startLoad } from "./load.js";
export { metricOf } from "./metrics.js";
export { type Operation, operationFor, operationsFor } from "./operations.js";
export { runScript } from "./run-script.js";
export { leaksIn } from "./secrets.js";
export { selectionOf } from "./selections.js";
export { type ServerProcess, startServerProcess } from "./server-process.js";
export type { SubgraphPlace } from "./subgraph-places.js";
export { createEmptyDatabase, type EmptyDatabase } from "./test-database.js";
export {
  type Asker,
  foreign,
  likely,
  mistakeIn,
  readSchema,
  rootFields,
  smuggled,
  strangersFrom,
} from "./walk.js";
export { type Watch, watch } from "./watch.js";
export { queryAlong, waysToFields } from "./way-to-field.js";
