import { platformEvents } from "@tessera/shared-types";
import type { Client } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demoPassword, loginOperation, people, pinehollow, startWorld, thistlemoor, type World } from "./world.js";

let world: World;
let owner: Client;
beforeAll(async () => {
  world = await startWorld();
  owner = (await world.logIn("imogen")).client;
});
afterAll(() => world.close());

const exportQuery = "query ($id: ID!) { exportPersonalData(userId: $id) }";
const erase = "mutation ($id: ID!) { erasePerson(userId: $id) }";
const invite = 'mutation ($email: EmailAddress!) { inviteMember(email: $email, roles: ["viewer"]) { token } }';
const copyOf = async (client: Client, id: string) => (await client.data(exportQuery, { id })).exportPersonalData;

describe("a copy of personal data", () => {
  test("holds everything about oneself, from every organization, and no secret", async () => {
    const { client } = await world.logIn("mateo");
    const key = 'mutation { createApiKey(input: { name: "mine", scopes: ["analytics:read"] }) { secret } }';
    const { secret } = (await client.data(key)).createApiKey;
    await world.logIn("mateo", pinehollow.id);
    const copy = await copyOf(client, people.mateo.id);
    expect(copy.profile).toMatchObject({ id: people.mateo.id, name: people.mateo.name, email: people.mateo.email });
    expect(copy.memberships.map(({ tenantId }: { tenantId: string }) => tenantId)).toEqual([
      thistlemoor.id,
      pinehollow.id,
    ]);
    expect(copy.sessions).toHaveLength(2);
    expect(copy.organizations[0].apiKeys).toMatchObject([{ name: "mine" }]);
    expect(copy.organizations[1].invitations).toHaveLength(1);
    const text = JSON.stringify(copy);
    for (const hidden of [secret, "argon2", "hash", "Hash"]) expect(text).not.toContain(hidden);
  });

  test("about a member holds what this organization holds", async () => {
    const copy = await copyOf(owner, people.mateo.id);
    expect(copy.memberships).toHaveLength(1);
    expect(copy.sessions).toHaveLength(1);
    expect(JSON.stringify(copy)).not.toContain(pinehollow.id);
  });

  test("is for the person and for administrators, not for colleagues and strangers", async () => {
    const { client: colleague } = await world.logIn("freya");
    const { client: stranger } = await world.logIn("kavita");
    expect((await colleague.error(exportQuery, { id: people.mateo.id })).code).toBe("FORBIDDEN");
    expect((await stranger.error(exportQuery, { id: people.mateo.id })).code).toBe("MEMBER_NOT_FOUND");
    expect((await copyOf(colleague, people.freya.id)).profile.name).toBe(people.freya.name);
  });
});

describe("erasing a person", () => {
  test("takes name, address, password, sessions and keys, and leaves the id", async () => {
    const { client, browser } = await world.logIn("priya");
    const { client: elsewhere } = await world.logIn("kavita");
    await elsewhere.data(invite, { email: people.priya.email });
    const key = 'mutation { createApiKey(input: { name: "mine", scopes: ["analytics:read"] }) { secret } }';
    const { secret } = (await client.data(key)).createApiKey;
    await client.data(erase, { id: people.priya.id });

    expect((await browser.error("mutation { refreshSession { accessToken } }")).code).toBe("SESSION_EXPIRED");
    const exchange = "mutation ($key: String!) { exchangeApiKey(key: $key) { token } }";
    expect((await world.anybody().error(exchange, { key: secret })).code).toBe("API_KEY_INVALID");
    const credentials = { email: people.priya.email, password: demoPassword };
    expect((await world.anybody().error(loginOperation, credentials)).code).toBe("INVALID_CREDENTIALS");
    expect(await owner.entity("User", people.priya.id, "id name email")).toEqual({
      id: people.priya.id,
      name: "Erased person",
      email: null,
    });
    const { admin } = world.runtime.database;
    const tables = await admin`select tablename from pg_tables where schemaname = 'identity'`;
    for (const { tablename } of tables) {
      const rows = await admin`select * from identity.${admin(tablename)}`;
      expect(JSON.stringify(rows), tablename).not.toMatch(/priya|nandakumar/i);
    }
  });

  test("is announced in every organization the person worked in", async () => {
    const { client } = await world.logIn("mateo");
    await client.data(erase, { id: people.mateo.id });
    await world.settle();
    const erased = world
      .published(platformEvents.memberChanged)
      .filter(({ payload }) => payload.change === "erased" && payload.userId === people.mateo.id);
    expect(erased.map(({ tenantId }) => tenantId)).toEqual([thistlemoor.id, pinehollow.id]);
  });

  test("is for administrators only as long as the person works nowhere else", async () => {
    const accept =
      "mutation ($token: String!, $password: String!) { acceptInvitation(token: $token, password: $password) { accessToken } }";
    const { token } = (await owner.data(invite, { email: people.jonah.email })).inviteMember;
    await world.anybody().data(accept, { token, password: demoPassword });
    const { client: delia } = await world.logIn("delia");
    expect((await delia.error(erase, { id: people.jonah.id })).code).toBe("WORKS_ELSEWHERE");
    await owner.data("mutation ($id: ID!) { removeMember(userId: $id) }", { id: people.jonah.id });
    await delia.data(erase, { id: people.jonah.id });
  });

  test("is refused to colleagues, to strangers and for those above", async () => {
    const { client: colleague } = await world.logIn("freya");
    const { client: administrator } = await world.logIn("tobias");
    expect((await colleague.error(erase, { id: people.tobias.id })).code).toBe("FORBIDDEN");
    expect((await administrator.error(erase, { id: people.kavita.id })).code).toBe("MEMBER_NOT_FOUND");
    expect((await administrator.error(erase, { id: people.imogen.id })).code).toBe("EXCEEDS_OWN_SCOPES");
    await administrator.data(erase, { id: people.freya.id });
  });

  test("who is a last owner somewhere changes nothing anywhere", async () => {
    const { client } = await world.logIn("kavita");
    expect((await client.error(erase, { id: people.kavita.id })).code).toBe("LAST_OWNER");
    expect((await client.data("{ me { name } }")).me.name).toBe(people.kavita.name);
  });
});
