/**
 * The public keys of one issuer. Fetched on first use, again when they are older than `maxAgeMs`, and once when a token
 * names a key that is not there (rotation); the cooldown keeps forged key ids from turning into a flood of fetches.
 */
import { createLocalJWKSet, type JSONWebKeySet } from "jose";
import { AccessError } from "./errors.js";
import { fetchJson } from "./fetch-json.js";
import type { TrustedIssuer } from "./issuers.js";

export interface KeyRingTimes {
  /** A revoked key is refused at the latest after this time. */
  readonly maxAgeMs: number;
  /** At most one fetch for unknown keys within this time. */
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

export class KeyRing {
  #held: Held | null = null;
  #fetching: Promise<Held> | null = null;
  #triedAt = Number.NEGATIVE_INFINITY;

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
    const held = await this.#fresh();
    if (held.kids.has(kid)) return held.resolve;
    const renewed = this.#mayRetry() ? await this.#fetch() : held;
    if (renewed.kids.has(kid)) return renewed.resolve;
    throw new AccessError(
      "TOKEN_UNKNOWN_KEY",
      "The token is signed with a key that is unknown or revoked. Log in again.",
    );
  }

  async #fresh(): Promise<Held> {
    const held = this.#held;
    if (held !== null && this.#age(held) < this.times.maxAgeMs) return held;
    if (held === null) return this.#fetch();
    try {
      return this.#mayRetry() ? await this.#fetch() : held;
    } catch (error) {
      if (this.#age(held) < this.times.maxStaleMs) return held;
      throw error;
    }
  }

  #mayRetry(): boolean {
    return this.#fetching !== null || this.times.now() - this.#triedAt >= this.times.cooldownMs;
  }

  /** However many tokens ask at the same moment, one fetch answers them. */
  #fetch(): Promise<Held> {
    this.#fetching ??= this.#load().finally(() => {
      this.#fetching = null;
    });
    return this.#fetching;
  }

  async #load(): Promise<Held> {
    this.#triedAt = this.times.now();
    const set = usable(await (this.keys instanceof URL ? fetchJson(this.keys) : this.keys()));
    const kids = new Set(set.keys.flatMap((key) => (key.kid === undefined ? [] : [key.kid])));
    this.#held = { resolve: createLocalJWKSet(set), kids, fetchedAt: this.times.now() };
    return this.#held;
  }

  #age(held: Held): number {
    return this.times.now() - held.fetchedAt;
  }
}

/** Only public RSA signature keys with an id. */
function usable(document: unknown): JSONWebKeySet {
  const keys = (document as JSONWebKeySet | null)?.keys;
  if (!Array.isArray(keys))
    throw new AccessError("KEYS_UNAVAILABLE", "The issuer's key set is malformed. Try again later.");
  return { keys: keys.filter((key) => key.kty === "RSA" && key.kid !== undefined && (key.use ?? "sig") === "sig") };
}
