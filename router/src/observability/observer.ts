/** Everything that wants to know of finished requests, behind one call for each. */
import type { Telemetry } from "@tessera/telemetry";
import type { GraphQLSchema } from "graphql";
import type { ApolloReporter } from "./apollo/usage-reporter.js";
import { factsOf } from "./operation-facts.js";
import { createAccessLog, createSlowLog } from "./request-logs.js";
import { clientOf, type Observer, type RequestRecord } from "./request-record.js";
import { createRouterMetrics, type RouterMetrics, type RouterReadings } from "./router-metrics.js";
import type { TelemetryConfig } from "./telemetry-options.js";
import { UsageCounts, type UsageReport } from "./usage-counts.js";

export interface ObserverOptions {
  readonly config: TelemetryConfig;
  readonly telemetry: Telemetry;
  readonly supergraphSdl: string;
  readonly readings?: RouterReadings;
}

export interface RouterObserver extends Observer {
  /** `null` when metrics are off. */
  readonly metrics: RouterMetrics | null;
  /** What `/usage` answers; `null` when usage is not counted. */
  readonly usage: ((asked: { readonly top?: number; readonly schema?: GraphQLSchema }) => UsageReport) | null;
  /** Another supergraph is served from now on. */
  setSupergraph(sdl: string): void;
}

export async function createObserver(options: ObserverOptions): Promise<RouterObserver> {
  const { config, telemetry, supergraphSdl, readings = {} } = options;
  const metrics = (config.metrics ?? true) ? createRouterMetrics(telemetry.metrics, readings) : null;
  const usage = config.usage ? new UsageCounts(config.usage === true ? {} : config.usage) : null;
  const apollo = config.apollo ? await openReporter(config.apollo, { log: telemetry.log, supergraphSdl }) : null;
  // The SDK is large, and loaded only for those who want it.
  const traces = config.traces ? (await import("./start-traces.js")).startTraces(config.traces) : null;
  const listeners = listenersOf({ config, telemetry, metrics, usage, apollo });

  return {
    metrics,
    usage: usage && ((asked) => usage.report(asked)),
    onRequestStart: () => metrics?.onRequestStart(),
    onRequestEnd(record) {
      for (const listen of listeners) listen(record);
    },
    setSupergraph: (sdl) => apollo?.setSupergraph(sdl),
    async close() {
      await Promise.allSettled([apollo?.close(), traces?.close()]);
    },
  };
}

/** Its packages are large, and loaded only for those who report. */
async function openReporter(...given: Parameters<CreateReporter>): Promise<ApolloReporter> {
  const { createApolloReporter } = await import("./apollo/usage-reporter.js");
  return createApolloReporter(...given);
}

type CreateReporter = typeof import("./apollo/usage-reporter.js").createApolloReporter;

interface Parts {
  readonly config: TelemetryConfig;
  readonly telemetry: Telemetry;
  readonly metrics: RouterMetrics | null;
  readonly usage: UsageCounts | null;
  readonly apollo: ApolloReporter | null;
}

function listenersOf({
  config,
  telemetry: { log },
  metrics,
  usage,
  apollo,
}: Parts): ((record: RequestRecord) => void)[] {
  const { accessLog, slowOperationMs } = config;
  return [
    ...(metrics ? [metrics.onRequestEnd] : []),
    ...(accessLog ? [createAccessLog(log, accessLog === true ? {} : accessLog)] : []),
    ...(slowOperationMs === undefined ? [] : [createSlowLog(log, slowOperationMs)]),
    ...(usage ? [countsOf(usage)] : []),
    ...(apollo ? [(record: RequestRecord) => apollo.add(record)] : []),
  ];
}

function countsOf(usage: UsageCounts): (record: RequestRecord) => void {
  return ({ operation, schema, context }) => {
    if (operation) usage.count(factsOf(operation, schema), clientOf(context).name);
  };
}
