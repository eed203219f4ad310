/** A span for every call, where spans are recorded. */
import { ProxyTracerProvider, trace } from "@opentelemetry/api";
import type { Telemetry } from "@tessera/telemetry";
import type { TryCall } from "./call-subgraph.js";
import type { SubgraphAnswer, SubgraphCall } from "./subgraph-call.js";

export type Traced = (attempt: TryCall, call: SubgraphCall) => Promise<SubgraphAnswer>;

export function traceCalls({ span }: Telemetry): Traced {
  return (attempt, call) => {
    const { subgraph, kind, name } = call.operation;
    const attributes = { "tessera.subgraph": subgraph, "graphql.operation.type": kind };
    return span("router.subgraph", name ? { ...attributes, "graphql.operation.name": name } : attributes, () =>
      attempt(call),
    );
  };
}

/** Whether an SDK is registered, which may happen at any time. */
export function isTracing(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer("tessera") !== undefined;
}
