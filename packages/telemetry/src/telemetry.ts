/** One process, one Telemetry: everything that reports to operators is reached through it. */
import type { Span } from "@opentelemetry/api";
import { createHealthRegistry, type HealthRegistry } from "./health.js";
import { createLog, type Log, type LogLevel } from "./log.js";
import { createMetrics, type Metrics } from "./metrics.js";
import { createSpans, type SpanAttributes } from "./traces.js";

export interface TelemetryOptions {
  /** Name of this process in logs, metrics and traces, such as `tessera-router`. */
  readonly service: string;
  /** Default: `LOG_LEVEL`, else `info`. */
  readonly level?: LogLevel;
  /** `json` for machines, `readable` for people. Default: readable on a terminal, JSON elsewhere. */
  readonly format?: "json" | "readable";
  /** Where log lines go. Default: standard output. */
  readonly destination?: { write(line: string): void };
  /** Longest time one health check may take before it counts as failed. Default 2,000 ms. */
  readonly healthTimeoutMs?: number;
}

export interface Telemetry {
  readonly service: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: HealthRegistry;
  /** Runs `work` inside a trace span: ended when it settles, failed when it throws. Free unless an OpenTelemetry SDK is registered. */
  span<T>(name: string, attributes: SpanAttributes, work: (span: Span) => Promise<T>): Promise<T>;
}

export function createTelemetry(options: TelemetryOptions): Telemetry {
  return {
    service: options.service,
    log: createLog(options),
    metrics: createMetrics(options.service),
    health: createHealthRegistry(options.healthTimeoutMs ?? 2_000),
    span: createSpans(options.service),
  };
}
