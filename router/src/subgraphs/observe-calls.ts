/** Duration and outcome of every call; a span as well where traces are recorded. */
import { ProxyTracerProvider, trace } from "@opentelemetry/api";
import type { Telemetry } from "@tessera/telemetry";
import type { CallSubgraph, SubgraphAnswer } from "./subgraph-call.js";

export function observeCalls({ metrics, span }: Telemetry): (call: CallSubgraph) => CallSubgraph {
  const { subgraphDuration } = metrics;
  return (next) => {
    const traced: CallSubgraph = (call) =>
      span("router.subgraph", { "tessera.subgraph": call.operation.subgraph }, () => next(call));

    return async (call) => {
      const began = performance.now();
      const answer = await (isTracing() ? traced(call) : next(call));
      const labels = { subgraph: call.operation.subgraph, outcome: outcomeOf(answer) };
      subgraphDuration.observe(labels, (performance.now() - began) / 1_000);
      return answer;
    };
  };
}

/** Whether spans go anywhere: an SDK may be registered at any time. */
function isTracing(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer("tessera") !== undefined;
}

/** An answer in text counts as one: whether it holds errors is known only where it is read. */
function outcomeOf(answer: SubgraphAnswer): "ok" | "error" {
  return answer.form === "value" && answer.errors ? "error" : "ok";
}
