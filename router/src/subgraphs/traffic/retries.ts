/** Repeats calls that failed for a reason that may be gone in a moment. */
import { RouterError } from "../../errors/router-error.js";
import { type AbortWatcher, abortReason, unwatchAbort, watchAbort } from "../wire/abort-watch.js";
import { ConnectionFailure } from "../wire/connection-failure.js";
import type { Layer, Outgoing } from "../wire/outgoing.js";
import type { ReceivedAnswer } from "../wire/received-answer.js";
import { RetryBudget } from "./retry-budget.js";
import type { RetryOptions } from "./subgraph-traffic.js";

type Outcome = { readonly answer: ReceivedAnswer } | { readonly error: unknown };

/** Too busy at this moment, or a proxy found nobody behind it. */
const passing = new Set([429, 502, 503, 504]);

export function createRetries(options: RetryOptions, random: () => number = Math.random): Layer {
  const { attempts = 2, baseDelayMs = 50, maxDelayMs = 1_000, budgetPercent = 20, budgetReserve = 10 } = options;
  const budget = new RetryBudget(budgetPercent, budgetReserve);

  return (next) => {
    const attempt = (outgoing: Outgoing): Promise<Outcome> =>
      next(outgoing).then(
        (answer) => ({ answer }),
        (error: unknown) => ({ error }),
      );

    return async (outgoing) => {
      budget.deposit();
      let outcome = await attempt(outgoing);
      for (let repeated = 0; repeated < attempts && mayPass(outcome, outgoing); repeated++) {
        const delay = Math.max(random() * Math.min(maxDelayMs, baseDelayMs * 2 ** repeated), askedDelay(outcome));
        if (delay > maxDelayMs || !budget.withdraw()) break;
        await pause(delay, outgoing.signal);
        outcome = await attempt(outgoing);
      }
      if ("error" in outcome) throw outcome.error;
      return outcome.answer;
    };
  };
}

function mayPass(outcome: Outcome, { kind, signal }: Outgoing): boolean {
  if (signal.aborted) return false;
  if ("answer" in outcome) return kind === "query" && passing.has(outcome.answer.status);
  const { error } = outcome;
  if (error instanceof ConnectionFailure) return kind === "query" || error.progress === "unsent";
  return kind === "query" && error instanceof RouterError && isPassing(error);
}

function isPassing({ code, extensions }: RouterError): boolean {
  if (code === "SUBGRAPH_TIMEOUT") return true;
  const { status } = extensions.details as { status?: number };
  return code === "SUBGRAPH_INVALID_RESPONSE" && passing.has(status ?? 0);
}

/** Milliseconds the subgraph wants to be left alone, `Retry-After` in seconds. */
function askedDelay(outcome: Outcome): number {
  const [seconds] = "answer" in outcome ? outcome.answer.valuesOf("retry-after") : [];
  return (Number(seconds) || 0) * 1_000;
}

/** Rejects with the reason when the request is aborted meanwhile. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(abortReason(signal));
  return new Promise((resolve, reject) => {
    const watcher: AbortWatcher = {
      aborted: (reason) => {
        clearTimeout(timer);
        reject(reason);
      },
    };
    const timer = setTimeout(() => {
      unwatchAbort(signal, watcher);
      resolve();
    }, ms);
    watchAbort(signal, watcher);
  });
}
