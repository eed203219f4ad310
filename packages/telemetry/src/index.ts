/** What operators see: logs, metrics, traces and health, made once per process. */
export { requestIdFrom } from "./correlation.js";
export type { Health, HealthCheck, HealthRegistry, HealthReport } from "./health.js";
export type { Log, LogLevel } from "./log.js";
export type { Metrics } from "./metrics.js";
export { createTelemetry, type Telemetry, type TelemetryOptions } from "./telemetry.js";
export { continueTrace, type SpanAttributes, type TraceHeaders, traceHeaders } from "./traces.js";
