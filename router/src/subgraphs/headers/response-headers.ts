/** Header rules for answers, compiled once into steps that fill the head of the client's answer. */
import type { AnswerHead } from "../../request/request-context.js";
import { type HeaderRules, neverForwarded, type ResponseHeaderRule } from "./header-rules.js";

/** The values of one header of an answer; `name` in lower case. */
export type ValuesOf = (name: string) => readonly string[];

export type CollectHead = (head: AnswerHead, valuesOf: ValuesOf) => void;

export function compileResponseHeaders({ response = [] }: HeaderRules): CollectHead {
  const steps = response.flatMap(compileRule);
  return (head, valuesOf) => {
    for (const step of steps) step(head, valuesOf);
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
