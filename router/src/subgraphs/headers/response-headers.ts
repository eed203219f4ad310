/** Header rules for answers, compiled once into steps that fill the head of the client's answer. */
import type { AnswerHead, CachePolicy } from "../../request/request-context.js";
import { type HeaderRules, neverForwarded, type ResponseHeaderRule } from "./header-rules.js";

/** The values of one header of an answer; `name` in lower case. */
export type ValuesOf = (name: string) => readonly string[];

export type CollectHead = (head: AnswerHead, valuesOf: ValuesOf) => void;

export function compileResponseHeaders({ response = [] }: HeaderRules): CollectHead {
  const steps = response.flatMap(compileRule);
  return (head, valuesOf) => {
    for (const step of steps) step(head, valuesOf);
    const [cacheControl] = valuesOf("cache-control");
    if (cacheControl !== undefined) head.cachePolicy = stricter(head.cachePolicy, readCachePolicy(cacheControl));
  };
}

function compileRule({ propagate }: ResponseHeaderRule): CollectHead[] {
  const from = propagate.named.toLowerCase();
  const to = (propagate.rename ?? propagate.named).toLowerCase();
  if (neverForwarded.has(to)) return [];
  if (to === "set-cookie") return [(head, valuesOf) => void head.setCookie.push(...valuesOf(from))];
  const { merge = "last" } = propagate;
  return [
    ({ headers }, valuesOf) => {
      const values = valuesOf(from);
      const value = values.length > 0 ? values.join(", ") : propagate.default;
      if (value !== undefined) headers.set(to, merged(headers.get(to), value, merge));
    },
  ];
}

function merged(earlier: string | undefined, value: string, merge: "first" | "last" | "append"): string {
  if (earlier === undefined || merge === "last") return value;
  return merge === "first" ? earlier : `${earlier}, ${value}`;
}

/** RFC 9111 §5.2.2. An answer that says nothing about its age may not be kept. */
export function readCachePolicy(cacheControl: string): CachePolicy {
  const directives = cacheControl.toLowerCase();
  const scope = /\bprivate\b/.test(directives) ? "private" : "public";
  if (/\bno-(store|cache)\b/.test(directives)) return { maxAgeSeconds: 0, scope };
  const [, age] = /\bs-maxage=(\d+)/.exec(directives) ?? /\bmax-age=(\d+)/.exec(directives) ?? [];
  return { maxAgeSeconds: Number(age ?? 0), scope };
}

function stricter(one: CachePolicy | null, other: CachePolicy): CachePolicy {
  if (!one) return other;
  return {
    maxAgeSeconds: Math.min(one.maxAgeSeconds, other.maxAgeSeconds),
    scope: one.scope === "private" ? "private" : other.scope,
  };
}
