/** What operators see. */
import type { ApolloReportingOptions } from "../../observability/apollo/usage-reporter.js";
import type { AccessLogOptions } from "../../observability/request-logs.js";
import type { TraceOptions } from "../../observability/start-traces.js";
import type { TelemetryConfig } from "../../observability/telemetry-options.js";
import type { UsageOptions } from "../../observability/usage-counts.js";
import { either, named, number, orFalse, type Schema, section, text, toggle, url, whole } from "../schema-parts.js";

const traces = section<TraceOptions>(
  {
    description: "Spans to a collector over OTLP. Default: only to an SDK the process has registered itself.",
    required: ["otlpEndpoint"],
  },
  {
    otlpEndpoint: url({
      description: "Where the collector takes traces.",
      examples: ["http://localhost:4318/v1/traces"],
    }),
    sampleRatio: number({
      description: "Share of the requests, where the client has not decided.",
      default: 1,
      maximum: 1,
    }),
    headers: named(text({ description: "A value." }), { description: "Sent with every export. Default: none." }),
    serviceName: text({ description: "Name of this service in traces.", default: "tessera-router" }),
  },
);

const accessLog = either(
  [
    toggle({ description: "For all requests, or none." }),
    section<AccessLogOptions>(
      { description: "For some." },
      {
        sample: number({
          description: "Share of the requests without errors; those with errors always.",
          default: 1,
          maximum: 1,
        }),
      },
    ),
  ],
  {
    description: "A line for each operation, without variables and tokens.",
    default: false,
    examples: [{ sample: 0.1 }],
  },
);

const usage = either(
  [
    toggle({ description: "With the usual bounds." }),
    section<UsageOptions>(
      { description: "With these bounds." },
      {
        maxFields: whole({ description: "Fields that are counted.", default: 20_000, minimum: 1 }),
        maxClients: whole({ description: "Clients that are told apart.", default: 100, minimum: 1 }),
      },
    ),
  ],
  { description: "Requests by field and client, at /usage.", default: false },
);

const apollo = orFalse(
  section<ApolloReportingOptions>(
    { description: "Reports to this graph.", required: ["key", "graphRef"] },
    {
      key: text({
        description: "An API key of the graph; better in the environment.",
        examples: ["service:my-graph:…"],
      }),
      graphRef: text({ description: "The graph and its variant.", examples: ["my-graph@production"] }),
      endpoint: url({ description: "Where reports go.", default: "https://usage-reporting.api.apollographql.com" }),
      intervalMs: whole({ description: "Time between reports.", default: 15_000, minimum: 1_000 }),
    },
  ),
  {
    description:
      "Usage reports to Apollo GraphOS, without variables and headers; false: never. Default: when APOLLO_KEY and APOLLO_GRAPH_REF are set.",
  },
);

export const telemetrySchema: Schema<TelemetryConfig> = section<TelemetryConfig>(
  { description: "What operators see." },
  {
    traces,
    metrics: toggle({ description: "Metrics of requests at /metrics.", default: true }),
    accessLog,
    slowOperationMs: whole({
      description: "Operations that take so long get a line with their plan. Default: none.",
      examples: [1_000],
    }),
    usage,
    apollo,
  },
);
