/** Spans through the OpenTelemetry API: no-ops until the operator registers an SDK. */
import { type Attributes, context, propagation, type Span, SpanStatusCode, trace } from "@opentelemetry/api";

export type SpanAttributes = Attributes;

/** Lower-case names, as Node.js gives them. */
export type TraceHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Runs `work` as part of the trace that the sender of the headers named in them (W3C `traceparent`), if any. */
export function continueTrace<T>(headers: TraceHeaders, work: () => T): T {
  return context.with(propagation.extract(context.active(), headers), work);
}

/** The headers that name the running trace to whoever is called: none while nobody traces. */
export function traceHeaders(): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

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
