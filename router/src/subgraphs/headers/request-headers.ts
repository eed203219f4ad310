/** Header rules compiled once into steps that fill the headers of one request. */
import { type SpanContext, trace } from "@opentelemetry/api";
import type { Actor, RequestFacts } from "@tessera/shared-types";
import type { RequestContext } from "../../request/request-context.js";
import {
  type HeaderRule,
  type HeaderRules,
  type HeaderSource,
  type InsertRule,
  neverForwarded,
  type PropagateRule,
  type RemoveRule,
  type RequestFact,
} from "./header-rules.js";

/** Lower-case name → value. */
export type OutgoingHeaders = Map<string, string>;

export type WriteHeaders = (context: RequestContext) => OutgoingHeaders;

type Step = (headers: OutgoingHeaders, context: RequestContext) => void;

/** What the rules say, without what names the single request. */
export function compileForwarded({ request = [] }: HeaderRules): WriteHeaders {
  const steps = request.map(compileRule);
  return (context) => {
    const headers: OutgoingHeaders = new Map();
    for (const step of steps) step(headers, context);
    return headers;
  };
}

/** What the rules say, with the request's id and the trace it belongs to, which every subgraph gets. */
export function compileRequestHeaders(rules: HeaderRules): WriteHeaders {
  const forwarded = compileForwarded(rules);
  return (context) => {
    const headers = forwarded(context);
    headers.set("x-request-id", context.facts.requestId);
    const span = trace.getActiveSpan();
    if (span) writeTrace(headers, span.spanContext());
    return headers;
  };
}

/** https://www.w3.org/TR/trace-context/ */
function writeTrace(headers: OutgoingHeaders, { traceId, spanId, traceFlags, traceState }: SpanContext): void {
  headers.set("traceparent", `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`);
  const state = traceState?.serialize();
  if (state) headers.set("tracestate", state);
}

function compileRule(rule: HeaderRule): Step {
  if ("propagate" in rule) return compilePropagate(rule);
  return "insert" in rule ? compileInsert(rule) : compileRemove(rule);
}

function compilePropagate({ propagate }: PropagateRule): Step {
  if ("matching" in propagate) {
    const pattern = wholeName(propagate.matching);
    return (headers, { clientHeaders }) => {
      for (const name of Object.keys(clientHeaders)) {
        if (pattern.test(name)) put(headers, name, clientHeader(clientHeaders, name));
      }
    };
  }
  const from = propagate.named.toLowerCase();
  const to = (propagate.rename ?? propagate.named).toLowerCase();
  return (headers, { clientHeaders }) => put(headers, to, clientHeader(clientHeaders, from) ?? propagate.default);
}

function compileInsert({ insert }: InsertRule): Step {
  const name = insert.name.toLowerCase();
  const read = compileSource(insert);
  return (headers, context) => put(headers, name, read(context) ?? insert.default);
}

function compileSource(source: HeaderSource): (context: RequestContext) => string | undefined {
  if ("value" in source) return () => source.value;
  if ("fromHeader" in source) {
    const name = source.fromHeader.toLowerCase();
    return ({ clientHeaders }) => clientHeader(clientHeaders, name);
  }
  if ("fromClaim" in source) {
    const path = source.fromClaim.split(".");
    return ({ facts }) => claim(facts.actor, path);
  }
  const { fromFact, prefix } = source;
  const read = readFact[fromFact];
  return prefix === undefined ? ({ facts }) => read(facts) : ({ facts }) => prefixed(prefix, read(facts));
}

function compileRemove({ remove }: RemoveRule): Step {
  if ("named" in remove) {
    const name = remove.named.toLowerCase();
    return (headers) => headers.delete(name);
  }
  const pattern = wholeName(remove.matching);
  return (headers) => {
    for (const name of headers.keys()) if (pattern.test(name)) headers.delete(name);
  };
}

const readFact: Readonly<Record<RequestFact, (facts: RequestFacts) => string | undefined>> = {
  token: ({ token }) => token,
  cookie: ({ cookie }) => cookie,
  clientAddress: ({ clientAddress }) => clientAddress,
  userAgent: ({ userAgent }) => userAgent,
  // Clocks differ between machines, so what is sent is the time that is left.
  millisecondsLeft: ({ deadline }) =>
    String(Math.max(1, Math.round(Math.min(deadline - Date.now(), Number.MAX_SAFE_INTEGER)))),
};

function prefixed(prefix: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : prefix + value;
}

/** Names from `connection_init` come as the client wrote them, and may not be strings at all. */
function clientHeader(headers: RequestContext["clientHeaders"], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : typeof value === "string" ? value : undefined;
}

function claim(actor: Actor | null, path: readonly string[]): string | undefined {
  let value: unknown = actor;
  for (const key of path) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  if (Array.isArray(value) || value instanceof Set) return [...value].join(",");
  return value === undefined || value === null || typeof value === "object" ? undefined : String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** What a header may hold, RFC 9110 §5.5. Anything else could end the header and begin another one. */
const sendable = /^[\t\x20-\x7e\x80-\xff]*$/;
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

function put(headers: OutgoingHeaders, name: string, value: string | undefined): void {
  if (value === undefined || !sendable.test(value)) return;
  if (neverForwarded.has(name) || !token.test(name)) return;
  headers.set(name, value);
}

function wholeName(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, "i");
}
