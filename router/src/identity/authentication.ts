/** Section `authentication`, and the verifier it describes. */
import {
  createVerifier,
  oidcIssuer,
  type RecallingVerifier,
  type SigningAlgorithm,
  type TrustedIssuer,
} from "@tessera/access";
import type { Actor } from "@tessera/shared-types";
import type { StaticApiKey } from "./api-keys.js";
import { actorFromClaims, type ClaimMapping } from "./claims.js";
import type { TokenSource } from "./token-sources.js";

/** Section `authentication`: who clients are, by token or API key. */
export interface AuthenticationOptions {
  readonly jwt?: JwtOptions;
  readonly apiKeys?: readonly StaticApiKey[];
  /** Default `x-api-key`. */
  readonly apiKeyHeader?: string;
  /** Anonymous requests are refused. Default false. */
  readonly required?: boolean;
}

/** Tokens of one or several issuers. */
export interface JwtOptions {
  readonly issuers: readonly JwtIssuer[];
  /** Tried in this order, headers first. Default: header `authorization` with `Bearer`. */
  readonly sources?: readonly TokenSource[];
  /** Seconds by which clocks may differ. Default 5. */
  readonly clockToleranceSeconds?: number;
  /** Verified tokens kept until they expire. Default 10,000. */
  readonly cachedTokens?: number;
  /** Seconds after which a key set is read again, and so the longest time a revoked key counts. Default 60. */
  readonly keysMaxAgeSeconds?: number;
}

/** Tokens have to name their key (`kid`), expire (`exp`) and have a subject (`sub`). */
export interface JwtIssuer {
  /** Exactly the token's `iss`. */
  readonly issuer: string;
  /** Default: found by OpenID Connect discovery below the issuer. */
  readonly jwksUrl?: string;
  /** The token's `aud` has to hold one of these. Not looked at when absent: then tokens for other services count too. */
  readonly audience?: string | readonly string[];
  /** Default RS256, PS256, ES256 and EdDSA. */
  readonly algorithms?: readonly SigningAlgorithm[];
  /** Header `typ` of its access tokens, such as `at+jwt`. Default: any. */
  readonly type?: string;
  readonly claims?: ClaimMapping;
}

/** What turns a token into its actor; `known` does so at once for tokens seen before. */
export interface TokenVerifier {
  verify(token: string): Promise<Actor>;
  known?(token: string): Actor | undefined;
}

const defaultAlgorithms: readonly SigningAlgorithm[] = ["RS256", "PS256", "ES256", "EdDSA"];

export function createJwtVerifier(options: JwtOptions): RecallingVerifier {
  return createVerifier({
    issuers: options.issuers.map(trustedIssuer),
    ...(options.clockToleranceSeconds === undefined ? {} : { clockTolerance: options.clockToleranceSeconds }),
    ...(options.cachedTokens === undefined ? {} : { cacheSize: options.cachedTokens }),
    ...(options.keysMaxAgeSeconds === undefined ? {} : { keysMaxAge: options.keysMaxAgeSeconds }),
  });
}

function trustedIssuer({ issuer, jwksUrl, audience, algorithms, type, claims }: JwtIssuer): TrustedIssuer {
  const map = actorFromClaims(claims);
  const keys = jwksUrl === undefined ? oidcIssuer({ issuer, audience: [], map }).keys : new URL(jwksUrl);
  return {
    issuer,
    keys,
    algorithms: algorithms ?? defaultAlgorithms,
    claims: map,
    ...(audience === undefined ? {} : { audience }),
    ...(type === undefined ? {} : { type }),
  };
}

/** The first verifier that trusts the token's issuer. */
export function eitherVerifier(first: TokenVerifier, second: TokenVerifier): TokenVerifier {
  return {
    async verify(token) {
      try {
        return await first.verify(token);
      } catch (error) {
        if ((error as { code?: unknown }).code !== "TOKEN_UNKNOWN_ISSUER") throw error;
        return second.verify(token);
      }
    },
    known: (token) => first.known?.(token) ?? second.known?.(token),
  };
}
