/** How calls to one subgraph are bounded, repeated and spread. What is not configured is not there and costs nothing. */
import type { ConnectionOptions } from "../wire/instance-pool.js";

export interface SubgraphTraffic extends ConnectionOptions {
  /** Milliseconds one attempt may take. Default: as long as the request's deadline, which bounds it in any case. */
  readonly timeoutMs?: number;
  /** Bytes of one answer, decompressed. Default 64 MiB. */
  readonly maxAnswerBytes?: number;
  /** Ask the subgraph to compress its answers (gzip, brotli, deflate): for slow lines only. Default false. */
  readonly compressedAnswers?: boolean;
  /** Repeat calls that failed. Default: never. */
  readonly retries?: RetryOptions;
  /** Give a subgraph that keeps failing a rest. Default: never. */
  readonly circuitBreaker?: CircuitBreakerOptions;
  /** Bound what the subgraph has to do at a time. Default: no bound but `maxConnections`. */
  readonly concurrency?: ConcurrencyOptions;
  /** Which of several instances a call goes to. Default `round-robin`. Both heed weights. */
  readonly balancing?: "round-robin" | "least-connections";
  /** Ask every instance regularly whether it is well. Default: never. */
  readonly healthCheck?: HealthCheckOptions;
  /** Leave out an instance whose calls keep failing. Default: as `EjectionOptions` says when there are several instances. */
  readonly ejection?: EjectionOptions | false;
  /** Sign every request, so that the subgraph can tell that it comes from the router. Default: never. */
  readonly hmac?: HmacOptions;
  /** Equal queries for clients for whom the same is forwarded share one HTTP request while it runs. Default false. */
  readonly shareInFlight?: boolean | SharingOptions;
}

export interface RetryOptions {
  /** Further attempts after the first. Default 2. Queries only; mutations only when nothing of them was sent. */
  readonly attempts?: number;
  /** Milliseconds before the first repetition, doubled before each further one; the wait is a random part of it. Default 50. */
  readonly baseDelayMs?: number;
  /** Longest wait in milliseconds. Default 1,000. */
  readonly maxDelayMs?: number;
  /** Repetitions per hundred calls, so that a subgraph in trouble does not get the load of all attempts at once. Default 20. */
  readonly budgetPercent?: number;
  /** Repetitions saved up in quiet times. Default 10. */
  readonly budgetReserve?: number;
}

export interface CircuitBreakerOptions {
  /** Percentage of failed calls that opens the circuit. Default 50. */
  readonly failurePercent?: number;
  /** Milliseconds that are looked at. Default 10,000. */
  readonly windowMs?: number;
  /** Fewer calls in the window say nothing. Default 20. */
  readonly minimumCalls?: number;
  /** Milliseconds the subgraph rests before it is tried again. Default 5,000. */
  readonly restMs?: number;
  /** Calls that are tried after the rest, and have to succeed before all others follow. Default 3. */
  readonly probes?: number;
}

export interface ConcurrencyOptions {
  /** Calls at a time. */
  readonly max: number;
  /** Calls that may wait for one of them to end; more are refused with SUBGRAPH_BUSY. Default: as many as `max`. */
  readonly maxWaiting?: number;
}

export interface HealthCheckOptions {
  /** Path that answers GET with a status below 400 when the instance is well. Default `/health`. */
  readonly path?: string;
  /** Milliseconds between two checks. Default 10,000. */
  readonly intervalMs?: number;
  /** Milliseconds an answer may take. Default 2,000. */
  readonly timeoutMs?: number;
  /** Failed checks in a row after which the instance gets no more calls. Default 3. */
  readonly unhealthyAfter?: number;
  /** Good checks in a row after which it gets them again. Default 2. */
  readonly healthyAfter?: number;
}

export interface EjectionOptions {
  /** Failed calls in a row. Default 5. */
  readonly consecutiveFailures?: number;
  /** Milliseconds without calls, times the number of ejections in a row. Default 10,000. */
  readonly restMs?: number;
}

export interface HmacOptions {
  /** Known to the router and the subgraph. */
  readonly secret: string;
  /** Name of the header. Default `x-tessera-signature`. */
  readonly header?: string;
  readonly algorithm?: "sha256";
}

export interface SharingOptions {
  /** Requests that can be shared at a time; further ones run for themselves. Default 1,000. */
  readonly maxRequests?: number;
  /** Longest body that is compared, in bytes. Default 256 KiB. */
  readonly maxBodyBytes?: number;
}

/** One place a subgraph runs at. */
export interface InstanceAddress {
  readonly url: string;
  /** Share of the calls, compared with the other instances. Default 1. */
  readonly weight?: number;
}

export const defaultMaxAnswerBytes = 64 * 1024 * 1024;
