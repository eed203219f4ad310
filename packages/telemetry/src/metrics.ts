/** Prometheus instruments that every process of the platform has in common. Labels are bounded: never ids, never names from outside. */
import { setTimeout as sleep } from "node:timers/promises";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export interface Metrics {
  /** For instruments of one's own: `new Counter({ …, registers: [metrics.registry] })`. */
  readonly registry: Registry;
  /** Seconds from the first byte of a client request to the answer. */
  readonly requestDuration: Histogram<"operation_type" | "outcome">;
  /** Seconds one call to a subgraph took. */
  readonly subgraphDuration: Histogram<"subgraph" | "outcome">;
  /** Subscriptions running at this moment. */
  readonly activeSubscriptions: Gauge<"transport">;
  /** Publishes the connections of a pool; `read` is called at every scrape. */
  watchDatabasePool(read: () => { inUse: number; waiting: number; size: number }): void;
  /** Publishes how far event delivery is behind; `read` is called at every scrape. */
  watchEvents(read: () => Promise<{ outbox: number; parked: number; deadLetters: number }>): void;
  /** Publishes how many durable processes are unfinished; `read` is called at every scrape. */
  watchProcesses(read: () => Promise<{ running: number; waiting: number; stuck: number }>): void;
  /** The text a scrape gets, and its content type. */
  scrape(): Promise<{ contentType: string; text: string }>;
}

const partTimeoutMs = 2000;
const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  return {
    registry,
    requestDuration: new Histogram({
      name: "tessera_request_duration_seconds",
      help: "Client requests by operation type and outcome",
      labelNames: ["operation_type", "outcome"],
      buckets: latencyBuckets,
      registers,
    }),
    subgraphDuration: new Histogram({
      name: "tessera_subgraph_call_duration_seconds",
      help: "Calls from the router to a subgraph",
      labelNames: ["subgraph", "outcome"],
      buckets: latencyBuckets,
      registers,
    }),
    activeSubscriptions: new Gauge({
      name: "tessera_active_subscriptions",
      help: "Subscriptions running now",
      labelNames: ["transport"],
      registers,
    }),
    watchDatabasePool: (read) => watch(registry, "tessera_database_connections", "Database connections by state", read),
    watchEvents: (read) => watch(registry, "tessera_events_waiting", "Events not yet delivered, by place", read),
    watchProcesses: (read) => watch(registry, "tessera_processes", "Unfinished durable processes by state", read),
    scrape: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

/** A gauge with one series per key of what `read` answers, read when Prometheus scrapes. */
function watch<Reading extends Record<string, number>>(
  registry: Registry,
  name: string,
  help: string,
  read: () => Reading | Promise<Reading>,
): void {
  new Gauge({
    name,
    help,
    labelNames: ["state"],
    registers: [registry],
    async collect() {
      // A part that cannot answer, or not in time, must not take the whole scrape with it.
      const reading = await Promise.race([Promise.resolve().then(read), late()]).catch(() => null);
      this.reset();
      for (const [state, value] of Object.entries(reading ?? {})) this.set({ state }, value);
    },
  });
}

/** Null once a scrape has waited long enough for one part. */
const late = (): Promise<null> => sleep(partTimeoutMs, null, { ref: false });
