/**
 * Verifies access tokens of several issuers. The signature of one token is checked once: the resulting actor is kept
 * until the token expires, at most `cacheSize` of them, and only while its key is still in the issuer's key set.
 */
import type { Actor } from "@tessera/shared-types";
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import { AccessError } from "./errors.js";
import { type SigningAlgorithm, signingAlgorithms, type TrustedIssuer } from "./issuers.js";
import { KeyRing } from "./key-ring.js";

export interface Verifier {
  /** The actor behind a token. Throws `AccessError`. */
  verify(token: string): Promise<Actor>;
}

export interface RecallingVerifier extends Verifier {
  /** The same for a token that was verified before and counts right now, without a promise; else `undefined`. */
  known(token: string): Actor | undefined;
}

export interface VerifierOptions {
  readonly issuers: readonly TrustedIssuer[];
  /** Seconds by which clocks may differ; default 5. */
  readonly clockTolerance?: number;
  /** Verified tokens kept; default 10,000. */
  readonly cacheSize?: number;
  /** Seconds after which a key set is read again, and so the longest time a revoked key still counts; default 60. */
  readonly keysMaxAge?: number;
  /** Seconds within which unknown key ids cause five fetches at most, and a failed fetch none; default 10. */
  readonly cooldown?: number;
  /** Seconds for which known keys go on counting while their issuer cannot be reached; default 3600. */
  readonly keysMaxStale?: number;
  /** Epoch milliseconds; default `Date.now`. */
  readonly now?: () => number;
}

/** Longest token that is looked at, in characters. */
const longestToken = 16_384;

interface Trusted {
  readonly issuer: TrustedIssuer;
  readonly ring: KeyRing;
}
interface Known {
  readonly actor: Actor;
  readonly goodUntil: number;
  readonly kid: string;
  readonly ring: KeyRing;
}

export function createVerifier(options: VerifierOptions): RecallingVerifier {
  const { clockTolerance = 5, cacheSize = 10_000, now = Date.now } = options;
  const trusted = trustedByName(options, now);
  const known = new LRUCache<string, Known>({ max: cacheSize });

  async function verifyAfresh(token: string): Promise<Actor> {
    const { issuer: name, kid, algorithm } = read(token);
    const found = trusted.get(name);
    if (found === undefined) throw new AccessError("TOKEN_UNKNOWN_ISSUER", "The token's issuer is not trusted here.");
    if (!found.issuer.algorithms.includes(algorithm)) throw invalid();
    const actor = await verifySignature(token, kid, found, clockTolerance, now);
    const goodUntil = (actor.expiresAt ?? 0) + clockTolerance * 1000;
    known.set(token, { actor, goodUntil, kid, ring: found.ring });
    return actor;
  }

  function recall(token: string): Actor | undefined {
    const hit = known.get(token);
    return hit !== undefined && now() < hit.goodUntil && hit.ring.holds(hit.kid) ? hit.actor : undefined;
  }

  return {
    async verify(token) {
      const actor = recall(token);
      if (actor) return actor;
      known.delete(token);
      return verifyAfresh(token);
    },
    known: recall,
  };
}

function trustedByName(options: VerifierOptions, now: () => number): Map<string, Trusted> {
  const { keysMaxAge = 60, cooldown = 10, keysMaxStale = 3_600 } = options;
  const times = { maxAgeMs: keysMaxAge * 1000, cooldownMs: cooldown * 1000, maxStaleMs: keysMaxStale * 1000, now };
  const entries = options.issuers.map(
    (issuer) => [issuer.issuer, { issuer, ring: new KeyRing(issuer.keys, times) }] as const,
  );
  const strange = options.issuers.flatMap(({ algorithms }) => algorithms).find((one) => !isSigningAlgorithm(one));
  if (strange !== undefined) throw new TypeError(`Tokens signed by ${strange} cannot be trusted.`);
  const byName = new Map(entries);
  if (byName.size !== entries.length) throw new TypeError("Two trusted issuers have the same name.");
  return byName;
}

/** Reads what selects the key. Nothing of it is believed before the signature is checked. */
function read(token: string): { issuer: string; kid: string; algorithm: SigningAlgorithm } {
  try {
    if (token.length > longestToken) throw new Error("too long");
    const header = decodeProtectedHeader(token);
    const { iss } = decodeJwt(token);
    if (!isSigningAlgorithm(header.alg) || typeof header.kid !== "string" || typeof iss !== "string")
      throw new Error("unsuitable");
    return { issuer: iss, kid: header.kid, algorithm: header.alg };
  } catch {
    throw invalid();
  }
}

function isSigningAlgorithm(name: unknown): name is SigningAlgorithm {
  return (signingAlgorithms as readonly unknown[]).includes(name);
}

async function verifySignature(
  token: string,
  kid: string,
  { issuer, ring }: Trusted,
  clockTolerance: number,
  now: () => number,
): Promise<Actor> {
  const resolve = await ring.resolverFor(kid);
  try {
    const { payload } = await jwtVerify(token, resolve, {
      issuer: issuer.issuer,
      ...(issuer.audience === undefined ? {} : { audience: [issuer.audience].flat() }),
      algorithms: [...issuer.algorithms],
      requiredClaims: ["exp", "sub"],
      clockTolerance,
      currentDate: new Date(now()),
      ...(issuer.type === undefined ? {} : { typ: issuer.type }),
    });
    return issuer.claims(payload);
  } catch (error) {
    throw asAccessError(error);
  }
}

function asAccessError(error: unknown): AccessError {
  if (error instanceof AccessError) return error;
  if (error instanceof errors.JWTExpired) {
    return new AccessError("TOKEN_EXPIRED", "The access token has expired. Refresh the session or log in again.");
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "aud") {
    return new AccessError("TOKEN_WRONG_AUDIENCE", "The token is meant for somebody else.");
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "nbf" && error.reason === "check_failed") {
    return new AccessError("TOKEN_NOT_YET_VALID", "The token is not valid yet.");
  }
  return invalid();
}

function invalid(): AccessError {
  return new AccessError(
    "TOKEN_INVALID",
    "The token is malformed, tampered with or not signed as expected. Log in again.",
  );
}
