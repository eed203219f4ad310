/** Whose tokens are trusted, where their keys come from and how their claims are read. */
import type { Actor } from "@tessera/shared-types";
import type { JSONWebKeySet, JWTPayload } from "jose";
import { actorOfClaims } from "./claims.js";
import { AccessError } from "./errors.js";
import { fetchJson } from "./fetch-json.js";
import { accessTokenType, ownIssuer } from "./signer.js";

/** Signatures of private keys only: symmetric algorithms and `none` cannot be configured. */
export const signingAlgorithms = [
  ...(["RS256", "RS384", "RS512"] as const),
  ...(["PS256", "PS384", "PS512"] as const),
  ...(["ES256", "ES384", "ES512"] as const),
  "EdDSA",
] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

export interface TrustedIssuer {
  /** Exactly the token's `iss`. */
  readonly issuer: string;
  /** The token's `aud` holds one of these; not looked at when absent. */
  readonly audience?: string | readonly string[];
  /** Where the public keys are: a JWKS address, or a function that answers with the key set. */
  readonly keys: URL | (() => Promise<JSONWebKeySet>);
  /** A token signed by any other is refused before its key is looked for. */
  readonly algorithms: readonly SigningAlgorithm[];
  /** Header `typ` the token has to carry; any when absent. */
  readonly type?: string;
  /** Turns verified claims into an actor, or throws an `AccessError`. */
  readonly claims: (payload: JWTPayload) => Actor;
}

/** Tessera itself: tokens made by `createSigner`, keys from identity's `jsonWebKeySet`. */
export function tesseraIssuer({ keys }: Pick<TrustedIssuer, "keys">): TrustedIssuer {
  return {
    issuer: ownIssuer,
    audience: ownIssuer,
    keys,
    algorithms: ["RS256"],
    type: accessTokenType,
    claims: actorOfClaims,
  };
}

export interface OidcIssuerOptions {
  /** Address of the issuer, as its tokens name it; `/.well-known/openid-configuration` hangs below it. */
  readonly issuer: string;
  readonly audience: string | readonly string[];
  /** For Keycloak: `keycloakClaims({ … })`. */
  readonly map: (payload: JWTPayload) => Actor;
}

/**
 * An external OpenID Connect issuer. Its key set is found by discovery with every refetch of the keys, so an issuer
 * that moves its keys is followed. A discovery document that speaks for another issuer is refused.
 */
export function oidcIssuer({ issuer, audience, map }: OidcIssuerOptions): TrustedIssuer {
  const discovery = new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const keys = async (): Promise<JSONWebKeySet> => {
    const document = (await fetchJson(discovery)) as { issuer?: unknown; jwks_uri?: unknown } | null;
    if (document?.issuer !== issuer || typeof document.jwks_uri !== "string") {
      throw new AccessError("KEYS_UNAVAILABLE", `The discovery document of ${issuer} is not its own.`, { issuer });
    }
    return (await fetchJson(new URL(document.jwks_uri))) as JSONWebKeySet;
  };
  return { issuer, audience, keys, algorithms: ["RS256"], claims: map };
}
