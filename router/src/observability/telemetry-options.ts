/** Section `telemetry` of the configuration. */
import type { ApolloReportingOptions } from "./apollo/usage-reporter.js";
import type { AccessLogOptions } from "./request-logs.js";
import type { TraceOptions } from "./start-traces.js";
import type { UsageOptions } from "./usage-counts.js";

export interface TelemetryConfig {
  /** Spans to a collector over OTLP. Default: only to an SDK that was registered otherwise. */
  readonly traces?: TraceOptions;
  /** Prometheus metrics at `/metrics`. Default true. */
  readonly metrics?: boolean;
  /** A line for each operation. Default false. */
  readonly accessLog?: AccessLogOptions | boolean;
  /** Operations that take so long or longer get a line with their plan. Default: none. */
  readonly slowOperationMs?: number;
  /** Requests by field at `/usage`. Default false. */
  readonly usage?: UsageOptions | boolean;
  /** Usage reports to Apollo GraphOS. Default: when APOLLO_KEY and APOLLO_GRAPH_REF are set. `false`: never. */
  readonly apollo?: ApolloReportingOptions | false;
}
