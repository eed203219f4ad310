/**
 * Plans in Redis, as JSON under keys that name the supergraph and the planner. Who may write there decides what this
 * router asks of its subgraphs, so it has to be a Redis of the router's own.
 */
import type { Log } from "@tessera/telemetry";
import { createRedisClient } from "../protection/open-redis.js";
import { type PlanStore, requestDigest } from "./plan-store.js";
import type { Planned, PlanRequest } from "./planner.js";

export interface RedisPlanStoreOptions {
  readonly url: string;
  /** `planEdition(…)`: plans of another supergraph or planner are never met. */
  readonly edition: string;
  /** Default `tessera:plan:`. */
  readonly prefix?: string;
  /** A plan nobody asked for in this time is forgotten (default one week). */
  readonly ttlSeconds?: number;
  /** How long an answer may take before the plan is made here instead (default 100). */
  readonly timeoutMs?: number;
  readonly log?: Log;
}

/** A store that takes its time. */
export interface ConnectingStore {
  /** Resolves when it knows plans, at the latest after `mostMs`. */
  connected(mostMs: number): Promise<void>;
}

/** Connects on its own time; until then, and whenever Redis is away, it knows no plan. */
export function createRedisPlanStore(options: RedisPlanStoreOptions): PlanStore & ConnectingStore {
  return new RedisPlanStore(options);
}

class RedisPlanStore implements PlanStore, ConnectingStore {
  readonly #client;
  readonly #prefix: string;
  readonly #ttlSeconds: number;
  readonly #timeoutMs: number;
  readonly #connecting: Promise<unknown>;

  constructor(options: RedisPlanStoreOptions) {
    this.#prefix = `${options.prefix ?? "tessera:plan:"}${options.edition}:`;
    this.#ttlSeconds = options.ttlSeconds ?? 7 * 24 * 3600;
    this.#timeoutMs = options.timeoutMs ?? 100;
    const isAway = (err: unknown) => options.log?.debug({ err }, "the plan store in Redis is away");
    this.#client = createRedisClient(options.url, isAway, 2_000);
    this.#connecting = this.#client.connect().catch(() => {});
  }

  async connected(mostMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, mostMs);
    });
    await Promise.race([this.#connecting, late]);
    clearTimeout(timer);
  }

  async get(request: PlanRequest): Promise<Planned | undefined> {
    const key = this.#key(request);
    const json = await this.#soon(this.#client.getEx(key, { type: "EX", value: this.#ttlSeconds }));
    return json === null ? undefined : readPlanned(json);
  }

  async set(request: PlanRequest, planned: Planned): Promise<void> {
    const expiration = { type: "EX", value: this.#ttlSeconds } as const;
    await this.#soon(this.#client.set(this.#key(request), JSON.stringify(planned), { expiration }));
  }

  async close(): Promise<void> {
    this.#client.destroy();
    await this.#connecting;
  }

  #key(request: PlanRequest): string {
    return this.#prefix + requestDigest(request);
  }

  async #soon<Result>(answer: Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("the plan store took too long")), this.#timeoutMs);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function readPlanned(json: string): Planned | undefined {
  const planned = JSON.parse(json) as Partial<Planned> | null;
  const isPlanned = planned?.plan?.kind === "QueryPlan" && typeof planned.text === "string" && planned.responseNames;
  return isPlanned ? (planned as Planned) : undefined;
}
