import { platformEvents } from "@tessera/shared-types";
import type { Client } from "@tessera/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { demoPassword, organizations, people, pinehollow, startWorld, thistlemoor, type World } from "./world.js";

let world: World;
let owner: Client;
let administrator: Client;
let viewer: Client;
beforeAll(async () => {
  world = await startWorld();
  owner = (await world.logIn("imogen")).client;
  administrator = (await world.logIn("tobias")).client;
  viewer = (await world.logIn("freya")).client;
});
afterAll(() => world.close());

const inviteOperation = `mutation ($email: EmailAddress!, $roles: [String!]!) {
  inviteMember(email: $email, roles: $roles) { token invitation { id email roles { key } invitedBy { name } } }
}`;
const acceptOperation = `mutation ($token: String!, $password: String!, $name: String) {
  acceptInvitation(token: $token, password: $password, name: $name) { accessToken }
}`;
const rolesOperation =
  "mutation ($id: ID!, $roles: [String!]!) { changeMemberRoles(userId: $id, roles: $roles) { roles { key } } }";
const removeOperation = "mutation ($id: ID!) { removeMember(userId: $id) }";
const password = "the quick brown fox jumps";

const invite = async (client: Client, email: string, ...roles: string[]) =>
  (await client.data(inviteOperation, { email, roles })).inviteMember as { token: string; invitation: { id: string } };
const accept = async (token: string, name = "Noor Haddad") =>
  world.verify((await world.anybody().data(acceptOperation, { token, password, name })).acceptInvitation.accessToken);
const acceptCode = async (token: string, change: object = {}) =>
  (await world.anybody().error(acceptOperation, { token, password, name: "Noor Haddad", ...change })).code;

describe("an invitation", () => {
  test("makes somebody new a member with the roles it names", async () => {
    const { token, invitation } = await invite(owner, "Noor@New.example.org", "analyst");
    expect(invitation).toMatchObject({
      email: "noor@new.example.org",
      roles: [{ key: "analyst" }],
      invitedBy: { name: "Imogen Hartwell" },
    });
    const actor = await accept(token);
    expect(actor).toMatchObject({ tenantId: thistlemoor.id, roles: ["analyst"] });
    await world.settle();
    const changes = world.published(platformEvents.memberChanged).filter(({ payload }) => payload.userId === actor.id);
    expect(changes.map(({ payload }) => payload.change)).toEqual(["invited", "joined"]);
  });

  test("lets somebody known in by their own password, and by no other", async () => {
    const { token } = await invite(owner, people.sabine.email, "viewer");
    expect(await acceptCode(token, { password: "not the password" })).toBe("INVALID_CREDENTIALS");
    const variables = { token, password: demoPassword };
    const joined = await world.verify(
      (await world.anybody().data(acceptOperation, variables)).acceptInvitation.accessToken,
    );
    expect(joined).toMatchObject({ id: people.sabine.id, tenantId: thistlemoor.id });
  });

  test("is accepted once", async () => {
    const { token } = await invite(owner, "once@new.example.org", "viewer");
    await accept(token);
    expect(await acceptCode(token)).toBe("TOKEN_INVALID");
  });

  test.each([
    ["new", "twins@new.example.org", password],
    ["known", people.owen.email, demoPassword],
  ])("is accepted by one of two who try at the same moment, somebody %s", async (_kind, email, secret) => {
    const { token } = await invite(owner, email, "viewer");
    const variables = { token, password: secret, name: "Twin" };
    const results = await Promise.all([1, 2].map(() => world.anybody().run(acceptOperation, variables)));
    const codes = results.map(({ errors }) => errors?.[0]?.extensions?.code ?? "joined");
    expect(codes.sort()).toEqual(["TOKEN_INVALID", "joined"]);
  });

  test("needs a name and a good password of somebody new", async () => {
    const { token } = await invite(owner, "careful@new.example.org", "viewer");
    expect(await acceptCode(token, { name: " " })).toBe("VALUE_INVALID");
    expect(await acceptCode(token, { password: "too short" })).toBe("PASSWORD_TOO_WEAK");
    await accept(token);
  });

  test("runs out after seven days and makes room for another", async () => {
    const { token } = await invite(owner, "late@new.example.org", "viewer");
    expect((await owner.error(inviteOperation, { email: "late@new.example.org", roles: ["viewer"] })).code).toBe(
      "ALREADY_INVITED",
    );
    world.clock.advance({ days: 8 });
    expect(await acceptCode(token)).toBe("TOKEN_INVALID");
    await accept((await invite(owner, "late@new.example.org", "viewer")).token);
  });

  test("can be revoked while it is open, by the organization it belongs to", async () => {
    const { token, invitation } = await invite(owner, "unwanted@new.example.org", "viewer");
    const revoke = "mutation ($id: ID!) { revokeInvitation(id: $id) }";
    const stranger = (await world.logIn("delia")).client;
    expect((await stranger.error(revoke, { id: invitation.id })).code).toBe("NOT_FOUND");
    await owner.data(revoke, { id: invitation.id });
    expect(await acceptCode(token)).toBe("TOKEN_INVALID");
    expect((await owner.error(revoke, { id: invitation.id })).code).toBe("NOT_FOUND");
  });

  test.each(["", "tsi_x", "tsk_AZAAAAAAcACAAAAAAAAA_w_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])(
    "is not opened by something made up (%s)",
    async (token) => {
      expect(await acceptCode(token)).toBe("TOKEN_INVALID");
    },
  );

  test("is for people who are no members yet", async () => {
    expect((await owner.error(inviteOperation, { email: people.priya.email, roles: ["viewer"] })).code).toBe(
      "ALREADY_MEMBER",
    );
    await invite(owner, people.jonah.email, "viewer");
  });

  test("gives no role the inviter does not cover, and none that does not exist", async () => {
    const variables = { email: "climber@new.example.org", roles: ["owner"] };
    expect((await administrator.error(inviteOperation, variables)).code).toBe("EXCEEDS_OWN_SCOPES");
    await invite(administrator, "modest@new.example.org", "administrator");
    expect((await owner.error(inviteOperation, { ...variables, roles: ["wizard"] })).code).toBe("ROLE_UNKNOWN");
    expect((await viewer.error(inviteOperation, { ...variables, roles: ["viewer"] })).code).toBe("FORBIDDEN");
  });
});

describe("the roles of a member", () => {
  test("are replaced, and the change is announced", async () => {
    await owner.data(rolesOperation, { id: people.freya.id, roles: ["analyst", "viewer"] });
    await world.settle();
    expect(world.published(platformEvents.memberChanged).at(-1)?.payload).toEqual({
      organizationId: thistlemoor.id,
      userId: people.freya.id,
      change: "roles_changed",
      roles: ["analyst", "viewer"],
    });
  });

  test("are changed by an administrator as far as the administrator's own go", async () => {
    const mateo = { id: people.mateo.id };
    expect((await administrator.error(rolesOperation, { ...mateo, roles: ["owner"] })).code).toBe("EXCEEDS_OWN_SCOPES");
    expect((await administrator.error(rolesOperation, { id: people.imogen.id, roles: ["viewer"] })).code).toBe(
      "EXCEEDS_OWN_SCOPES",
    );
    expect((await administrator.error(rolesOperation, { id: people.tobias.id, roles: ["owner"] })).code).toBe(
      "EXCEEDS_OWN_SCOPES",
    );
    await owner.data(rolesOperation, { ...mateo, roles: ["viewer"] });
    await administrator.data(rolesOperation, { ...mateo, roles: ["administrator"] });
    await owner.data(rolesOperation, { ...mateo, roles: ["analyst"] });
  });

  test("are out of reach for people of another organization", async () => {
    expect((await owner.error(rolesOperation, { id: people.delia.id, roles: ["viewer"] })).code).toBe(
      "MEMBER_NOT_FOUND",
    );
    const { client: delia } = await world.logIn("delia");
    expect((await delia.data("{ me { membership { roles { key } } } }")).me.membership.roles).toEqual([
      { key: "owner" },
    ]);
  });
});

describe("assigned projects", () => {
  const operation =
    "mutation ($id: ID!, $projects: [ID!]!) { assignProjects(userId: $id, projectIds: $projects) { assignedProjects } }";

  test("go into the next token of the member", async () => {
    const variables = { id: people.priya.id, projects: ["p1", "p2", "p1"] };
    expect((await owner.data(operation, variables)).assignProjects.assignedProjects).toEqual(["p1", "p2"]);
    expect((await world.logIn("priya")).actor.attributes).toMatchObject({ projects: ["p1", "p2"] });
  });

  test("stay few, because they travel in every token", async () => {
    const projects = Array.from({ length: 101 }, (_, n) => `p${n}`);
    expect((await owner.error(operation, { id: people.priya.id, projects })).code).toBe("VALUE_INVALID");
    await owner.data(operation, { id: people.priya.id, projects: projects.slice(1) });
  });

  test("are assigned by those who may write, to members only", async () => {
    expect((await viewer.error(operation, { id: people.priya.id, projects: [] })).code).toBe("FORBIDDEN");
    expect((await owner.error(operation, { id: people.delia.id, projects: ["p1"] })).code).toBe("MEMBER_NOT_FOUND");
  });
});

describe("the last owner", () => {
  beforeEach(() => owner.data(rolesOperation, { id: people.priya.id, roles: ["sustainability-manager"] }));

  test("cannot leave, be removed, erased or made something else", async () => {
    const id = people.imogen.id;
    expect((await owner.error("mutation { leaveOrganization }")).code).toBe("LAST_OWNER");
    expect((await owner.error(removeOperation, { id })).code).toBe("LAST_OWNER");
    expect((await owner.error("mutation ($id: ID!) { erasePerson(userId: $id) }", { id })).code).toBe("LAST_OWNER");
    expect((await owner.error(rolesOperation, { id, roles: ["viewer"] })).code).toBe("LAST_OWNER");
    await owner.data(rolesOperation, { id, roles: ["owner", "viewer"] });
  });

  test("can, once there is another one", async () => {
    const { client: delia } = await world.logIn("delia");
    expect((await delia.error("mutation { leaveOrganization }")).code).toBe("LAST_OWNER");
    await delia.data(rolesOperation, { id: people.jonah.id, roles: ["owner"] });
    await delia.data("mutation { leaveOrganization }");
  });

  test("stays, though two owners remove each other at the same moment", async () => {
    await owner.data(rolesOperation, { id: people.priya.id, roles: ["owner"] });
    const { client: second } = await world.logIn("priya");
    const results = await Promise.all([
      owner.run(rolesOperation, { id: people.imogen.id, roles: ["owner"] }),
      second.run("mutation { leaveOrganization }"),
      owner.run("mutation { leaveOrganization }"),
    ]);
    const rows = await world.runtime.database.admin`
      select user_id from identity.memberships
       where tenant_id = ${thistlemoor.id} and ended_at is null and 'owner' = any(role_keys)`;
    expect(rows).toHaveLength(1);
    expect(results.filter(({ errors }) => errors?.[0]?.extensions?.code === "LAST_OWNER").length).toBeGreaterThan(0);
  });
});

describe("removing a member", () => {
  const exchange = "mutation ($key: String!) { exchangeApiKey(key: $key) { token } }";
  let key: string;

  test("ends their sessions and keys here, and not elsewhere", async () => {
    const boss = (await world.logIn("kavita")).client;
    const { token } = await invite(boss, people.mateo.email, "analyst");
    await world.anybody().data(acceptOperation, { token, password: demoPassword });
    const here = await world.logIn("mateo", organizations.ardenfold.id);
    const elsewhere = await world.logIn("mateo", pinehollow.id);
    const { createApiKey } = await here.client.data(
      'mutation { createApiKey(input: { name: "mine", scopes: ["analytics:read"] }) { secret } }',
    );
    await boss.data(removeOperation, { id: people.mateo.id });

    expect((await here.browser.error("mutation { refreshSession { accessToken } }")).code).toBe("SESSION_EXPIRED");
    await elsewhere.browser.data("mutation { refreshSession { accessToken } }");
    key = createApiKey.secret;
    expect((await world.anybody().error(exchange, { key })).code).toBe("API_KEY_INVALID");
    await world.settle();
    expect(world.published(platformEvents.memberChanged).at(-1)?.payload).toMatchObject({
      change: "removed",
      roles: [],
    });
  });

  test("leaves the name, without the address, and they can be invited again, without their old keys", async () => {
    const boss = (await world.logIn("kavita")).client;
    const user = "query ($id: ID!) { user(id: $id) { name email membership { id } } }";
    const { name } = people.mateo;
    expect((await boss.data(user, { id: people.mateo.id })).user).toEqual({ name, email: null, membership: null });
    const { token } = await invite(boss, people.mateo.email, "viewer");
    await world.anybody().data(acceptOperation, { token, password: demoPassword });
    expect((await boss.data(user, { id: people.mateo.id })).user).toMatchObject({ name, email: people.mateo.email });
    expect((await world.anybody().error(exchange, { key })).code).toBe("API_KEY_INVALID");
  });
});
