import type { Client } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { people, startWorld, thistlemoor, type World } from "./world.js";

let world: World;
let owner: Client;
beforeAll(async () => {
  world = await startWorld();
  owner = (await world.logIn("imogen")).client;
});
afterAll(() => world.close());

const create =
  "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id prefix scopes expiresAt } } }";
const exchange = "mutation ($key: String!) { exchangeApiKey(key: $key) { token subjectId scopes } }";
const revoke = "mutation ($id: ID!) { revokeApiKey(id: $id) { revokedAt } }";
const newAccount =
  "mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { id roles { key } } }";

const createKey = async (client: Client, input: object) =>
  (await client.data(create, { input: { name: "key", ...input } })).createApiKey as {
    secret: string;
    apiKey: { id: string };
  };
const exchanged = async (key: string) =>
  world.verify((await world.anybody().data(exchange, { key })).exchangeApiKey.token);
const exchangeCode = async (key: string) => (await world.anybody().error(exchange, { key })).code;
const account = async (...roles: string[]) =>
  (await owner.data(newAccount, { input: { name: "importer", roles } })).createServiceAccount.id as string;

describe("an API key", () => {
  test("is exchanged for a token that acts for its maker, without a session", async () => {
    const { client } = await world.logIn("priya");
    const { secret } = await createKey(client, { scopes: ["ghg-calculator:read"] });
    const actor = await exchanged(secret);
    expect(actor).toMatchObject({ kind: "user", id: people.priya.id, tenantId: thistlemoor.id });
    expect([...actor.scopes]).toEqual(["ghg-calculator:read"]);
    expect(actor.sessionId).toBeUndefined();
  });

  test("carries 256 random bits, is shown once and stored as a hash", async () => {
    const { secret, apiKey } = await createKey(owner, { scopes: ["analytics:read"] });
    expect(secret).toMatch(/^tsk_[\w-]{22}_[\w-]{43}$/);
    expect(apiKey).toMatchObject({ prefix: secret.slice(0, 35) });
    const rows = await world.runtime.database.admin`select * from identity.api_keys`;
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  test("permits nothing its maker lacks", async () => {
    const { client } = await world.logIn("mateo");
    const input = { name: "key", scopes: ["ghg-calculator:approve"] };
    expect((await client.error(create, { input })).code).toBe("EXCEEDS_OWN_SCOPES");
    expect((await client.error(create, { input: { ...input, scopes: ["moon:read"] } })).code).toBe("SCOPE_UNKNOWN");
    await createKey(client, { scopes: ["ghg-calculator:write"] });
  });

  test("permits less when its owner comes to have less", async () => {
    const { client } = await world.logIn("mateo");
    const { secret } = await createKey(client, { scopes: ["analytics:write", "analytics:read"] });
    const give = "mutation ($id: ID!, $roles: [String!]!) { changeMemberRoles(userId: $id, roles: $roles) { id } }";
    await owner.data(give, { id: people.mateo.id, roles: ["viewer"] });
    expect([...(await exchanged(secret)).scopes]).toEqual(["analytics:read"]);
    await owner.data(give, { id: people.mateo.id, roles: ["analyst"] });
  });

  test("works until it is revoked", async () => {
    const { secret, apiKey } = await createKey(owner, { scopes: ["analytics:read"] });
    await exchanged(secret);
    await owner.data(revoke, { id: apiKey.id });
    expect(await exchangeCode(secret)).toBe("API_KEY_INVALID");
  });

  test("works until it expires, and no longer than the organization allows", async () => {
    const { secret } = await createKey(owner, { scopes: ["analytics:read"], expiresInDays: 2 });
    world.clock.advance({ days: 1 });
    await exchanged(secret);
    world.clock.advance({ days: 1, seconds: 1 });
    expect(await exchangeCode(secret)).toBe("API_KEY_INVALID");
    const input = { name: "forever", scopes: ["analytics:read"], expiresInDays: 366 };
    expect((await owner.error(create, { input })).code).toBe("VALUE_INVALID");
  });

  test("remembers when it was last used", async () => {
    const { secret, apiKey } = await createKey(owner, { scopes: ["analytics:read"] });
    const used = async () =>
      (await owner.data("{ apiKeys { id lastUsedAt } }")).apiKeys.find(({ id }: { id: string }) => id === apiKey.id)
        .lastUsedAt;
    expect(await used()).toBeNull();
    await exchanged(secret);
    expect(Math.abs(new Date(await used()).getTime() - world.clock.now().getTime())).toBeLessThan(10_000);
  });

  test("that is made up, cut off or changed is refused like any other", async () => {
    const { secret } = await createKey(owner, { scopes: ["analytics:read"] });
    for (const key of ["", "tsk_", secret.slice(0, -1), `${secret.slice(0, -1)}!`, secret.replace("tsk_", "tsi_")]) {
      expect(await exchangeCode(key)).toBe("API_KEY_INVALID");
    }
    await exchanged(secret);
  });

  test("cannot make another key for its person, change nothing of theirs, and see no other organization", async () => {
    const { client } = await world.logIn("priya");
    const { secret } = await createKey(client, { scopes: ["identity:read"] });
    const program = await world.withToken((await world.anybody().data(exchange, { key: secret })).exchangeApiKey.token);
    const input = { name: "child", scopes: ["identity:read"] };
    expect((await program.error(create, { input })).code).toBe("SESSION_REQUIRED");
    expect((await program.error("{ sessions { id } }")).code).toBe("FORBIDDEN");
    expect((await program.error("{ apiKeys { id } }")).code).toBe("SESSION_REQUIRED");
    expect((await program.error("mutation { leaveOrganization }")).code).toBe("SESSION_REQUIRED");
    const copy = "query ($id: ID!) { exportPersonalData(userId: $id) }";
    expect((await program.error(copy, { id: people.priya.id })).code).toBe("FORBIDDEN");
    expect((await program.error('mutation { updateProfile(name: "Other") { id } }')).code).toBe("SESSION_REQUIRED");
    expect((await program.data("{ me { name } }")).me.name).toBe(people.priya.name);
  });

  test("of another person is seen and revoked by administrators only", async () => {
    const { client: priya } = await world.logIn("priya");
    const { client: viewer } = await world.logIn("freya");
    const { client: stranger } = await world.logIn("delia");
    const { apiKey } = await createKey(priya, { scopes: ["analytics:read"] });
    for (const other of [viewer, stranger]) {
      expect((await other.data("{ apiKeys { id } }")).apiKeys).not.toContainEqual({ id: apiKey.id });
      expect((await other.error(revoke, { id: apiKey.id })).code).toBe("NOT_FOUND");
      expect(await other.entity("ApiKey", apiKey.id, "name")).toBeNull();
    }
    expect((await owner.data("{ apiKeys { id } }")).apiKeys).toContainEqual({ id: apiKey.id });
    await owner.data(revoke, { id: apiKey.id });
  });
});

describe("a service account", () => {
  test("acts under its own id with what both its roles and the key permit", async () => {
    const serviceAccountId = await account("viewer");
    const { secret } = await createKey(owner, { serviceAccountId, scopes: ["analytics:read", "analytics:write"] });
    const actor = await exchanged(secret);
    expect(actor).toMatchObject({ kind: "service", id: serviceAccountId, roles: ["viewer"] });
    expect([...actor.scopes]).toEqual(["analytics:read"]);
    const program = await world.withToken((await world.anybody().data(exchange, { key: secret })).exchangeApiKey.token);
    expect(await program.data(`{ me { id } organization(id: "${thistlemoor.id}") { name } }`)).toEqual({
      me: null,
      organization: { name: thistlemoor.name },
    });
  });

  test("stops working for good when it is disabled", async () => {
    const serviceAccountId = await account("viewer");
    const { secret } = await createKey(owner, { serviceAccountId, scopes: ["analytics:read"] });
    await exchanged(secret);
    await owner.data("mutation ($id: ID!) { disableServiceAccount(id: $id) { disabledAt } }", { id: serviceAccountId });
    expect(await exchangeCode(secret)).toBe("API_KEY_INVALID");
    const input = { name: "again", serviceAccountId, scopes: ["analytics:read"] };
    expect((await owner.error(create, { input })).code).toBe("NOT_FOUND");
  });

  test("is made by administrators, with roles they cover", async () => {
    const { client: administrator } = await world.logIn("tobias");
    const { client: analyst } = await world.logIn("mateo");
    const input = { name: "robot", roles: ["owner"] };
    expect((await administrator.error(newAccount, { input })).code).toBe("EXCEEDS_OWN_SCOPES");
    await administrator.data(newAccount, { input: { ...input, roles: ["viewer"] } });
    expect((await analyst.error(newAccount, { input: { ...input, roles: ["viewer"] } })).code).toBe("FORBIDDEN");
  });

  test("gets keys from administrators of its own organization only", async () => {
    const serviceAccountId = await account("viewer");
    const input = { name: "key", serviceAccountId, scopes: ["analytics:read"] };
    const { client: analyst } = await world.logIn("mateo");
    const { client: stranger } = await world.logIn("delia");
    expect((await analyst.error(create, { input })).code).toBe("FORBIDDEN");
    expect((await stranger.error(create, { input })).code).toBe("NOT_FOUND");
    await createKey(owner, input);
  });
});

describe("the signing keys", () => {
  const rotate = "mutation ($revoke: Boolean!) { rotateSigningKeys(revoke: $revoke) }";
  const kids = async () =>
    (await world.anybody().data("{ jsonWebKeySet }")).jsonWebKeySet.keys.map(
      ({ kid }: { kid: string }) => kid,
    ) as string[];
  const accepts = (token: string) =>
    world.verify(token).then(
      () => true,
      () => false,
    );

  test("are published without anything private", async () => {
    const { keys } = (await world.anybody().data("{ jsonWebKeySet }")).jsonWebKeySet;
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0]).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
    const [row] = await world.runtime.database.admin`select * from identity.signing_keys`;
    expect(JSON.stringify(row)).not.toContain('"d"');
    const sealed = Buffer.from(row?.sealed_private_jwk, "base64").toString("latin1");
    expect(sealed).not.toContain("RSA");
  });

  test("are rotated: the old key verifies until its last token has expired", async () => {
    world.clock.advance({ minutes: 11 });
    const { token } = await world.logIn("priya");
    const [old] = await kids();
    await owner.data(rotate, { revoke: false });
    const [next, ...rest] = await kids();
    expect(rest).toEqual([old]);
    expect(next).not.toBe(old);
    expect(await accepts(token)).toBe(true);
    expect(await accepts((await world.logIn("priya")).token)).toBe(true);
    world.clock.advance({ minutes: 17 });
    expect(await kids()).toEqual([next]);
  });

  test("are not rotated twice within ten minutes, unless the old one is revoked", async () => {
    await owner.data(rotate, { revoke: true });
    expect((await owner.error(rotate, { revoke: false })).code).toBe("SIGNING_KEY_TOO_YOUNG");
    const { token } = await world.logIn("priya");
    await owner.data(rotate, { revoke: true });
    expect(await kids()).toHaveLength(1);
    expect(await accepts(token)).toBe(false);
    expect(await accepts((await world.logIn("priya")).token)).toBe(true);
  });

  test("rotate by themselves after ninety days", async () => {
    const [old] = await kids();
    world.clock.advance({ days: 91 });
    const [next] = await kids();
    expect(next).not.toBe(old);
  });

  test("belong to the organization that operates the installation", async () => {
    const { client: stranger } = await world.logIn("delia");
    const { client: viewer } = await world.logIn("freya");
    expect((await stranger.error(rotate, { revoke: true })).code).toBe("OPERATOR_ONLY");
    expect((await viewer.error(rotate, { revoke: true })).code).toBe("FORBIDDEN");
  });
});
