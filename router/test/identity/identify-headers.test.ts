/** Who sends a request, told by tokens of foreign issuers, configured keys and cookies. */
import { hashSecret } from "@tessera/access";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuthenticationOptions } from "../../src/identity/authentication.js";
import { createIdentifyHeaders, type Identity, type IdentityOptions } from "../../src/identity/identify.js";
import type { ClientHeaders } from "../../src/request/request-context.js";
import { startIssuer } from "./issuer.js";

type Issuer = Awaited<ReturnType<typeof startIssuer>>;
let issuer: Issuer;
let second: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
  second = await startIssuer("RS256");
});
afterAll(() => Promise.all([issuer.close(), second.close()]));

const jwt = (): NonNullable<AuthenticationOptions["jwt"]> => ({
  issuers: [
    { issuer: issuer.url, jwksUrl: issuer.jwksUrl },
    { issuer: second.url, audience: "router" },
  ],
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** The actor's id, `null` for nobody, or the code of the refusal. */
async function who(options: IdentityOptions, headers: ClientHeaders): Promise<string | null> {
  try {
    return (await createIdentifyHeaders(options)(headers)).actor?.id ?? null;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("tokens of several issuers", () => {
  test("are accepted, with keys by address or by discovery", async () => {
    const options = { authentication: { jwt: jwt() } };
    expect(await who(options, bearer(await issuer.sign()))).toBe("ada");
    expect(await who(options, bearer(await second.sign({ aud: ["other", "router"] })))).toBe("ada");
  });

  test("are refused for another audience, by another issuer, expired, or under somebody else's key", async () => {
    const options = { authentication: { jwt: jwt() } };
    const past = Math.floor(Date.now() / 1000) - 60;
    expect(await who(options, bearer(await second.sign({ aud: "other" })))).toBe("TOKEN_WRONG_AUDIENCE");
    expect(await who(options, bearer(await second.sign()))).toBe("TOKEN_WRONG_AUDIENCE");
    expect(await who(options, bearer(await issuer.sign({ iss: "https://elsewhere" })))).toBe("TOKEN_UNKNOWN_ISSUER");
    expect(await who(options, bearer(await issuer.sign({ exp: past })))).toBe("TOKEN_EXPIRED");
    expect(await who(options, bearer(await issuer.sign({ iss: second.url, aud: "router" })))).toBe("TOKEN_UNKNOWN_KEY");
    const forged = { ...(await issuer.strangerKey()), kid: issuer.keys[0]?.kid ?? "" };
    expect(await who(options, bearer(await issuer.sign({}, forged)))).toBe("TOKEN_INVALID");
  });

  test("are accepted by the algorithms of their issuer only", async () => {
    const only = { issuer: issuer.url, jwksUrl: issuer.jwksUrl, algorithms: ["RS256"] } as const;
    const token = await issuer.sign();
    expect(await who({ authentication: { jwt: { issuers: [only] } } }, bearer(token))).toBe("TOKEN_INVALID");
    const [, body] = token.split(".");
    const none = Buffer.from('{"alg":"none","kid":"x"}').toString("base64url");
    expect(await who({ authentication: { jwt: jwt() } }, bearer(`${none}.${body}.`))).toBe("TOKEN_INVALID");
  });

  test("go to the other verifier when the section does not name their issuer", async () => {
    const verifier = {
      async verify(): Promise<never> {
        throw Object.assign(new Error("no"), { code: "SECOND_ASKED" });
      },
    };
    const options = { authentication: { jwt: jwt() }, verifier };
    expect(await who(options, bearer(await issuer.sign({ iss: "https://elsewhere" })))).toBe("SECOND_ASKED");
    expect(await who(options, bearer(await issuer.sign()))).toBe("ada");
    expect(await who({}, bearer("x"))).toBe("TOKENS_NOT_ACCEPTED");
  });
});

describe("keys", () => {
  test("that are rotated are fetched anew, and forged key ids do not make a flood of fetches", async () => {
    const rotating = await startIssuer();
    const identify = createIdentifyHeaders({
      authentication: { jwt: { issuers: [{ issuer: rotating.url, jwksUrl: rotating.jwksUrl }] } },
    });
    expect((await identify(bearer(await rotating.sign()))).actor?.id).toBe("ada");
    await rotating.rotate();
    expect((await identify(bearer(await rotating.sign()))).actor?.id).toBe("ada");
    expect(rotating.asked).toBe(2);
    const stranger = await rotating.strangerKey();
    for (let attempt = 0; attempt < 20; attempt++) {
      const token = await rotating.sign({ jti: String(attempt) }, { ...stranger, kid: `forged-${attempt}` });
      await expect(identify(bearer(token))).rejects.toMatchObject({ code: "TOKEN_UNKNOWN_KEY", status: 401 });
    }
    expect(rotating.asked).toBeLessThanOrEqual(6);
    await rotating.close();
  });

  test("that cannot be read are no reason to log in again", async () => {
    const broken = await startIssuer();
    const token = await broken.sign();
    broken.down = true;
    const identify = createIdentifyHeaders({ authentication: { jwt: { issuers: [{ issuer: broken.url }] } } });
    await expect(identify(bearer(token))).rejects.toMatchObject({ code: "KEYS_UNAVAILABLE", status: 503 });
    await broken.close();
  });
});

describe("a token that was verified before", () => {
  test("identifies its sender without a promise, and a new one with one", async () => {
    const identify = createIdentifyHeaders({ authentication: { jwt: jwt() } });
    const headers = bearer(await issuer.sign());
    const first = identify(headers);
    expect(first).toBeInstanceOf(Promise);
    const { actor } = await first;
    const again = identify(headers);
    expect(again).not.toBeInstanceOf(Promise);
    expect((again as Identity).actor).toBe(actor);
  });
});

describe("where a token stands", () => {
  const sources = [
    { header: "authorization" },
    { header: "X-Session", prefix: "" },
    { header: "authorization", prefix: "Token" },
    { cookie: "session" },
  ];
  const options = () => ({ authentication: { jwt: { ...jwt(), sources } } });

  test("is any header, prefix or cookie of the configuration", async () => {
    const token = await issuer.sign();
    expect(await who(options(), { authorization: `bearer  ${token} ` })).toBe("ada");
    expect(await who(options(), { authorization: `Token ${token}` })).toBe("ada");
    expect(await who(options(), { "x-session": token })).toBe("ada");
    expect(await who(options(), { cookie: `a=b; session=${token}; c=d` })).toBe("ada");
  });

  test("is nowhere else: another header or cookie is not looked at, another prefix is refused", async () => {
    const token = await issuer.sign();
    expect(await who(options(), { "x-other": token, cookie: `sessions=${token}` })).toBeNull();
    expect(await who(options(), { authorization: `Basic ${token}` })).toBe("TOKEN_INVALID");
    expect(await who(options(), { authorization: `Bearer ${token} ${token}` })).toBe("TOKEN_INVALID");
    expect(await who(options(), { authorization: [`Bearer ${token}`, `Bearer ${token}`] })).toBe("TOKEN_INVALID");
    expect(await who({ authentication: { jwt: jwt() } }, { cookie: `session=${token}` })).toBeNull();
  });

  test("may be blank as in a fresh explorer", async () => {
    for (const authorization of ["", "Bearer", "Bearer ", "  "])
      expect(await who(options(), { authorization })).toBeNull();
  });

  test("in a cookie it may have expired, since browsers send it unasked; a forged one is refused", async () => {
    const expired = await issuer.sign({ exp: 1_000 });
    expect(await who(options(), { cookie: `session=${expired}` })).toBeNull();
    expect(await who(options(), { authorization: `Bearer ${expired}` })).toBe("TOKEN_EXPIRED");
    expect(await who(options(), { cookie: "session=forged" })).toBe("TOKEN_INVALID");
    const required = { authentication: { ...options().authentication, required: true } };
    expect(await who(required, { cookie: `session=${expired}` })).toBe("AUTHENTICATION_REQUIRED");
  });
});

describe("API keys of the configuration", () => {
  const apiKeys = [
    {
      hash: hashSecret("key-one"),
      actor: { id: "ci", tenant: "acme", scopes: ["read"], roles: ["robot"], attributes: { tier: ["pro"] } },
    },
    { hash: hashSecret("key-old"), actor: { id: "old" }, expires: "2020-01-01T00:00:00Z" },
    {
      hash: hashSecret("key-new").toUpperCase(),
      actor: { id: "new", kind: "user" as const },
      expires: "2120-01-01T00:00:00Z",
    },
  ];

  test("name their actor at once", () => {
    const identity = createIdentifyHeaders({ authentication: { apiKeys } })({ "x-api-key": "key-one" });
    expect(identity).toEqual({
      actor: {
        kind: "service",
        id: "ci",
        tenantId: "acme",
        scopes: new Set(["read"]),
        roles: ["robot"],
        attributes: { tier: ["pro"] },
      },
    });
  });

  test("are refused when unknown or expired", async () => {
    const options = { authentication: { apiKeys } };
    expect(await who(options, { "x-api-key": "key-two" })).toBe("API_KEY_INVALID");
    expect(await who(options, { "x-api-key": "" })).toBe("API_KEY_INVALID");
    expect(await who(options, { "x-api-key": "key-old" })).toBe("API_KEY_INVALID");
    expect(await who(options, { "x-api-key": "key-new" })).toBe("new");
    expect(await who({}, { "x-api-key": "key-one" })).toBe("API_KEYS_NOT_ACCEPTED");
  });

  test("stand beside those that are exchanged, in a header of one's choice", async () => {
    const exchangeApiKey = () => issuer.sign({ sub: "exchanged" });
    const options = { authentication: { jwt: jwt(), apiKeys, apiKeyHeader: "X-Key" }, exchangeApiKey };
    expect(await who(options, { "x-key": "key-one" })).toBe("ci");
    expect(await who(options, { "x-key": "tsk_1" })).toBe("exchanged");
    expect(await who(options, { "x-api-key": "key-one" })).toBeNull();
  });

  test("that were exchanged a moment ago identify at once", async () => {
    const identify = createIdentifyHeaders({ authentication: { jwt: jwt() }, exchangeApiKey: () => issuer.sign() });
    await identify({ "x-api-key": "tsk_1" });
    expect(identify({ "x-api-key": "tsk_1" })).not.toBeInstanceOf(Promise);
    expect(identify({ "x-api-key": "tsk_2" })).toBeInstanceOf(Promise);
  });

  test("may be several of one actor, for instance while one is replaced, with equal rights", async () => {
    const key = (secret: string, scopes: string[]) => ({ hash: hashSecret(secret), actor: { id: "ci", scopes } });
    const two = { authentication: { apiKeys: [key("old", ["a", "b"]), key("new", ["b", "a"])] } };
    expect([await who(two, { "x-api-key": "old" }), await who(two, { "x-api-key": "new" })]).toEqual(["ci", "ci"]);
    const apiKeysThatDiffer = [key("old", ["a"]), key("new", ["a", "b"])];
    expect(() => createIdentifyHeaders({ authentication: { apiKeys: apiKeysThatDiffer } })).toThrow("different rights");
  });

  test("must stand in the configuration as hashes, each once", () => {
    const plain = () =>
      createIdentifyHeaders({ authentication: { apiKeys: [{ hash: "key-one", actor: { id: "x" } }] } });
    expect(plain).toThrow("not a SHA-256");
    const [one = apiKeys[1]] = apiKeys;
    expect(() => createIdentifyHeaders({ authentication: { apiKeys: one ? [one, one] : [] } })).toThrow("twice");
  });
});

test("where authentication is required nobody else gets in", async () => {
  const options = { authentication: { jwt: jwt(), required: true } };
  expect(await who(options, {})).toBe("AUTHENTICATION_REQUIRED");
  expect(await who(options, { authorization: "Bearer " })).toBe("AUTHENTICATION_REQUIRED");
  expect(await who(options, bearer(await issuer.sign()))).toBe("ada");
  expect(await who({ authentication: { jwt: jwt() } }, {})).toBeNull();
});
