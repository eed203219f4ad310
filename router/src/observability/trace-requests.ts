/** Spans of client requests through the OpenTelemetry API, with the context the client sent (W3C `traceparent`). */
import {
  type Attributes,
  context,
  ProxyTracerProvider,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { ClientHeaders } from "../request/request-context.js";
import type { RequestRecord } from "./request-record.js";

const service = "tessera-router";

/** Whether spans go anywhere: an SDK may be registered at any time. Without one, nothing is made. */
export function isTracing(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(service) !== undefined;
}

/**
 * Runs `work` inside the span `router.request`, a child of what the client sent. Spans that `work` starts hang below it.
 * `describe` adds what is known at the end.
 */
export function traceRequest<Result>(
  headers: ClientHeaders,
  work: (span: Span | null) => Promise<Result>,
): Promise<Result> {
  if (!isTracing()) return work(null);
  const parent = propagation.extract(ROOT_CONTEXT, headers, headerReader);
  const tracer = trace.getTracer(service);
  const span = tracer.startSpan("router.request", { kind: SpanKind.SERVER }, parent);
  return context.with(trace.setSpan(parent, span), async () => {
    try {
      return await work(span);
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Runs `work` inside a span below the current one. */
export function traceStep<Result>(name: string, attributes: Attributes, work: () => Promise<Result>): Promise<Result> {
  if (!isTracing()) return work();
  return trace.getTracer(service).startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/, without the document, which may hold literals. */
export function describeSpan(span: Span, record: RequestRecord): void {
  const { operation, status, errorCodes, context: request } = record;
  if (operation) {
    span.updateName(operation.name === undefined ? `GraphQL ${operation.kind}` : `${operation.kind} ${operation.name}`);
    span.setAttribute("graphql.operation.type", operation.kind);
    if (operation.name !== undefined) span.setAttribute("graphql.operation.name", operation.name);
  }
  span.setAttributes({
    "http.response.status_code": status,
    "tessera.request.id": request.facts.requestId,
    "tessera.subgraph.calls": record.subgraphCalls,
  });
  if (errorCodes.length === 0) return;
  span.setAttribute("error.type", errorCodes[0] ?? "");
  span.setStatus({ code: SpanStatusCode.ERROR, message: [...new Set(errorCodes)].join(", ") });
}

function fail(span: Span, error: unknown): void {
  span.recordException(error instanceof Error ? error : String(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
}

const headerReader = {
  get: (headers: ClientHeaders, name: string) => headers[name.toLowerCase()] as string | string[] | undefined,
  keys: (headers: ClientHeaders) => Object.keys(headers),
};
