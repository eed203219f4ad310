/** Tools of the end-to-end tests. */
export { type Belongings, belongingsOf, digestOf, tenantTables } from "./belongings.js";
export { type Block, documentedBlocks } from "./documents.js";
export { type Answer, type Data, type Graph, type GraphServers, startGraph } from "./graph.js";
export { type Load, type Outcome, startLoad } from "./load.js";
export { askFor, type Operation, takesIds } from "./operations.js";
export { type ServerProcess, startServerProcess } from "./server-process.js";
export { createEmptyDatabase, type EmptyDatabase } from "./test-database.js";
export { type Watch, watch } from "./watch.js";
