/** How many requests a tenant, a user and an unknown client may send. */
import type { Actor } from "@tessera/shared-types";
import type { Log } from "@tessera/telemetry";
import { RouterError } from "../errors/router-error.js";
import { networkOf } from "./client-network.js";
import { createMemoryWindows } from "./memory-windows.js";
import { takePatiently } from "./patient-windows.js";
import { createPostgresWindows } from "./postgres-windows.js";
import { createRedisWindows } from "./redis-windows.js";
import { countOf, type WindowAnswer, type WindowRule, type WindowStore, waitFor } from "./windows.js";

/** Section `rateLimit`. Windows slide; see windows.ts. */
export interface RateLimitOptions {
  /** `memory` counts for this process alone. Default `memory`. */
  readonly store?: "memory" | "redis" | "postgres";
  /** Of Redis or PostgreSQL. */
  readonly url?: string;
  /** What all of a tenant may send together. Default: free 100, pro 1,000 and enterprise 10,000 an hour. */
  readonly tiers?: Readonly<Record<string, TierLimits>>;
  /** The actor's attribute that names its tenant's tier, in any case. Default `tier`. */
  readonly tierFrom?: string;
  /** For tenants of no or an unknown tier. Default `free`. */
  readonly defaultTier?: string;
  /** What one user or service may send. Default 1,000. */
  readonly perUserPerMinute?: number;
  /** What one network address may send without saying who it is: one IPv4 address, or one IPv6 /64. Default: as tier free. */
  readonly anonymous?: TierLimits;
  /** While the store is away everybody passes; `false` refuses everybody with RATE_LIMIT_UNAVAILABLE. Default true. */
  readonly failOpen?: boolean;
}

export interface TierLimits {
  readonly perHour?: number;
  readonly perMinute?: number;
}

export interface RateSubject {
  readonly actor: Actor | null;
  readonly clientAddress?: string;
}

export interface RateVerdict {
  readonly isAllowed: boolean;
  /** Of the rule that refuses, or else is nearest to refusing; `null` when no rule applies or the store is away. */
  readonly rule: RuleVerdict | null;
}

export interface RuleVerdict {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Epoch seconds at which everything may be taken again, should nothing be taken meanwhile. */
  readonly reset: number;
  /** 0 when allowed. */
  readonly retryAfterSeconds: number;
}

export interface RateLimiter {
  /** At once with the memory store. Does not throw for a limit; rejects with RATE_LIMIT_UNAVAILABLE unless `failOpen`. */
  take(subject: RateSubject): RateVerdict | Promise<RateVerdict>;
  close(): Promise<void>;
}

/** What tenants of each tier may send, where nobody says otherwise. */
export const defaultTiers: Readonly<Record<string, TierLimits>> = {
  free: { perHour: 100 },
  pro: { perHour: 1_000 },
  enterprise: { perHour: 10_000 },
};
const minute = 60_000;
const hour = 60 * minute;
const unlimited: RateVerdict = { isAllowed: true, rule: null };

/** @throws TypeError when a shared store has no URL, or the default tier does not exist. */
export function createRateLimiter(
  options: RateLimitOptions,
  { log, store = openStore(options) }: { readonly log: Log; readonly store?: WindowStore },
): RateLimiter {
  const { failOpen = true } = options;
  const rulesOf = createRules(options);
  const take = takePatiently(store, { log });

  function judge(rules: readonly WindowRule[], answer: WindowAnswer | null): RateVerdict {
    if (answer) return { isAllowed: answer.isAllowed, rule: tightest(rules, answer) };
    if (failOpen) return unlimited;
    throw new RouterError("RATE_LIMIT_UNAVAILABLE");
  }

  return {
    take(subject) {
      const rules = rulesOf(subject);
      if (rules.length === 0) return unlimited;
      const answer = take(rules, 1);
      return answer instanceof Promise ? answer.then((found) => judge(rules, found)) : judge(rules, answer);
    },
    close: () => store.close(),
  };
}

export function openStore({ store = "memory", url }: Pick<RateLimitOptions, "store" | "url">): WindowStore {
  if (store === "memory") return createMemoryWindows();
  if (!url) throw new TypeError(`Limits kept in ${store} need its url.`);
  return store === "redis" ? createRedisWindows({ url }) : createPostgresWindows({ url });
}

function createRules(options: RateLimitOptions): (subject: RateSubject) => WindowRule[] {
  const { tierFrom = "tier", defaultTier = "free", perUserPerMinute = 1_000 } = options;
  const tiers = new Map(
    Object.entries(options.tiers ?? defaultTiers).map(([name, tier]) => [name.toLowerCase(), tier]),
  );
  const otherwise = tiers.get(defaultTier.toLowerCase());
  if (!otherwise) throw new TypeError(`There is no tier ${defaultTier}.`);
  const anonymous = options.anonymous ?? tiers.get("free") ?? otherwise;

  return ({ actor, clientAddress }) => {
    if (!actor) return limitsOf(`client {${networkOf(clientAddress)}}`, anonymous);
    const tier = tiers.get(actor.attributes[tierFrom]?.[0]?.toLowerCase() ?? "") ?? otherwise;
    // Braces keep the counters of one tenant on one node of a Redis cluster.
    const tenant = `tenant {${actor.tenantId}}`;
    const user = { key: `${tenant} ${actor.kind} ${actor.id} 1m`, limit: perUserPerMinute, windowMs: minute };
    return [...limitsOf(tenant, tier), user];
  };
}

function limitsOf(key: string, { perHour, perMinute }: TierLimits): WindowRule[] {
  const hourly = perHour === undefined ? [] : [{ key: `${key} 1h`, limit: perHour, windowMs: hour }];
  return perMinute === undefined ? hourly : [...hourly, { key: `${key} 1m`, limit: perMinute, windowMs: minute }];
}

/** The longest wait when refused, else the least that is left. */
function tightest(rules: readonly WindowRule[], { states, isAllowed }: WindowAnswer): RuleVerdict | null {
  const verdicts = rules.flatMap((rule, index) => {
    const state = states[index];
    return state ? [verdictOf(rule, state, isAllowed)] : [];
  });
  const tighter = (one: RuleVerdict, other: RuleVerdict) =>
    other.retryAfterSeconds - one.retryAfterSeconds || one.remaining - other.remaining;
  return verdicts.sort(tighter)[0] ?? null;
}

function verdictOf(rule: WindowRule, state: WindowAnswer["states"][number], isAllowed: boolean): RuleVerdict {
  const { limit, windowMs } = rule;
  const wait = isAllowed ? 0 : waitFor(state, rule, 1);
  const emptyIn = state.current > 0 ? 2 * windowMs - state.elapsedMs : windowMs - state.elapsedMs;
  return {
    limit,
    windowSeconds: windowMs / 1_000,
    remaining: Math.max(0, Math.floor(limit - countOf(state, windowMs))),
    reset: Math.ceil((Date.now() + emptyIn) / 1_000),
    retryAfterSeconds: wait === 0 ? 0 : Math.max(1, Math.ceil(wait / 1_000)),
  };
}

/** Lower-case names, for the head of the answer. `X-RateLimit-Reset` is in epoch seconds. */
export function rateLimitHeaders({ rule, isAllowed }: RateVerdict): Record<string, string> {
  if (!rule) return {};
  return {
    "x-ratelimit-limit": String(rule.limit),
    "x-ratelimit-remaining": String(rule.remaining),
    "x-ratelimit-reset": String(rule.reset),
    ...(isAllowed || !Number.isFinite(rule.retryAfterSeconds) ? {} : { "retry-after": String(rule.retryAfterSeconds) }),
  };
}

/** `null` when the verdict allows the request. */
export function rateLimitError(verdict: RateVerdict): RouterError | null {
  const { isAllowed, rule } = verdict;
  return isAllowed || !rule ? null : new RateLimited(rule, rateLimitHeaders(verdict));
}

class RateLimited extends RouterError {
  readonly #head: Readonly<Record<string, string>>;

  constructor({ limit, windowSeconds, retryAfterSeconds }: RuleVerdict, head: Readonly<Record<string, string>>) {
    super("RATE_LIMITED", { limit, windowSeconds, retryAfterSeconds });
    this.#head = head;
  }

  override get headers(): Readonly<Record<string, string>> {
    return this.#head;
  }
}
