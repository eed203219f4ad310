/**
 * Tokens of the installation's own modules. Every process derives the same Ed25519 key from the installation's secret, so
 * each of them can sign for its modules and verify the others without asking anybody.
 */
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import type { JWK } from "jose";
import { actorOfClaims } from "./claims.js";
import { AccessError } from "./errors.js";
import type { TrustedIssuer } from "./issuers.js";
import { accessTokenType, createSigner, ownIssuer, type Signer } from "./signer.js";

/** `iss` of modules' tokens. */
const moduleIssuerName = "tessera:platform";
const seedBytes = 32;
/** PKCS #8 head of an Ed25519 private key (RFC 8410, §7); the seed follows. */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");

/** Trusts tokens of modules signed with a key made of the same 32 secret bytes. They are services, never people. */
export function moduleIssuer(seed: Buffer): TrustedIssuer {
  const { publicJwk } = keyOf(seed);
  return {
    issuer: moduleIssuerName,
    audience: ownIssuer,
    keys: async () => ({ keys: [publicJwk] }),
    algorithms: ["EdDSA"],
    type: accessTokenType,
    claims: (payload) => {
      const actor = actorOfClaims(payload);
      if (actor.kind === "service") return actor;
      throw new AccessError("TOKEN_CLAIMS_REFUSED", "The token's claims are not acceptable: a module is no person.");
    },
  };
}

/** Signs for modules. Tokens are short-lived: they are made anew for what is done anew. */
export function createModuleSigner(seed: Buffer, ttlSeconds: number): Signer {
  const { kid, privateJwk } = keyOf(seed);
  return createSigner({ key: { kid, privateJwk }, issuer: moduleIssuerName, algorithm: "EdDSA", ttlSeconds });
}

/** The id under which a module acts, the same in every installation: columns that name who did something hold UUIDs. */
export function moduleServiceId(module: string): string {
  const bytes = createHash("sha1").update(namespace).update(module).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Of version 5 ids of modules (RFC 9562, §5.5). */
const namespace = Buffer.from("8f2f7a5e4c0b4d6f9a5d1f0c6be2a310", "hex");

function keyOf(seed: Buffer): { kid: string; privateJwk: JWK; publicJwk: JWK } {
  if (seed.length !== seedBytes) throw new TypeError(`A module key is made of ${seedBytes} bytes.`);
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: "der", type: "pkcs8" });
  const publicJwk = createPublicKey(key).export({ format: "jwk" }) as JWK;
  const kid = createHash("sha256").update(String(publicJwk.x)).digest("base64url");
  const marks = { kid, alg: "EdDSA", use: "sig" };
  return {
    kid,
    privateJwk: { ...(key.export({ format: "jwk" }) as JWK), ...marks },
    publicJwk: { ...publicJwk, ...marks },
  };
}
