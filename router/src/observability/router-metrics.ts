/** Prometheus instruments of the router, beside those every process has. Labels are bounded: no names from outside. */
import type { Metrics } from "@tessera/telemetry";
import { Counter, Gauge, Histogram } from "prom-client";
import type { BreakerState } from "../subgraphs/traffic/circuit-breaker.js";
import { outcomeOf, type RequestRecord } from "./request-record.js";

export interface CacheReading {
  readonly hits: number;
  readonly misses: number;
  readonly size?: number;
}

/** By name of the cache: `operation`, `plan`, `entity`. */
export type ReadCaches = () => Readonly<Record<string, CacheReading>>;

/** What the parts of the router know of themselves; read when Prometheus scrapes. */
export interface RouterReadings {
  readonly caches?: ReadCaches;
  /** By name of the subgraph. */
  readonly breakers?: () => Readonly<Record<string, BreakerState>>;
  /** Subscriptions at subgraphs, however many clients share each. */
  readonly upstreams?: () => number;
  /** Operations that are being planned, and those that wait for a thread. */
  readonly planner?: () => { readonly running: number; readonly waiting: number };
}

export interface RouterMetrics {
  onRequestStart(): void;
  onRequestEnd(record: RequestRecord): void;
  onRateLimited(): void;
  onReload(outcome: "ok" | "failed"): void;
}

export function createRouterMetrics({ registry, requestDuration }: Metrics, readings: RouterReadings): RouterMetrics {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name: `tessera_router_${name}`, help, registers });
  let running = 0;
  new Gauge({
    name: "tessera_router_requests_in_flight",
    help: "Operations of clients that have no answer yet",
    registers,
    collect() {
      this.set(running);
    },
  });
  const limited = counter("rate_limited_total", "Operations refused because of a rate limit");
  const reloads = new Counter({
    name: "tessera_router_reloads_total",
    help: "Reloads of the supergraph and the configuration",
    labelNames: ["outcome"],
    registers,
  });
  const cost = new Histogram({
    name: "tessera_router_operation_cost",
    help: "What operations of clients were estimated to cost, and what their answers did",
    labelNames: ["kind"],
    buckets: [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000],
    registers,
  });
  watchCaches(registers, readings.caches);
  watchBreakers(registers, readings.breakers);
  watchPlanner(registers, readings.planner);
  watchUpstreams(registers, readings.upstreams);

  return {
    onRequestStart() {
      running += 1;
    },
    onRequestEnd(record) {
      running -= 1;
      const labels = { operation_type: record.operation?.kind ?? "unknown", outcome: outcomeOf(record) };
      requestDuration.observe(labels, record.durationMs / 1_000);
      if (record.cost) cost.observe({ kind: "estimated" }, record.cost.estimated);
      if (record.cost?.actual !== undefined) cost.observe({ kind: "actual" }, record.cost.actual);
    },
    onRateLimited: () => limited.inc(),
    onReload: (outcome) => reloads.inc({ outcome }),
  };
}

type Registers = Metrics["registry"][];

function watchCaches(registers: Registers, read: ReadCaches | undefined): void {
  if (!read) return;
  new Counter({
    name: "tessera_router_cache_lookups_total",
    help: "Lookups in the caches of the router",
    labelNames: ["cache", "result"],
    registers,
    collect() {
      this.reset();
      for (const [cache, { hits, misses }] of Object.entries(read())) {
        this.inc({ cache, result: "hit" }, hits);
        this.inc({ cache, result: "miss" }, misses);
      }
    },
  });
  new Gauge({
    name: "tessera_router_cache_entries",
    help: "Entries in the caches of the router",
    labelNames: ["cache"],
    registers,
    collect() {
      this.reset();
      for (const [cache, { size }] of Object.entries(read())) if (size !== undefined) this.set({ cache }, size);
    },
  });
}

const breakerStates: readonly BreakerState[] = ["closed", "open", "half-open"];

function watchBreakers(registers: Registers, read: RouterReadings["breakers"]): void {
  if (!read) return;
  new Gauge({
    name: "tessera_router_circuit_breaker",
    help: "1 for the state the circuit breaker of a subgraph is in",
    labelNames: ["subgraph", "state"],
    registers,
    collect() {
      this.reset();
      for (const [subgraph, current] of Object.entries(read())) {
        for (const state of breakerStates) this.set({ subgraph, state }, state === current ? 1 : 0);
      }
    },
  });
}

function watchPlanner(registers: Registers, read: RouterReadings["planner"]): void {
  if (!read) return;
  new Gauge({
    name: "tessera_router_planner_operations",
    help: "Operations that are being planned, or wait for it",
    labelNames: ["state"],
    registers,
    collect() {
      const { running, waiting } = read();
      this.set({ state: "running" }, running);
      this.set({ state: "waiting" }, waiting);
    },
  });
}

function watchUpstreams(registers: Registers, read: RouterReadings["upstreams"]): void {
  if (!read) return;
  new Gauge({
    name: "tessera_router_upstream_subscriptions",
    help: "Subscriptions at subgraphs, each shared by all clients that ask the same with the same rights",
    registers,
    collect() {
      this.set(read());
    },
  });
}
