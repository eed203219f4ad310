/** People and sessions live in tables without row-level security: these refusals are the module's own. */
import type { Client } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { usersById } from "../src/queries/people.js";
import { sessionsById } from "../src/queries/sessions.js";
import { type LoggedIn, organizations, people, pinehollow, startWorld, thistlemoor, type World } from "./world.js";

let world: World;
let imogen: LoggedIn;
let delia: LoggedIn;
let mateo: LoggedIn;
beforeAll(async () => {
  world = await startWorld();
  imogen = await world.logIn("imogen");
  delia = await world.logIn("delia");
  mateo = await world.logIn("mateo");
});
afterAll(() => world.close());

const namesOf = async (client: Client, variables: Record<string, unknown> = {}) => {
  const query =
    "query ($search: String, $first: Int) { users(search: $search, first: $first) { totalCount nodes { name } } }";
  const { users } = await client.data(query, variables);
  return users as { totalCount: number; nodes: { name: string }[] };
};

describe("people of another organization", () => {
  test("cannot be loaded as entities, those of one's own can", async () => {
    expect(await imogen.client.entity("User", people.priya.id, "name email")).toEqual({
      name: people.priya.name,
      email: people.priya.email,
    });
    expect(await imogen.client.entity("User", people.delia.id, "name email")).toBeNull();
    expect(await delia.client.entity("User", people.priya.id, "name")).toBeNull();
  });

  test("are not found by id, list or search", async () => {
    const byId = async (id: string) =>
      (await imogen.client.data("query ($id: ID!) { user(id: $id) { name } }", { id })).user;
    expect(await byId(people.freya.id)).toEqual({ name: people.freya.name });
    expect(await byId(people.jonah.id)).toBeNull();
    const { totalCount, nodes } = await namesOf(imogen.client);
    expect(totalCount).toBe(6);
    expect(nodes.map(({ name }) => name)).not.toContain(people.delia.name);
    expect((await namesOf(imogen.client, { search: "delia" })).totalCount).toBe(0);
    expect((await namesOf(delia.client, { search: "delia" })).totalCount).toBe(1);
  });

  test("are in a list of those who share an organization, in either of them", async () => {
    expect((await namesOf(imogen.client, { search: "mateo" })).totalCount).toBe(1);
    expect((await namesOf(delia.client, { search: "mateo" })).totalCount).toBe(1);
  });

  test("are not shown to somebody who works in both, while they work here", async () => {
    const load = (client: Client) => client.entity("User", people.delia.id, "name");
    expect(await load(mateo.client)).toBeNull();
    expect(await load((await world.logIn("mateo", pinehollow.id)).client)).toEqual({ name: people.delia.name });
  });

  test("show one membership, that in the asker's organization", async () => {
    const roles = async (client: Client) =>
      (await client.entity("User", people.mateo.id, "membership { organizationId roles { key } }")).membership;
    expect(await roles(imogen.client)).toEqual({ organizationId: thistlemoor.id, roles: [{ key: "analyst" }] });
    expect(await roles(delia.client)).toEqual({
      organizationId: pinehollow.id,
      roles: [{ key: "sustainability-manager" }],
    });
    expect(await roles(mateo.client)).toEqual({ organizationId: thistlemoor.id, roles: [{ key: "analyst" }] });
  });

  test("cannot be found by a search with wildcards", async () => {
    expect((await namesOf(imogen.client, { search: "%" })).totalCount).toBe(0);
    expect((await namesOf(imogen.client, { search: "_" })).totalCount).toBe(0);
    expect((await namesOf(imogen.client, { search: "o" })).totalCount).toBeGreaterThan(0);
  });
});

describe("another organization", () => {
  test("is null by id and as an entity, also for its members while they work here", async () => {
    for (const { client } of [imogen, mateo]) {
      const query = "query ($id: ID!) { organization(id: $id) { name } }";
      expect((await client.data(query, { id: thistlemoor.id })).organization).toEqual({ name: thistlemoor.name });
      expect((await client.data(query, { id: pinehollow.id })).organization).toBeNull();
      expect(await client.entity("Organization", thistlemoor.id, "name")).toEqual({ name: thistlemoor.name });
      expect(await client.entity("Organization", pinehollow.id, "name tier")).toBeNull();
      expect(await client.entity("OrganizationSettings", pinehollow.id, "currency")).toBeNull();
    }
  });

  test("keeps its memberships, invitations, accounts and sessions to itself", async () => {
    const { admin } = world.runtime.database;
    const [membership] = await admin`select id from identity.memberships where user_id = ${people.delia.id}`;
    const { serviceAccount } = await delia.client.data(
      'mutation { serviceAccount: createServiceAccount(input: { name: "robot", roles: ["viewer"] }) { id } }',
    );
    const { inviteMember } = await delia.client.data(
      'mutation { inviteMember(email: "x@new.example.org", roles: ["viewer"]) { invitation { id } } }',
    );
    const ids = {
      Membership: membership?.id,
      ServiceAccount: serviceAccount.id,
      Invitation: inviteMember.invitation.id,
      Session: delia.actor.sessionId,
    };
    for (const [type, id] of Object.entries(ids)) {
      expect(await delia.client.entity(type, id, "id"), type).toEqual({ id });
      expect(await imogen.client.entity(type, id, "id"), type).toBeNull();
    }
    const listed = JSON.stringify(
      await imogen.client.data("{ serviceAccounts { id } invitations { id } apiKeys { id } }"),
    );
    for (const id of Object.values(ids)) expect(listed).not.toContain(id);
  });

  test("has no member counted here", async () => {
    const query =
      "query ($id: ID!) { organization(id: $id) { members(first: 100) { totalCount nodes { user { name } } } } }";
    const { members } = (await mateo.client.data(query, { id: thistlemoor.id })).organization;
    expect(members.totalCount).toBe(6);
    expect(members.nodes).not.toContainEqual({ user: { name: people.delia.name } });
  });
});

describe("an invitation from another organization", () => {
  test("is not listed to the invited person, who could read its row", async () => {
    const invite = "mutation ($email: EmailAddress!) { inviteMember(email: $email, roles: []) { invitation { id } } }";
    const { invitation } = (await delia.client.data(invite, { email: people.imogen.email })).inviteMember;
    expect(await imogen.client.entity("Invitation", invitation.id, "id")).toBeNull();
    expect((await imogen.client.data("{ invitations { id } }")).invitations).not.toContainEqual(invitation);
    expect((await delia.client.data("{ invitations { id } }")).invitations).toContainEqual(invitation);
  });
});

describe("a session of a colleague", () => {
  test("cannot be loaded as an entity, one's own can", async () => {
    const { client, actor } = await world.logIn("priya");
    expect(await client.entity("Session", actor.sessionId ?? "", "current")).toEqual({ current: true });
    expect(await imogen.client.entity("Session", actor.sessionId ?? "", "current")).toBeNull();
  });
});

describe("without a token", () => {
  test.each([
    "me { id }",
    'organization(id: "x") { id }',
    "users { totalCount }",
    "sessions { id }",
    "roles { id }",
    "apiKeys { id }",
  ])("%s is refused", async (selection) => {
    expect((await world.anybody().error(`{ ${selection} }`)).code).toBe("UNAUTHENTICATED");
  });

  test("entities are refused, and the public keys are not", async () => {
    const query = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }";
    const representation = { __typename: "User", id: people.priya.id };
    expect((await world.anybody().error(query, { r: [representation] })).code).toBe("UNAUTHENTICATED");
    expect((await world.anybody().data("{ jsonWebKeySet }")).jsonWebKeySet.keys).toHaveLength(1);
  });
});

describe("without scopes", () => {
  test("names of colleagues can be read, addresses and lists cannot", async () => {
    const limited = world.as({ id: people.freya.id, tenantId: thistlemoor.id, scopes: [] });
    expect(await limited.entity("User", people.priya.id, "name")).toEqual({ name: people.priya.name });
    expect((await limited.error("{ users { totalCount } }")).code).toBe("FORBIDDEN");
    expect((await limited.error("{ me { email } }")).code).toBe("FORBIDDEN");
    expect((await limited.data("{ me { name } }")).me.name).toBe(people.freya.name);
  });
});

describe("the statements themselves", () => {
  const reader = (tenantId: string | null, actorId: string | null) =>
    world.runtime.database.forModule("identity").reader({ tenantId, actorId });
  const everybody = Object.values(people).map(({ id }) => id);

  test("find nobody outside of an organization, and oneself everywhere", async () => {
    expect((await usersById(reader(null, null), everybody)).filter(Boolean)).toEqual([]);
    const own = await usersById(reader(organizations.ardenfold.id, people.priya.id), everybody);
    expect(own.filter((row) => row !== null).map(({ id }) => id)).toEqual([people.priya.id, people.kavita.id]);
  });

  test("find no session without a person", async () => {
    const id = imogen.actor.sessionId ?? "";
    expect(await sessionsById(reader(thistlemoor.id, null), [id])).toEqual([null]);
    expect(await sessionsById(reader(thistlemoor.id, people.imogen.id), [id])).toMatchObject([{ id }]);
  });
});
