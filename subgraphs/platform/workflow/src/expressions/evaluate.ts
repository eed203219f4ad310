/**
 * Evaluates JSONata expressions and checks answers against JSON Schemas, under budgets: 1 s, 200,000 evaluation steps,
 * 64 MB, 200 calls deep, lists of 50,000, results of 1 MB. Neither ever runs in the thread that answers requests.
 */
import { errors } from "../errors.js";
import { ExpressionWorker, type Outcome } from "./expression-worker.js";
import type { ThreadLimits, ToThread } from "./thread-messages.js";
import { threadScript } from "./thread-script.js";

export const budget: ThreadLimits = {
  milliseconds: 1_000,
  steps: 200_000,
  depth: 200,
  listItems: 50_000,
  resultCharacters: 1_000_000,
};
const workerOptions = { limits: budget, memoryMb: 64, killAfterMs: 2_000 };
const mostThreads = 2;
const mostWaiting = 2_000;

const idle: ExpressionWorker[] = [];
const waiting: ((worker: ExpressionWorker | null) => void)[] = [];
let threads = 0;

/** Values by the names of the variables, without the `$`; see `variables` in definitions/definition.ts. */
export type Bindings = Readonly<Record<string, unknown>>;

/**
 * What the expression gives, as JSON; `null` for nothing.
 *
 * @throws EXPRESSION_FAILED, EXPRESSION_TIMEOUT, EXPRESSION_TOO_LARGE, EXPRESSIONS_BUSY
 */
export async function evaluate(expression: string, bindings: Bindings = {}): Promise<unknown> {
  const outcome = await ask({ kind: "evaluate", expression, bindings: JSON.stringify(bindings) });
  if (outcome.kind === "done") return JSON.parse(outcome.value);
  throw refusal(expression, outcome);
}

/** Each expression of a mapping, by its name. Fails as `evaluate` does. */
export async function evaluateAll(
  mapping: Readonly<Record<string, string>>,
  bindings: Bindings = {},
): Promise<Record<string, unknown>> {
  const entries = Object.entries(mapping).map(async ([name, text]) => [name, await evaluate(text, bindings)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** What is wrong with the value, a few sentences at most; empty when it fits. @throws EXPRESSION_TIMEOUT, EXPRESSIONS_BUSY */
export async function checkAgainst(schema: unknown, value: unknown): Promise<readonly string[]> {
  const outcome = await ask({ kind: "check", schema: JSON.stringify(schema), value: JSON.stringify(value ?? null) });
  if (outcome.kind === "done") return JSON.parse(outcome.value) as string[];
  if (outcome.because === "failed") return [`the schema cannot be used: ${outcome.reason}`];
  throw refusal("of the form", outcome);
}

function refusal(text: string, { because, reason }: Extract<Outcome, { kind: "failed" }>): Error {
  const expression = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  if (because === "time") return errors.EXPRESSION_TIMEOUT({ expression, milliseconds: budget.milliseconds, reason });
  if (because === "size") return errors.EXPRESSION_TOO_LARGE({ expression, reason });
  return errors.EXPRESSION_FAILED({ expression, reason });
}

async function ask(request: ToThread): Promise<Outcome> {
  const worker = (await claim()) ?? new ExpressionWorker(await threadScript(), workerOptions);
  const outcome = await worker.run(request);
  release(worker);
  return outcome;
}

/** An idle thread, `null` for leave to start one, or whichever comes free first. */
function claim(): Promise<ExpressionWorker | null> {
  const free = idle.pop();
  if (free) return Promise.resolve(free);
  if (threads < mostThreads) {
    threads += 1;
    return Promise.resolve(null);
  }
  if (waiting.length >= mostWaiting) throw errors.EXPRESSIONS_BUSY();
  return new Promise((resolve) => waiting.push(resolve));
}

function release(worker: ExpressionWorker): void {
  const next = waiting.shift();
  const usable = worker.isGone ? null : worker;
  if (next) next(usable);
  else if (usable) idle.push(usable);
  else threads -= 1;
}
