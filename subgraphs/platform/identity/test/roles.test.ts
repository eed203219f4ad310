import type { Client } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { people, startWorld, type World } from "./world.js";

let world: World;
let owner: Client;
let administrator: Client;
beforeAll(async () => {
  world = await startWorld();
  owner = (await world.logIn("imogen")).client;
  administrator = (await world.logIn("tobias")).client;
});
afterAll(() => world.close());

const create =
  "mutation ($input: CreateRoleInput!) { createRole(input: $input) { id key builtIn permissions { id module action } } }";
const update =
  "mutation ($id: ID!, $input: UpdateRoleInput!) { updateRole(id: $id, input: $input) { name permissions { id } } }";
const remove = "mutation ($id: ID!) { deleteRole(id: $id) }";
const give = "mutation ($id: ID!, $roles: [String!]!) { changeMemberRoles(userId: $id, roles: $roles) { id } }";
const permissionsOf = "query ($id: ID!) { userPermissions(userId: $id) { permissions { id } } }";

const createRole = async (client: Client, key: string, ...scopes: string[]) =>
  (await client.data(create, { input: { key, name: key, scopes } })).createRole as { id: string };
const createCode = async (client: Client, key: string, ...scopes: string[]) =>
  (await client.error(create, { input: { key, name: key, scopes } })).code;

describe("a custom role", () => {
  test("is made of scopes and works like a built-in one", async () => {
    const role = await createRole(owner, "auditor", "identity:read", "ghg-calculator:read");
    expect(role).toMatchObject({
      key: "auditor",
      builtIn: false,
      permissions: [
        { id: "ghg-calculator:read", module: "ghg-calculator", action: "read" },
        { id: "identity:read", module: "identity", action: "read" },
      ],
    });
    await owner.data(give, { id: people.freya.id, roles: ["auditor"] });
    const { actor } = await world.logIn("freya");
    expect([...actor.scopes].sort()).toEqual(["ghg-calculator:read", "identity:read"]);
  });

  test("holds no scope its maker lacks, neither at first nor later", async () => {
    expect(await createCode(administrator, "backdoor", "ghg-calculator:approve")).toBe("EXCEEDS_OWN_SCOPES");
    const { id } = await createRole(administrator, "front-door", "identity:read");
    const more = { id, input: { scopes: ["identity:read", "analytics:admin"] } };
    expect((await administrator.error(update, more)).code).toBe("EXCEEDS_OWN_SCOPES");
    await administrator.data(update, { id, input: { scopes: ["identity:read", "identity:write"] } });
    await owner.data(update, more);
  });

  test("that holds more than somebody has cannot be changed, deleted or given by them", async () => {
    const { id } = await createRole(owner, "approver", "ghg-calculator:approve");
    expect((await administrator.error(update, { id, input: { name: "Harmless" } })).code).toBe("EXCEEDS_OWN_SCOPES");
    expect((await administrator.error(remove, { id })).code).toBe("EXCEEDS_OWN_SCOPES");
    expect((await administrator.error(give, { id: people.tobias.id, roles: ["approver"] })).code).toBe(
      "EXCEEDS_OWN_SCOPES",
    );
    await owner.data(remove, { id });
  });

  test("has a key of its own, and scopes that exist", async () => {
    await createRole(owner, "planner", "analytics:read");
    expect(await createCode(owner, "planner", "analytics:read")).toBe("ROLE_TAKEN");
    expect(await createCode(owner, "owner", "analytics:read")).toBe("ROLE_TAKEN");
    expect(await createCode(owner, "Not A Key", "analytics:read")).toBe("VALUE_INVALID");
    expect(await createCode(owner, "dreamer", "moon:read")).toBe("SCOPE_UNKNOWN");
  });

  test("is deleted only when nobody has it", async () => {
    const { id } = await createRole(owner, "temporary", "analytics:read");
    await owner.data(give, { id: people.mateo.id, roles: ["temporary"] });
    expect(await owner.error(remove, { id })).toMatchObject({ code: "ROLE_IN_USE", details: { count: 1 } });
    await owner.data(give, { id: people.mateo.id, roles: ["analyst"] });
    await owner.data(remove, { id });
    expect(await createRole(owner, "temporary", "analytics:read")).toBeDefined();
  });

  test("changes what its holders may do at once, in their permissions and their next token", async () => {
    const { id } = await createRole(owner, "shifting", "analytics:read");
    await owner.data(give, { id: people.priya.id, roles: ["shifting"] });
    const read = async () => (await owner.data(permissionsOf, { id: people.priya.id })).userPermissions.permissions;
    expect(await read()).toEqual([{ id: "analytics:read" }]);
    await owner.data(update, { id, input: { scopes: ["analytics:write"] } });
    expect(await read()).toEqual([{ id: "analytics:write" }]);
    expect([...(await world.logIn("priya")).actor.scopes]).toEqual(["analytics:write"]);
  });

  test("exists in its own organization only, though another may have one of the same key", async () => {
    const { id } = await createRole(owner, "local", "analytics:read");
    const { client: stranger } = await world.logIn("delia");
    expect((await stranger.error(update, { id, input: { name: "Mine" } })).code).toBe("NOT_FOUND");
    expect((await stranger.error(give, { id: people.jonah.id, roles: ["local"] })).code).toBe("ROLE_UNKNOWN");
    expect(await stranger.entity("Role", id, "name")).toBeNull();
    expect(await owner.entity("Role", id, "name")).toEqual({ name: "local" });
    await createRole(stranger, "local", "identity:read");
  });

  test("is made by administrators, and by nobody else", async () => {
    const { client: analyst } = await world.logIn("mateo");
    expect(await createCode(analyst, "own", "analytics:read")).toBe("FORBIDDEN");
  });
});

describe("a built-in role", () => {
  test("is there from the start and cannot be changed or deleted", async () => {
    const { roles } = await owner.data("{ roles { id key builtIn } }");
    const viewer = roles.find(({ key }: { key: string }) => key === "viewer");
    expect(viewer.builtIn).toBe(true);
    expect((await owner.error(update, { id: viewer.id, input: { name: "Reader" } })).code).toBe("ROLE_BUILT_IN");
    expect((await owner.error(remove, { id: viewer.id })).code).toBe("ROLE_BUILT_IN");
  });
});
