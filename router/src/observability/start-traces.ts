/** Sends spans to a collector over OTLP. Loaded only when a collector is configured. */
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-node";

/** Section `telemetry.traces`. */
export interface TraceOptions {
  /** Such as `http://localhost:4318/v1/traces`. */
  readonly otlpEndpoint: string;
  /** Share of the requests that are recorded, from 0 to 1, where the client has not decided. Default 1. */
  readonly sampleRatio?: number;
  /** Sent with every export, such as an API key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `tessera-router`. */
  readonly serviceName?: string;
}

export interface Traces {
  /** Sends what has been recorded, and stops recording. */
  close(): Promise<void>;
}

/** Registers an SDK for the whole process: W3C context in and out, spans in batches. */
export function startTraces({
  otlpEndpoint,
  sampleRatio = 1,
  headers,
  serviceName = "tessera-router",
}: TraceOptions): Traces {
  const exporter = new OTLPTraceExporter({ url: otlpEndpoint, ...(headers ? { headers: { ...headers } } : {}) });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": serviceName }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  return { close: () => provider.shutdown() };
}
