/** Spans through the OpenTelemetry API: no-ops until the operator registers an SDK. */
import { type Attributes, type Span, SpanStatusCode, trace } from "@opentelemetry/api";

export type SpanAttributes = Attributes;

export function createSpans(service: string) {
  const tracer = trace.getTracer(service);

  return <T>(name: string, attributes: SpanAttributes, work: (span: Span) => Promise<T>): Promise<T> =>
    tracer.startActiveSpan(name, { attributes }, async (span) => {
      try {
        return await work(span);
      } catch (error) {
        span.recordException(error instanceof Error ? error : String(error));
        span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
        throw error;
      } finally {
        span.end();
      }
    });
}
