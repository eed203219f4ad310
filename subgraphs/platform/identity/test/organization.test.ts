import { platformEvents } from "@tessera/shared-types";
import { type Client, envelopeOf } from "@tessera/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { organizations, people, pinehollow, startWorld, thistlemoor, type World } from "./world.js";

let world: World;
let owner: Client;
let viewer: Client;
beforeAll(async () => {
  world = await startWorld();
  owner = (await world.logIn("imogen")).client;
  viewer = (await world.logIn("freya")).client;
});
afterAll(() => world.close());
// Events of an earlier test would drop what this one wants to find kept.
beforeEach(() => world.settle());

const contextQuery = `{ organizationContext {
  organization { id name createdAt } tier settings { currency timeZone }
  members { user { name } joinedAt roles { key } } permissions { id }
} }`;
const readContext = async (client = viewer) => (await client.data(contextQuery)).organizationContext;
const update =
  "mutation ($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { name country employees } }";
const updateSettings =
  "mutation ($input: UpdateOrganizationSettingsInput!) { updateOrganizationSettings(input: $input) { currency locale timeZone } }";
const rename = (name: string) => world.runtime.database.admin`
  update identity.organizations set name = ${name} where id = ${thistlemoor.id}`;

describe("the organization's context", () => {
  test("holds details, tier, settings, members and permissions in one answer", async () => {
    const context = await readContext();
    expect(context).toMatchObject({
      organization: { id: thistlemoor.id, name: thistlemoor.name },
      tier: "ENTERPRISE",
      settings: { currency: "GBP", timeZone: "Europe/London" },
    });
    expect(context.members.map(({ user }: { user: { name: string } }) => user.name)).toEqual([
      people.imogen.name,
      people.tobias.name,
      people.priya.name,
      people.mateo.name,
      people.freya.name,
      people.nils.name,
    ]);
    expect(context.permissions).toContainEqual({ id: "ghg-calculator:approve" });
  });

  test("is kept: the second answer equals the first, dates included, though the row has changed behind its back", async () => {
    const first = await readContext();
    await rename("Changed behind the back");
    expect(await readContext()).toEqual(first);
    await rename(thistlemoor.name);
  });

  test("is dropped when the organization, its settings, a role or a member changes", async () => {
    const nameAfter = async (change: () => Promise<unknown>) => {
      await world.settle();
      await readContext();
      await rename("New name");
      await change();
      const { organization } = await readContext();
      await rename(thistlemoor.name);
      await owner.data(updateSettings, { input: { currency: "GBP" } });
      return organization.name;
    };
    const role = { input: { key: "scribe", name: "Scribe", scopes: ["analytics:read"] } };
    const create = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }";
    const assign = 'mutation ($id: ID!) { assignProjects(userId: $id, projectIds: ["p1"]) { id } }';
    expect(await nameAfter(() => owner.data(update, { input: { employees: 7 } }))).toBe("New name");
    expect(await nameAfter(() => owner.data(updateSettings, { input: { currency: "EUR" } }))).toBe("New name");
    expect(await nameAfter(() => owner.data(create, role))).toBe("New name");
    expect(await nameAfter(() => owner.data(assign, { id: people.priya.id }))).toBe("New name");
  });

  test("is dropped by the event too, should the process that made the change have died before it could", async () => {
    const payload = { organizationId: thistlemoor.id, changed: ["name"] };
    await readContext();
    await rename("New name");
    await world.deliverTwice(platformEvents.organizationUpdated, payload, { tenantId: pinehollow.id });
    expect((await readContext()).organization.name).toBe(thistlemoor.name);
    await world.deliverTwice(platformEvents.organizationUpdated, payload, { tenantId: thistlemoor.id });
    expect((await readContext()).organization.name).toBe("New name");
    await rename(thistlemoor.name);
    await owner.data(update, { input: { employees: 8 } });
  });

  test("is each organization's own", async () => {
    const { client: delia } = await world.logIn("delia");
    await readContext();
    expect((await readContext(delia)).organization).toMatchObject({ id: pinehollow.id, name: pinehollow.name });
  });
});

describe("the permissions of a member", () => {
  const query = "query ($id: ID!) { userPermissions(userId: $id) { roles permissions { id } assignedProjects } }";
  const read = async (id: string, client = owner) => (await client.data(query, { id })).userPermissions;
  const change = (roles: string[]) => world.runtime.database.admin`
    update identity.memberships set role_keys = ${roles} where user_id = ${people.mateo.id} and tenant_id = ${thistlemoor.id}`;

  test("are kept until roles change", async () => {
    const before = await read(people.mateo.id);
    expect(before.roles).toEqual(["analyst"]);
    await change(["viewer"]);
    expect(await read(people.mateo.id)).toEqual(before);
    const give = 'mutation ($id: ID!) { changeMemberRoles(userId: $id, roles: ["administrator"]) { id } }';
    await owner.data(give, { id: people.mateo.id });
    expect((await read(people.mateo.id)).roles).toEqual(["administrator"]);
  });

  test("are dropped by the event too, delivered twice", async () => {
    await read(people.mateo.id);
    await change(["analyst"]);
    const payload = {
      organizationId: thistlemoor.id,
      userId: people.mateo.id,
      change: "roles_changed" as const,
      roles: [],
    };
    await world.deliverTwice(platformEvents.memberChanged, payload, { tenantId: thistlemoor.id });
    expect((await read(people.mateo.id)).roles).toEqual(["analyst"]);
  });

  test("are null for people of another organization", async () => {
    expect(await read(people.delia.id)).toBeNull();
    expect(await read(people.delia.id, (await world.logIn("delia")).client)).toMatchObject({ roles: ["owner"] });
  });
});

describe("changing the organization", () => {
  test("is for administrators, and is announced with what changed", async () => {
    expect((await viewer.error(update, { input: { name: "Mine" } })).code).toBe("FORBIDDEN");
    const { updateOrganization } = await owner.data(update, { input: { country: "FR", employees: 12 } });
    expect(updateOrganization).toEqual({ name: thistlemoor.name, country: "FR", employees: 12 });
    await world.settle();
    const event = world.published(platformEvents.organizationUpdated).at(-1);
    expect(event?.payload).toEqual({ organizationId: thistlemoor.id, changed: ["country", "employees"] });
  });

  test.each([
    [update, { name: "  " }],
    [update, { country: "France" }],
    [update, { employees: -1 }],
    [updateSettings, { currency: "pounds" }],
    [updateSettings, { timeZone: "Mars/Olympus" }],
    [updateSettings, { locale: "not a locale" }],
    [updateSettings, { fiscalYearStartMonth: 13 }],
    [updateSettings, { apiKeyMaxDays: 0 }],
  ])("to something impossible is refused (%#)", async (operation, input) => {
    expect((await owner.error(operation, { input })).code).toBe("VALUE_INVALID");
  });

  test("takes what it names and leaves the rest", async () => {
    const { updateOrganizationSettings } = await owner.data(updateSettings, { input: { locale: "de-AT" } });
    expect(updateOrganizationSettings).toEqual({ locale: "de-AT", currency: "GBP", timeZone: "Europe/London" });
  });
});

describe("a subscription", () => {
  const { lanternquay } = organizations;
  const subscriptionId = "0190a000-0000-7000-8000-0000000000f1";
  const tierOf = async () => {
    const { client, actor } = await world.logIn("sabine");
    const query = "query ($id: ID!) { organization(id: $id) { tier subscriptionStatus } organizationContext { tier } }";
    const { organization, organizationContext } = await client.data(query, { id: lanternquay.id });
    expect(organizationContext.tier).toBe(organization.tier);
    // Limits of the router go by the token.
    expect(actor.attributes.tier).toEqual([organization.tier]);
    return organization;
  };
  const state = (tier: "FREE" | "PRO" | "ENTERPRISE", status: "active" | "cancelled" | "past_due" = "active") =>
    ({ subscriptionId, organizationId: lanternquay.id, tier, status }) as const;
  const changes = () =>
    world.published(platformEvents.organizationUpdated).filter(({ tenantId }) => tenantId === lanternquay.id).length;

  test("sets the tier once, though its events arrive twice", async () => {
    const target = { tenantId: lanternquay.id };
    expect((await tierOf()).tier).toBe("FREE");
    const before = changes();
    await world.deliverTwice(platformEvents.subscriptionCreated, state("PRO"), target);
    expect(await tierOf()).toEqual({ tier: "PRO", subscriptionStatus: "active" });
    await world.deliverTwice(platformEvents.subscriptionUpdated, state("ENTERPRISE", "past_due"), target);
    expect(await tierOf()).toEqual({ tier: "ENTERPRISE", subscriptionStatus: "past_due" });
    expect(changes() - before).toBe(2);
  });

  test("that is cancelled leaves the free tier", async () => {
    await world.deliverTwice(platformEvents.subscriptionUpdated, state("PRO", "cancelled"), {
      tenantId: lanternquay.id,
    });
    expect(await tierOf()).toEqual({ tier: "FREE", subscriptionStatus: "cancelled" });
  });

  test("is not overtaken by older news", async () => {
    await world.deliverTwice(platformEvents.subscriptionUpdated, state("PRO"), { tenantId: lanternquay.id });
    const old = envelopeOf(platformEvents.subscriptionUpdated, state("ENTERPRISE"), { tenantId: lanternquay.id });
    await world.deliver({ ...old, occurredAt: "2020-01-01T00:00:00.000Z" });
    expect((await tierOf()).tier).toBe("PRO");
  });

  test("of one organization does not touch another, whatever its payload says", async () => {
    await world.deliverTwice(platformEvents.subscriptionUpdated, state("ENTERPRISE"), { tenantId: pinehollow.id });
    expect((await tierOf()).tier).toBe("PRO");
  });
});

describe("founding another organization", () => {
  const create =
    "mutation ($input: CreateOrganizationInput!) { createOrganization(input: $input) { organizationId organizationName roles { key } } }";
  const input = { name: "Heron & Sons", country: "GB", currency: "GBP" };

  test("makes the founder its owner, who can switch to it", async () => {
    const { client } = await world.logIn("freya");
    const { createOrganization: membership } = await client.data(create, { input });
    expect(membership).toMatchObject({ organizationName: "Heron & Sons", roles: [{ key: "owner" }] });
    const operation = "mutation ($id: ID!) { switchOrganization(organizationId: $id) { accessToken } }";
    const token = (await client.data(operation, { id: membership.organizationId })).switchOrganization.accessToken;
    const there = await world.withToken(token);
    expect((await readContext(there)).members).toHaveLength(1);
  });

  test("needs a person who logged in", async () => {
    expect((await world.anybody().error(create, { input })).code).toBe("UNAUTHENTICATED");
  });
});
