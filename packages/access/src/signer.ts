/** Tessera's own access tokens: RS256, short-lived, one organization each. */
import { randomUUID } from "node:crypto";
import type { Actor } from "@tessera/shared-types";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { claimsOfActor } from "./claims.js";

/** `iss` and `aud` of Tessera's own tokens. */
export const ownIssuer = "tessera";
/** Header type of an access token (RFC 9068); keeps other JWTs signed by the same key from passing as one. */
export const accessTokenType = "at+jwt";

export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  readonly privateJwk: JWK;
  /** Ready for a key set: carries `kid`, `alg` and `use`. */
  readonly publicJwk: JWK;
}

export interface SignedToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface Signer {
  readonly kid: string;
  sign(actor: Actor): Promise<SignedToken>;
}

export interface SignerOptions {
  readonly key: Pick<SigningKey, "kid" | "privateJwk">;
  readonly issuer?: string;
  readonly audience?: string;
  /** What the key signs with. Default RS256. */
  readonly algorithm?: "RS256" | "EdDSA";
  /** Default 900: a quarter of an hour. */
  readonly ttlSeconds?: number;
  /** Epoch milliseconds; default `Date.now`. */
  readonly now?: () => number;
}

/** Signs access tokens with one private key. The key is imported once. */
export function createSigner(options: SignerOptions): Signer {
  const {
    key,
    issuer = ownIssuer,
    audience = ownIssuer,
    algorithm = "RS256",
    ttlSeconds = 900,
    now = Date.now,
  } = options;
  const imported = importJWK(key.privateJwk, algorithm);
  // A malformed key must reject `sign`, not the process.
  imported.catch(() => {});
  return {
    kid: key.kid,
    async sign(actor) {
      const issuedAt = Math.floor(now() / 1000);
      const token = await new SignJWT(claimsOfActor(actor))
        .setProtectedHeader({ alg: algorithm, kid: key.kid, typ: accessTokenType })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(actor.id)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ttlSeconds)
        .setJti(randomUUID())
        .sign(await imported);
      return { token, expiresAt: (issuedAt + ttlSeconds) * 1000 };
    },
  };
}

/** A new RSA key of 2048 bits. */
export async function generateSigningKey(): Promise<SigningKey> {
  const pair = await generateKeyPair("RS256", { modulusLength: 2048, extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const marks = { kid, alg: "RS256", use: "sig" };
  return {
    kid,
    privateJwk: { ...(await exportJWK(pair.privateKey)), ...marks },
    publicJwk: { ...publicJwk, ...marks },
  };
}
