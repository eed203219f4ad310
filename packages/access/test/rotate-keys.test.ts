import * as jose from "jose";
import { describe, expect, test, vi } from "vitest";
import { createSigner, createVerifier, generateSigningKey, tesseraIssuer } from "../src/index.js";
import { ada, forge, goodClaims, keySet, ownWorld, verdict } from "./fixtures.js";

vi.mock("jose", { spy: true });

describe("rotation", () => {
  test("a token under a new key is accepted after one refetch", async () => {
    const { time, set, verifier, signer } = await ownWorld();
    await verifier.verify((await signer.sign(ada)).token);
    const next = await generateSigningKey();
    set.keys = [...set.keys, next];
    time.pass(20);
    expect(await verdict(verifier, (await createSigner({ key: next, now: time.now }).sign(ada)).token)).toBe(
      "accepted",
    );
    expect(set.asked).toBe(2);
  });

  test("is noticed a moment after the keys were read, and however often it happens in a row", async () => {
    const { time, set, verifier, signer } = await ownWorld();
    await verifier.verify((await signer.sign(ada)).token);
    for (let n = 0; n < 4; n++) {
      const next = await generateSigningKey();
      set.keys = [next];
      const { token } = await createSigner({ key: next, now: time.now }).sign(ada);
      expect(await verdict(verifier, token)).toBe("accepted");
    }
  });

  test("forged key ids cause five fetches per cooldown, however many tokens name one after the other", async () => {
    const { time, set, verifier, signer, key } = await ownWorld();
    await verifier.verify((await signer.sign(ada)).token);
    time.pass(11);
    for (let n = 0; n < 20; n++) {
      const token = await forge(key, goodClaims(time.now()), { kid: `kid-${n}` });
      expect(await verdict(verifier, token)).toBe("TOKEN_UNKNOWN_KEY");
    }
    expect(set.asked).toBe(6);
    expect(await verdict(verifier, (await signer.sign(ada)).token)).toBe("accepted");
  });

  test("unknown key ids at the same moment cause one fetch, however many tokens name them", async () => {
    const { time, set, verifier, signer, key } = await ownWorld();
    await verifier.verify((await signer.sign(ada)).token);
    time.pass(20);
    const claims = goodClaims(time.now());
    const forged = await Promise.all(Array.from({ length: 50 }, (_, n) => forge(key, claims, { kid: `kid-${n}` })));
    const verdicts = await Promise.all(forged.map((token) => verdict(verifier, token)));
    expect(new Set(verdicts)).toEqual(new Set(["TOKEN_UNKNOWN_KEY"]));
    expect(set.asked).toBe(2);
    time.pass(11);
    await verdict(verifier, await forge(key, claims, { kid: "kid-next" }));
    expect(set.asked).toBe(3);
  });

  test("many tokens at a cold start cause one fetch", async () => {
    const { set, verifier, signer } = await ownWorld();
    const tokens = await Promise.all(Array.from({ length: 10 }, () => signer.sign(ada)));
    await Promise.all(tokens.map(({ token }) => verifier.verify(token)));
    expect(set.asked).toBe(1);
  });
});

describe("revocation", () => {
  test("a token whose key left the key set is refused within a minute, also when it was verified before", async () => {
    const { time, set, verifier, signer } = await ownWorld();
    const { token } = await signer.sign(ada);
    expect(await verdict(verifier, token)).toBe("accepted");
    set.keys = [await generateSigningKey()];
    time.pass(61);
    expect(await verdict(verifier, token)).toBe("TOKEN_UNKNOWN_KEY");
  });

  test("a token whose key stays is accepted again and again", async () => {
    const { time, set, verifier, signer } = await ownWorld();
    const { token } = await signer.sign(ada);
    for (let minutes = 0; minutes < 5; minutes++) {
      expect(await verdict(verifier, token)).toBe("accepted");
      time.pass(61);
    }
    expect(set.asked).toBe(5);
  });
});

describe("an issuer that cannot be reached", () => {
  test("does not stop known keys for an hour, and does afterwards", async () => {
    const { time, key, set, verifier } = await ownWorld();
    const token = async () => forge(key, goodClaims(time.now()));
    await verifier.verify(await token());
    set.failing = true;
    time.pass(50 * 60);
    expect(await verdict(verifier, await token())).toBe("accepted");
    time.pass(11 * 60);
    expect(await verdict(verifier, await token())).toBe("KEYS_UNAVAILABLE");
    expect(await verdict(verifier, await token())).toBe("KEYS_UNAVAILABLE");
    set.failing = false;
    time.pass(11);
    expect(await verdict(verifier, await token())).toBe("accepted");
  });

  test("gives a coded error when no key is known yet, and recovers", async () => {
    const address = new URL("http://127.0.0.1:9/jwks.json");
    const { signer, time, set } = await ownWorld();
    const { token } = await signer.sign(ada);
    const down = createVerifier({ issuers: [tesseraIssuer({ keys: address })], now: time.now });
    expect(await verdict(down, token)).toBe("KEYS_UNAVAILABLE");
    const up = createVerifier({ issuers: [tesseraIssuer({ keys: set.read })], now: time.now });
    expect(await verdict(up, token)).toBe("accepted");
  });
});

describe("the cache of verified tokens", () => {
  test("checks the signature of one token once", async () => {
    const { verifier, signer } = await ownWorld();
    const { token } = await signer.sign(ada);
    const checks = vi.mocked(jose.jwtVerify);
    checks.mockClear();
    for (let n = 0; n < 100; n++) await verifier.verify(token);
    expect(checks).toHaveBeenCalledTimes(1);
  });

  test("holds no more tokens than it may", async () => {
    const { time, key, signer } = await ownWorld();
    const keys = keySet(key);
    const verifier = createVerifier({ issuers: [tesseraIssuer({ keys: keys.read })], cacheSize: 2, now: time.now });
    const tokens = await Promise.all([1, 2, 3].map(() => signer.sign(ada)));
    const checks = vi.mocked(jose.jwtVerify);
    checks.mockClear();
    for (const { token } of tokens) await verifier.verify(token);
    await verifier.verify(tokens[2]?.token ?? "");
    expect(checks).toHaveBeenCalledTimes(3);
    await verifier.verify(tokens[0]?.token ?? "");
    expect(checks).toHaveBeenCalledTimes(4);
  });
});

test("two issuers of one name are refused at the start", async () => {
  const { set } = await ownWorld();
  const issuer = tesseraIssuer({ keys: set.read });
  expect(() => createVerifier({ issuers: [issuer, issuer] })).toThrow(/same name/);
});
