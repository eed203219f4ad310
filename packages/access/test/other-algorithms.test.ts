/** Issuers that sign with other algorithms than ours, and what their choice must not open. */
import { createHmac } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { createVerifier, type SigningAlgorithm, type TrustedIssuer } from "../src/index.js";
import { ada, verdict } from "./fixtures.js";

const claims = { iss: "https://issuer", aud: "router", sub: "someone", exp: Math.floor(Date.now() / 1000) + 600 };

async function issuer(algorithm: SigningAlgorithm, more: Partial<TrustedIssuer> = {}, others: JWK[] = []) {
  const pair = await generateKeyPair(algorithm, { extractable: true });
  const publicJwk = { ...(await exportJWK(pair.publicKey)), kid: "k" };
  const trusted: TrustedIssuer = {
    issuer: claims.iss,
    audience: "router",
    keys: async () => ({ keys: [...others, publicJwk] }),
    algorithms: [algorithm],
    claims: ({ exp = 0 }) => ({ ...ada, expiresAt: exp * 1000 }),
    ...more,
  };
  const sign = (alg: string = algorithm, payload: object = claims) =>
    new SignJWT({ ...payload }).setProtectedHeader({ alg, kid: "k" }).sign(pair.privateKey);
  return { verifier: createVerifier({ issuers: [trusted] }), sign, publicJwk };
}

const all: SigningAlgorithm[] = ["RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA"];
test.each(all)("a token signed by %s is accepted where it is allowed", async (algorithm) => {
  const { verifier, sign } = await issuer(algorithm);
  expect(await verdict(verifier, await sign())).toBe("accepted");
});

test("an algorithm that fits the key but is not allowed is refused", async () => {
  const { verifier, sign } = await issuer("RS256", { algorithms: ["PS256"] });
  expect(await verdict(verifier, await sign())).toBe("TOKEN_INVALID");
});

test("only signatures of private keys can be configured", () => {
  const wrong = (name: string) => issuer("RS256", { algorithms: [name as SigningAlgorithm] });
  return Promise.all(["none", "HS256", "HS512"].map((name) => expect(wrong(name)).rejects.toThrow(name)));
});

test("a symmetric key in the key set verifies nothing", async () => {
  const secret = Buffer.from("a secret that the issuer published by mistake");
  const oct: JWK = { kty: "oct", kid: "shared", k: secret.toString("base64url") };
  const { verifier, sign } = await issuer("ES256", {}, [oct]);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part({ alg: "HS256", kid: "shared" })}.${part(claims)}`;
  expect(await verdict(verifier, `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`)).toBe(
    "TOKEN_INVALID",
  );
  expect(await verdict(verifier, await sign())).toBe("accepted");
});

test("an issuer trusted without an audience has its tokens accepted whomever they are for", async () => {
  const { sign, publicJwk, verifier } = await issuer("ES256");
  const open: TrustedIssuer = {
    issuer: claims.iss,
    keys: async () => ({ keys: [publicJwk] }),
    algorithms: ["ES256"],
    claims: () => ada,
  };
  const token = await sign("ES256", { ...claims, aud: "somebody else" });
  expect(await verdict(createVerifier({ issuers: [open] }), token)).toBe("accepted");
  expect(await verdict(verifier, token)).toBe("TOKEN_WRONG_AUDIENCE");
});

describe("a token that was verified before", () => {
  test("is known without a promise, and no other one is", async () => {
    const { verifier, sign } = await issuer("ES256");
    const token = await sign();
    expect(verifier.known(token)).toBeUndefined();
    const actor = await verifier.verify(token);
    expect(verifier.known(token)).toBe(actor);
    expect(verifier.known(await sign())).toBeUndefined();
  });

  test("is not known any more once it has expired", async () => {
    const time = { now: Date.now() };
    const { sign, publicJwk } = await issuer("ES256");
    const token = await sign();
    const trusted: TrustedIssuer = {
      issuer: claims.iss,
      keys: async () => ({ keys: [publicJwk] }),
      algorithms: ["ES256"],
      claims: ({ exp = 0 }) => ({ ...ada, expiresAt: exp * 1000 }),
    };
    const verifier = createVerifier({ issuers: [trusted], now: () => time.now, keysMaxAge: 10_000 });
    expect(await verdict(verifier, token)).toBe("accepted");
    time.now += 599_000;
    expect(verifier.known(token)).toBeDefined();
    time.now += 10_000;
    expect(verifier.known(token)).toBeUndefined();
  });
});
