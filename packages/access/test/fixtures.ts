/** People, keys and hand-made tokens for the tests of this package. */
import type { Actor } from "@tessera/shared-types";
import { importJWK, type JSONWebKeySet, type JWTPayload, SignJWT } from "jose";
import {
  createSigner,
  createVerifier,
  generateSigningKey,
  type SigningKey,
  tesseraIssuer,
  type Verifier,
} from "../src/index.js";

export const ada: Actor = {
  kind: "user",
  id: "0190a000-0000-7000-8000-000000000001",
  tenantId: "0190a000-0000-7000-8000-0000000000aa",
  scopes: new Set(["identity:read", "analytics:write"]),
  roles: ["analyst"],
  attributes: { projects: ["p1", "p2"] },
  sessionId: "0190a000-0000-7000-8000-0000000000bb",
};

/** A clock that stands still until it is moved. */
export function clock(at = Date.UTC(2026, 0, 5, 12)): { now: () => number; pass: (seconds: number) => void } {
  let time = at;
  const pass = (seconds: number): void => {
    time += seconds * 1000;
  };
  return { now: () => time, pass };
}

/** A key set that counts how often it is asked for and can be changed or made to fail. */
export function keySet(...keys: SigningKey[]) {
  const state = { keys, asked: 0, failing: false };
  const read = async (): Promise<JSONWebKeySet> => {
    state.asked++;
    if (state.failing) throw new Error("unreachable");
    return { keys: state.keys.map((key) => key.publicJwk) };
  };
  return Object.assign(state, { read });
}

export async function ownWorld() {
  const time = clock();
  const key = await generateSigningKey();
  const set = keySet(key);
  const signer = createSigner({ key, now: time.now });
  const verifier = createVerifier({ issuers: [tesseraIssuer({ keys: set.read })], now: time.now });
  return { time, key, set, signer, verifier };
}

/** Signs any claims under any header, as somebody who holds the key but not our code. */
export async function forge(
  key: SigningKey,
  claims: JWTPayload,
  header: { kid?: string; typ?: string } = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", kid: key.kid, typ: "at+jwt", ...header })
    .sign(await importJWK(key.privateJwk, "RS256"));
}

/** Claims Tessera accepts, one minute old. */
export function goodClaims(now: number): JWTPayload {
  const seconds = Math.floor(now / 1000);
  return {
    iss: "tessera",
    aud: "tessera",
    sub: ada.id,
    iat: seconds - 60,
    exp: seconds + 840,
    kind: "user",
    tenant: ada.tenantId,
    scope: "identity:read",
    roles: ["viewer"],
    attributes: {},
  };
}

/** The code of the refusal, or "accepted". */
export async function verdict(verifier: Verifier, token: string): Promise<string> {
  return verifier.verify(token).then(
    () => "accepted",
    (error: { code?: string }) => error.code ?? String(error),
  );
}
