import { createHmac, createPublicKey } from "node:crypto";
import type { JWK } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { createVerifier, generateSigningKey, tesseraIssuer } from "../src/index.js";
import { ada, forge, goodClaims, ownWorld, verdict } from "./fixtures.js";

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const pem = (jwk: JWK): string =>
  createPublicKey({ key: jwk as Record<string, string>, format: "jwk" })
    .export({ type: "spki", format: "pem" })
    .toString();

let world: Awaited<ReturnType<typeof ownWorld>>;
beforeEach(async () => {
  world = await ownWorld();
});
const judge = (token: string) => verdict(world.verifier, token);

describe("a token signed by Tessera", () => {
  test("gives back the actor it was made for", async () => {
    const { token, expiresAt } = await world.signer.sign(ada);
    expect(await world.verifier.verify(token)).toEqual({ ...ada, expiresAt });
  });

  test("is good for fifteen minutes", async () => {
    const { expiresAt } = await world.signer.sign(ada);
    expect(expiresAt - world.time.now()).toBe(15 * 60 * 1000);
  });

  test("of a service account carries no session", async () => {
    const { sessionId: _, ...service } = { ...ada, kind: "service" as const };
    const { token } = await world.signer.sign(service);
    expect(await world.verifier.verify(token)).not.toHaveProperty("sessionId");
  });

  test("is accepted until it expires and refused afterwards, also when it was verified before", async () => {
    const { token } = await world.signer.sign(ada);
    expect(await judge(token)).toBe("accepted");
    world.time.pass(899);
    expect(await judge(token)).toBe("accepted");
    world.time.pass(7);
    expect(await judge(token)).toBe("TOKEN_EXPIRED");
  });
});

describe("a claim set", () => {
  const cases: [string, Record<string, unknown>, string][] = [
    ["as Tessera writes it is accepted", {}, "accepted"],
    ["for another audience is refused", { aud: "elsewhere" }, "TOKEN_WRONG_AUDIENCE"],
    ["without an audience is refused", { aud: undefined }, "TOKEN_WRONG_AUDIENCE"],
    ["for several audiences, Tessera among them, is accepted", { aud: ["x", "tessera"] }, "accepted"],
    ["of another issuer is refused", { iss: "https://elsewhere.example" }, "TOKEN_UNKNOWN_ISSUER"],
    ["without an issuer is refused", { iss: undefined }, "TOKEN_INVALID"],
    ["without an expiry is refused", { exp: undefined }, "TOKEN_INVALID"],
    ["with an expiry that is no number is refused", { exp: "tomorrow" }, "TOKEN_INVALID"],
    ["without a subject is refused", { sub: undefined }, "TOKEN_INVALID"],
    ["without a tenant is refused", { tenant: undefined }, "TOKEN_CLAIMS_REFUSED"],
    ["with roles that are no list is refused", { roles: "owner" }, "TOKEN_CLAIMS_REFUSED"],
    ["that claims to be the system is refused", { kind: "system" }, "TOKEN_CLAIMS_REFUSED"],
  ];
  test.each(cases)("%s", async (_title, change, expected) => {
    expect(await judge(await forge(world.key, { ...goodClaims(world.time.now()), ...change }))).toBe(expected);
  });

  test("is refused before its time and accepted from then on, give or take the clock tolerance", async () => {
    const nbf = Math.floor(world.time.now() / 1000) + 60;
    const token = await forge(world.key, { ...goodClaims(world.time.now()), nbf });
    expect(await judge(token)).toBe("TOKEN_NOT_YET_VALID");
    world.time.pass(56);
    expect(await judge(token)).toBe("accepted");
  });

  test("counts as an access token only under that header type", async () => {
    expect(await judge(await forge(world.key, goodClaims(world.time.now()), { typ: "at+jwt" }))).toBe("accepted");
    expect(await judge(await forge(world.key, goodClaims(world.time.now()), { typ: "JWT" }))).toBe("TOKEN_INVALID");
  });
});

describe("algorithm confusion", () => {
  test("an unsigned token is refused", async () => {
    const body = encode(goodClaims(world.time.now()));
    for (const alg of ["none", "None", "NONE"]) {
      expect(await judge(`${encode({ alg, kid: world.key.kid, typ: "at+jwt" })}.${body}.`)).toBe("TOKEN_INVALID");
    }
  });

  test("an RS256 token whose signature was cut off is refused", async () => {
    const { token } = await world.signer.sign(ada);
    expect(await judge(token.slice(0, token.lastIndexOf(".") + 1))).toBe("TOKEN_INVALID");
  });

  test("an HS256 token signed with the public key as the secret is refused", async () => {
    for (const secret of [pem(world.key.publicJwk), JSON.stringify(world.key.publicJwk)]) {
      const input = `${encode({ alg: "HS256", kid: world.key.kid, typ: "at+jwt" })}.${encode(goodClaims(world.time.now()))}`;
      const signature = createHmac("sha256", secret).update(input).digest("base64url");
      expect(await judge(`${input}.${signature}`)).toBe("TOKEN_INVALID");
    }
  });

  test("a token that brings its own key is refused", async () => {
    const own = await generateSigningKey();
    const header = { kid: world.key.kid, jwk: own.publicJwk } as { kid: string };
    expect(await judge(await forge(own, goodClaims(world.time.now()), header))).toBe("TOKEN_INVALID");
  });
});

describe("tampering", () => {
  test("a changed payload is refused, the original accepted", async () => {
    const { token } = await world.signer.sign(ada);
    const [head, , tail] = token.split(".");
    const raised = encode({ ...goodClaims(world.time.now()), scope: "identity:admin" });
    expect(await judge(token)).toBe("accepted");
    expect(await judge(`${head}.${raised}.${tail}`)).toBe("TOKEN_INVALID");
  });

  test("a changed character of the signature is refused", async () => {
    const { token } = await world.signer.sign(ada);
    const at = token.length - 20;
    const other = token[at] === "A" ? "B" : "A";
    expect(await judge(token.slice(0, at) + other + token.slice(at + 1))).toBe("TOKEN_INVALID");
  });

  test.each(["", "x", "a.b", "a.b.c", "...", "é.é.é", "{}.{}.{}", "x".repeat(20_000)])(
    "something that is no token is refused (%#)",
    async (text) => {
      expect(await judge(text)).toBe("TOKEN_INVALID");
    },
  );

  test("a token under another issuer's key is refused, though both are trusted", async () => {
    const other = await generateSigningKey();
    const verifier = createVerifier({
      now: world.time.now,
      issuers: [
        tesseraIssuer({ keys: world.set.read }),
        { ...tesseraIssuer({ keys: async () => ({ keys: [other.publicJwk] }) }), issuer: "second" },
      ],
    });
    const claims = goodClaims(world.time.now());
    expect(await verdict(verifier, await forge(other, { ...claims, iss: "second" }))).toBe("accepted");
    expect(await verdict(verifier, await forge(other, claims))).toBe("TOKEN_UNKNOWN_KEY");
  });
});

test("a refusal never repeats the token", async () => {
  const { token } = await world.signer.sign(ada);
  const error = await world.verifier.verify(`${token}x`).catch((thrown: unknown) => thrown);
  expect(JSON.stringify(error) + String(error)).not.toContain(token.slice(0, 30));
});
