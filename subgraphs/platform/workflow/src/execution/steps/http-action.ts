/** One call of another system. It carries a key by which that system recognises a repetition. */

import type { HttpStep } from "../../definitions/definition.js";
import { type Bindings, evaluate, evaluateAll } from "../../expressions/evaluate.js";
import type { Action } from "../attempt-step.js";
import { callOut, type HttpAnswer, type HttpCall } from "../http/call-out.js";

type HttpEffect = Pick<HttpStep, "method" | "url" | "headers" | "body">;

export function httpAction(effect: HttpEffect, bindings: Bindings, timeoutMs: number): Action<unknown, HttpAnswer> {
  return {
    prepare: async () => {
      const [url, headers, body] = await Promise.all([
        evaluate(effect.url, bindings),
        evaluateAll(effect.headers, bindings),
        effect.body === undefined ? undefined : evaluate(effect.body, bindings),
      ]);
      return { method: effect.method, url, headers, ...(body === undefined ? {} : { body }) };
    },
    act: ({ step }, input) =>
      callOut({ ...(input as HttpCall), idempotencyKey: step.idempotencyKey, timeoutMs, signal: step.signal }),
  };
}
