/**
 * Gives a subgraph that keeps failing a rest, and its callers a quick answer. After the rest a few calls try whether it
 * is well again; when all of them succeed the circuit closes, when one fails it rests again.
 */
import { RouterError } from "../../errors/router-error.js";
import type { Layer } from "../wire/outgoing.js";
import { isFault, isFaultyAnswer } from "./failure.js";
import { SlidingWindow } from "./sliding-window.js";
import type { CircuitBreakerOptions } from "./subgraph-traffic.js";

type Verdict = "good" | "bad" | "unknown";

/** `open`: nothing is asked. `half-open`: a few calls try whether the subgraph is well again. */
export type BreakerState = "closed" | "open" | "half-open";

export interface CircuitBreaker {
  readonly layer: Layer;
  state(): BreakerState;
}

/** `now` in milliseconds that never go back. */
export function createCircuitBreaker(
  subgraph: string,
  options: CircuitBreakerOptions,
  now: () => number = () => performance.now(),
): CircuitBreaker {
  const circuit = new Circuit(subgraph, options, now);
  const layer: Layer = (next) => async (outgoing) => {
    const report = circuit.enter();
    try {
      const answer = await next(outgoing);
      report(isFaultyAnswer(answer) ? "bad" : "good");
      return answer;
    } catch (error) {
      report(isFault(error) ? "bad" : "unknown");
      throw error;
    }
  };
  return { layer, state: () => circuit.state };
}

class Circuit {
  readonly #subgraph: string;
  readonly #options: Required<CircuitBreakerOptions>;
  readonly #now: () => number;
  readonly #window: SlidingWindow;
  /** When the rest ends; null while the circuit is closed. */
  #restUntil: number | null = null;
  #probing = 0;
  #proved = 0;

  constructor(subgraph: string, options: CircuitBreakerOptions, now: () => number) {
    const { failurePercent = 50, windowMs = 10_000, minimumCalls = 20, restMs = 5_000, probes = 3 } = options;
    this.#subgraph = subgraph;
    this.#options = { failurePercent, windowMs, minimumCalls, restMs, probes };
    this.#now = now;
    this.#window = new SlidingWindow(windowMs);
  }

  get state(): BreakerState {
    if (this.#restUntil === null) return "closed";
    return this.#restUntil > this.#now() ? "open" : "half-open";
  }

  /** @throws RouterError SUBGRAPH_CIRCUIT_OPEN. What it returns has to be told how the call went. */
  enter(): (verdict: Verdict) => void {
    if (this.#restUntil === null) return (verdict) => this.#count(verdict);
    const left = this.#restUntil - this.#now();
    if (left > 0 || this.#probing + this.#proved >= this.#options.probes) throw this.#refusal(left);
    const rest = this.#restUntil;
    this.#probing += 1;
    return (verdict) => this.#probed(verdict, rest);
  }

  #count(verdict: Verdict): void {
    if (verdict === "unknown" || this.#restUntil !== null) return;
    const now = this.#now();
    this.#window.count(now, verdict === "bad");
    const { calls, failures } = this.#window.totals(now);
    const { minimumCalls, failurePercent } = this.#options;
    if (calls >= minimumCalls && failures * 100 >= calls * failurePercent) this.#open();
  }

  /** A probe of an earlier rest says nothing about this one. */
  #probed(verdict: Verdict, rest: number): void {
    if (rest !== this.#restUntil) return;
    this.#probing -= 1;
    if (verdict === "bad") this.#open();
    if (verdict !== "good") return;
    this.#proved += 1;
    if (this.#proved >= this.#options.probes) this.#close();
  }

  #open(): void {
    this.#restUntil = this.#now() + this.#options.restMs;
    this.#probing = 0;
    this.#proved = 0;
  }

  #close(): void {
    this.#restUntil = null;
    this.#window.clear();
  }

  #refusal(left: number): RouterError {
    const retryAfterSeconds = Math.max(1, Math.ceil(left / 1_000));
    return new RouterError("SUBGRAPH_CIRCUIT_OPEN", { subgraph: this.#subgraph, retryAfterSeconds });
  }
}
