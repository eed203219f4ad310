/** What tests use: a subgraph on a throw-away database, a client that acts as anybody, a clock that can be moved. */
export { Client, type Data, type Person, type ReceivedError } from "./client.js";
export { Clock } from "./clock.js";
export { type GraphAnswer, startGraph, type TestGraph, type TestGraphOptions } from "./start-graph.js";
export { envelopeOf, startSubgraph, type TestSubgraph } from "./start-subgraph.js";
