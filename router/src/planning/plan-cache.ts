/** Plans by operation and overrides, in front of a planner: made once however many ask, the least recently used forgotten first. */
import type { Log } from "@tessera/telemetry";
import { LRUCache } from "lru-cache";
import { RouterError } from "../errors/router-error.js";
import type { PlanStore } from "./plan-store.js";
import type { Planned, Planner, PlannerLoad, PlanRequest } from "./planner.js";
import { UseCounts } from "./use-counts.js";

export interface PlanCacheOptions {
  readonly planner: Planner;
  /** Entries (default 1,000). */
  readonly max?: number;
  /** Sum of the JSON of all plans (default 16 MiB); in memory a plan takes about six times its JSON. */
  readonly maxBytes?: number;
  /** How long a refusal or a timeout is remembered (default 5,000). */
  readonly refusalMs?: number;
  /** A use counts half for `hottest` after this time (default 10 minutes). */
  readonly halfLifeMs?: number;
  readonly store?: PlanStore;
  readonly log?: Log;
  readonly now?: () => number;
}

export interface PlanCacheStatistics {
  readonly hits: number;
  readonly misses: number;
  /** Misses that the store answered. */
  readonly stored: number;
  readonly size: number;
  readonly bytes: number;
}

interface Entry {
  readonly request: PlanRequest;
  readonly planned: Promise<Planned>;
  /** For a refusal: until when it is remembered. */
  until: number;
}

/** Refusals that the same operation gets again; anything else may go better the next time. */
const lasting = new Set<unknown>(["UNPLANNABLE_OPERATION", "PLANNING_TIMEOUT"]);

export function createPlanCache(options: PlanCacheOptions): PlanCache {
  return new PlanCache(options);
}

export class PlanCache implements Planner {
  readonly #options: PlanCacheOptions;
  readonly #now: () => number;
  readonly #entries: LRUCache<string, Entry>;
  readonly #uses: UseCounts;
  #hits = 0;
  #misses = 0;
  #stored = 0;

  constructor(options: PlanCacheOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const { max = 1_000, maxBytes = 16 * 1024 * 1024 } = options;
    this.#entries = new LRUCache({
      max,
      maxSize: maxBytes,
      noDisposeOnSet: true,
      dispose: (_, key) => this.#uses.delete(key),
    });
    this.#uses = new UseCounts({ halfLifeMs: options.halfLifeMs ?? 600_000, now: this.#now });
  }

  plan(request: PlanRequest): Promise<Planned> {
    const key = keyOf(request);
    const known = this.#entries.get(key);
    if (known && known.until > this.#now()) {
      this.#hits += 1;
      this.#uses.add(key);
      return known.planned;
    }
    this.#misses += 1;
    this.#entries.delete(key);
    const entry: Entry = { request, planned: this.#make(request), until: Number.POSITIVE_INFINITY };
    this.#keep(key, entry);
    this.#uses.add(key);
    return entry.planned;
  }

  /** Counts a use by somebody who kept what was made of the plan and does not ask again. */
  used(request: PlanRequest): void {
    const key = keyOf(request);
    if (this.#entries.has(key)) this.#uses.add(key);
  }

  /** What was used most of late, the most used first. */
  hottest(most: number): PlanRequest[] {
    return this.#uses.hottest(most).flatMap((key) => this.#entries.peek(key)?.request ?? []);
  }

  statistics(): PlanCacheStatistics {
    const { size, calculatedSize: bytes } = this.#entries;
    return { hits: this.#hits, misses: this.#misses, stored: this.#stored, size, bytes };
  }

  load(): PlannerLoad {
    return this.#options.planner.load?.() ?? { running: 0, waiting: 0 };
  }

  /** Closes the planner and the store behind it as well. */
  async close(): Promise<void> {
    this.#entries.clear();
    await Promise.all([this.#options.planner.close(), this.#options.store?.close()]);
  }

  async #make(request: PlanRequest): Promise<Planned> {
    const { planner, store } = this.#options;
    const known = await store?.get(request).catch((error) => this.#storeFailed(error));
    if (known) {
      this.#stored += 1;
      return known;
    }
    const planned = await planner.plan(request);
    store?.set(request, planned).catch((error) => this.#storeFailed(error));
    return planned;
  }

  #storeFailed(err: unknown): undefined {
    this.#options.log?.debug({ err }, "the plan store did not answer");
    return undefined;
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.set(key, entry, { size: key.length });
    entry.planned.then(
      ({ plan }) => this.#grow(key, entry, JSON.stringify(plan).length),
      (error: unknown) => this.#refused(key, entry, error),
    );
  }

  #grow(key: string, entry: Entry, bytes: number): void {
    if (this.#entries.peek(key) !== entry) return;
    // A new object, since setting the same one would leave its size as it is.
    this.#entries.set(key, { ...entry }, { size: key.length + bytes });
  }

  #refused(key: string, entry: Entry, error: unknown): void {
    if (this.#entries.peek(key) !== entry) return;
    this.#uses.delete(key);
    if (error instanceof RouterError && lasting.has(error.code)) {
      entry.until = this.#now() + (this.#options.refusalMs ?? 5_000);
    } else {
      this.#entries.delete(key);
    }
  }
}

function keyOf({ text, overrides }: PlanRequest): string {
  return overrides.length === 0 ? text : `${overrides.join()}\n${text}`;
}
