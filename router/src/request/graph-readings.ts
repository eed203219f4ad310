/** What the parts of the graph know of themselves, for whoever scrapes metrics. */
import type { CacheReading, RouterReadings } from "../observability/router-metrics.js";
import { isRemote } from "../subgraphs/subgraph-call.js";
import type { BreakerState } from "../subgraphs/traffic/circuit-breaker.js";
import type { Graph } from "./open-graph.js";

/** `graph` gives `null` until it is open; then there is nothing to read. */
export function createReadings(graph: () => Graph | null): RouterReadings {
  return {
    caches: () => cachesOf(graph()),
    breakers: () => breakersOf(graph()),
    upstreams: () => graph()?.upstreams() ?? 0,
    planner: () => graph()?.supergraph.generation.plans.load() ?? { running: 0, waiting: 0 },
  };
}

function cachesOf(graph: Graph | null): Record<string, CacheReading> {
  if (!graph) return {};
  const { operations, plans } = graph.supergraph.generation;
  return {
    operation: operations,
    plan: plans.statistics(),
    ...(graph.entityCache ? { entity: graph.entityCache.lookups } : {}),
  };
}

function breakersOf(graph: Graph | null): Record<string, BreakerState> {
  const states: Record<string, BreakerState> = {};
  for (const connection of graph?.supergraph.generation.connections ?? []) {
    if (isRemote(connection) && connection.breakerState) states[connection.name] = connection.breakerState();
  }
  return states;
}
