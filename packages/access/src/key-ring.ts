/**
 * The public keys of one issuer. Fetched on first use, again when they are older than `maxAgeMs`, and once when a token
 * names a key that is not there (rotation). A key may be a second old, so the fetch before it must not forbid this one;
 * but only a few are made within the cooldown, so that forged key ids do not turn into a flood of fetches.
 */
import { createLocalJWKSet, type JSONWebKeySet } from "jose";
import { AccessError } from "./errors.js";
import { fetchJson } from "./fetch-json.js";
import type { TrustedIssuer } from "./issuers.js";

export interface KeyRingTimes {
  /** A revoked key is refused at the latest after this time. */
  readonly maxAgeMs: number;
  /** At most five fetches for unknown keys within this time, and none after a failed one. */
  readonly cooldownMs: number;
  /** While the issuer cannot be reached, known keys are used until they are this old. */
  readonly maxStaleMs: number;
  readonly now: () => number;
}

type Resolve = ReturnType<typeof createLocalJWKSet>;
interface Held {
  readonly resolve: Resolve;
  readonly kids: ReadonlySet<string>;
  readonly fetchedAt: number;
}

const mostFetches = 5;
const asymmetric: ReadonlySet<unknown> = new Set(["RSA", "EC", "OKP"]);

export class KeyRing {
  #held: Held | null = null;
  #fetching: Promise<Held> | null = null;
  #fetchedAt: number[] = [];
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly keys: TrustedIssuer["keys"],
    private readonly times: KeyRingTimes,
  ) {}

  /** Whether `kid` is known to be valid right now, without asking the issuer. */
  holds(kid: string): boolean {
    return this.#held !== null && this.#age(this.#held) < this.times.maxAgeMs && this.#held.kids.has(kid);
  }

  /** The keys a token with this key id is to be verified with; fetched when stale or when `kid` is unknown. */
  async resolverFor(kid: string): Promise<Resolve> {
    const asked = this.#held !== null && this.#age(this.#held) < this.times.maxAgeMs;
    const held = await this.#fresh();
    if (held.kids.has(kid)) return held.resolve;
    // What was fetched just now for this very token need not be fetched again.
    const renewed = asked && this.#mayRetry() ? await this.#fetch() : held;
    if (renewed.kids.has(kid)) return renewed.resolve;
    throw new AccessError(
      "TOKEN_UNKNOWN_KEY",
      "The token is signed with a key that is unknown or revoked. Log in again.",
    );
  }

  async #fresh(): Promise<Held> {
    const held = this.#held;
    if (held !== null && this.#age(held) < this.times.maxAgeMs) return held;
    if (held === null || this.#age(held) >= this.times.maxStaleMs) return this.#fetch();
    if (!this.#mayRetry()) return held;
    return this.#fetch().catch(() => held);
  }

  #mayRetry(): boolean {
    if (this.#fetching !== null) return true;
    const since = this.times.now() - this.times.cooldownMs;
    this.#fetchedAt = this.#fetchedAt.filter((at) => at > since);
    return this.#failedAt <= since && this.#fetchedAt.length < mostFetches;
  }

  /** However many tokens ask at the same moment, one fetch answers them. */
  #fetch(): Promise<Held> {
    this.#fetching ??= this.#load().finally(() => {
      this.#fetching = null;
    });
    return this.#fetching;
  }

  async #load(): Promise<Held> {
    this.#fetchedAt.push(this.times.now());
    try {
      return await this.#read();
    } catch (error) {
      this.#failedAt = this.times.now();
      throw error instanceof AccessError ? error : unavailable(error);
    }
  }

  async #read(): Promise<Held> {
    const set = usable(await (this.keys instanceof URL ? fetchJson(this.keys) : this.keys()));
    const kids = new Set(set.keys.flatMap((key) => (key.kid === undefined ? [] : [key.kid])));
    this.#held = { resolve: createLocalJWKSet(set), kids, fetchedAt: this.times.now() };
    return this.#held;
  }

  #age(held: Held): number {
    return this.times.now() - held.fetchedAt;
  }
}

/** Only public signature keys with an id; a symmetric one never verifies anything. */
function usable(document: unknown): JSONWebKeySet {
  const keys = (document as JSONWebKeySet | null)?.keys;
  if (!Array.isArray(keys)) throw unavailable("the key set is malformed");
  return {
    keys: keys.filter((key) => asymmetric.has(key.kty) && key.kid !== undefined && (key.use ?? "sig") === "sig"),
  };
}

function unavailable(reason: unknown): AccessError {
  const text = reason instanceof Error ? reason.message : String(reason);
  return new AccessError("KEYS_UNAVAILABLE", "The issuer's signing keys cannot be read. Try again later.", {
    reason: text,
  });
}
