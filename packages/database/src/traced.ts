/** Spans of work in the database, through the OpenTelemetry API: nothing is recorded until an SDK is registered. */
import { type Attributes, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

const tracer = trace.getTracer("tessera-database");

/** https://opentelemetry.io/docs/specs/semconv/database/postgresql/, without statements, which may hold data. */
export function traced<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  const options = { kind: SpanKind.CLIENT, attributes: { ...attributes, "db.system.name": "postgresql" } };
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}
