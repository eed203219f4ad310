/** The calls of a program, as a person may look at them. */
import type { SubgraphOperation } from "../subgraphs/subgraph-call.js";
import type { Program } from "./program.js";

/** One request to a subgraph as it will be sent. */
export interface PlannedCall {
  readonly subgraph: string;
  readonly kind: SubgraphOperation["kind"];
  readonly operation: string;
  /** Positions in the list of the calls whose answers it needs. */
  readonly waitsFor: readonly number[];
  /** How many fetches of the plan travel with it, each for its own entities; 0 for root fields. */
  readonly entityFields: number;
}

export function plannedCalls({ calls }: Program): PlannedCall[] {
  return calls.map(({ operation }, index) => ({
    subgraph: operation.subgraph,
    kind: operation.kind,
    operation: operation.text,
    waitsFor: calls.flatMap(({ dependents }, at) => (dependents.includes(index) ? [at] : [])),
    entityFields: operation.entities.length,
  }));
}

/** The stream, and what is asked for each of its events. */
export function callsOfEvents({ subgraph, kind, text }: SubgraphOperation, perEvent: Program): PlannedCall[] {
  const source = { subgraph, kind, operation: text, waitsFor: [], entityFields: 0 };
  const later = plannedCalls(perEvent).map((call) => ({
    ...call,
    waitsFor: [0, ...call.waitsFor.map((at) => at + 1)],
  }));
  return [source, ...later];
}
