/** The smallest OpenTelemetry SDK: spans that are kept in a list, and a context that follows promises. */
import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context, ROOT_CONTEXT, type Span, type Tracer, trace } from "@opentelemetry/api";
import { onTestFinished } from "vitest";

export const spanContext = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 };

/** Registered until the end of the test; the names and attributes of spans that began. */
export function registerTracing(): { name: string; attributes: unknown }[] {
  const spans: { name: string; attributes: unknown }[] = [];
  const storage = new AsyncLocalStorage<Context>();
  const active = () => storage.getStore() ?? ROOT_CONTEXT;
  const manager = {
    active,
    with: (scope: Context, work: (...args: never[]) => unknown, self: unknown, ...args: never[]) =>
      storage.run(scope, () => work.apply(self, args)),
    bind: (_: Context, target: unknown) => target,
    enable: () => manager,
    disable: () => manager,
  };
  const startSpan = (): Span => trace.wrapSpanContext(spanContext);
  const tracer = {
    startSpan,
    startActiveSpan: (name: string, { attributes }: { attributes: unknown }, work: (span: Span) => unknown) => {
      spans.push({ name, attributes });
      const span = startSpan();
      return context.with(trace.setSpan(active(), span), () => work(span));
    },
  };
  context.setGlobalContextManager(manager as never);
  trace.setGlobalTracerProvider({ getTracer: () => tracer as unknown as Tracer });
  onTestFinished(() => {
    context.disable();
    trace.disable();
  });
  return spans;
}
