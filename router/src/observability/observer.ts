/** Everything that wants to know of finished requests, behind one call for each. */
import { isDeepStrictEqual } from "node:util";
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
  /** The one this one takes the place of: instruments, traces, and counts whose section is the same go on. */
  readonly before?: RouterObserver | undefined;
}

export interface RouterObserver extends Observer {
  /** `null` when metrics are off. */
  readonly metrics: RouterMetrics | null;
  /** What `/usage` answers; `null` when usage is not counted. */
  readonly usage: ((asked: { readonly top?: number; readonly schema?: GraphQLSchema }) => UsageReport) | null;
  /** Another supergraph is served from now on. */
  setSupergraph(sdl: string): void;
  /** What the next one may take over. */
  readonly parts: ObserverParts;
  /** Closes what the next one has not taken over. */
  closeBefore(next: RouterObserver): Promise<void>;
}

interface ObserverParts {
  readonly config: TelemetryConfig;
  readonly metrics: RouterMetrics | null;
  readonly usage: UsageCounts | null;
  readonly apollo: ApolloReporter | null;
  readonly traces: { close(): Promise<void> } | null;
}

export async function createObserver(options: ObserverOptions): Promise<RouterObserver> {
  const { config, telemetry, before } = options;
  const parts = before ? await partsAfter(before.parts, options) : await firstParts(options);
  const { metrics, usage, apollo, traces } = parts;
  const listeners = listenersOf({ ...parts, config, telemetry });

  return {
    ...{ parts, metrics },
    usage: usage && ((asked) => usage.report(asked)),
    onRequestStart: () => metrics?.onRequestStart(),
    onRequestEnd(record) {
      for (const listen of listeners) listen(record);
    },
    setSupergraph: (sdl) => apollo?.setSupergraph(sdl),
    async closeBefore(next) {
      if (next.parts.apollo !== apollo) await Promise.allSettled([apollo?.close()]);
    },
    async close() {
      await Promise.allSettled([apollo?.close(), traces?.close()]);
    },
  };
}

async function firstParts(options: ObserverOptions): Promise<ObserverParts> {
  const { config, telemetry, readings = {} } = options;
  return {
    config,
    metrics: (config.metrics ?? true) ? createRouterMetrics(telemetry.metrics, readings) : null,
    usage: countsFor(config),
    apollo: await reporterFor(options),
    // The SDK is large, and loaded only for those who want it.
    traces: config.traces ? (await import("./start-traces.js")).startTraces(config.traces) : null,
  };
}

/** Instruments are registered, and traces begun, once in a process. */
async function partsAfter(before: ObserverParts, options: ObserverOptions): Promise<ObserverParts> {
  const { config } = options;
  const isSame = (name: "usage" | "apollo") => isDeepStrictEqual(config[name], before.config[name]);
  return {
    config,
    metrics: before.metrics,
    usage: isSame("usage") ? before.usage : countsFor(config),
    apollo: isSame("apollo") ? before.apollo : await reporterFor(options),
    traces: before.traces,
  };
}

function countsFor({ usage }: TelemetryConfig): UsageCounts | null {
  return usage ? new UsageCounts(usage === true ? {} : usage) : null;
}

async function reporterFor({ config, telemetry, supergraphSdl }: ObserverOptions): Promise<ApolloReporter | null> {
  return config.apollo ? openReporter(config.apollo, { log: telemetry.log, supergraphSdl }) : null;
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
