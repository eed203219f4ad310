import { platformEvents } from "@tessera/shared-types";
import type { Client } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demoPassword, loginOperation, people, pinehollow, startWorld, thistlemoor, type World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const refreshOperation = "mutation { refreshSession { accessToken } }";
const refresh = async (browser: Client) => (await browser.data(refreshOperation)).refreshSession.accessToken as string;
const refreshCode = async (browser: Client) => (await browser.error(refreshOperation)).code;
const withCookie = (cookie: string | undefined) => Object.assign(world.anybody(), { cookie });
const sessionsOf = async (client: Client, userId?: string) =>
  (
    await client.data("query ($userId: ID) { sessions(userId: $userId) { id current userId organizationId } }", {
      userId,
    })
  ).sessions as { id: string; current: boolean; userId: string; organizationId: string }[];
const revoke = "mutation ($id: ID!) { revokeSession(id: $id) }";
const logout = "mutation { logout }";

describe("refreshing", () => {
  test("gives a new access token of the same session and another cookie", async () => {
    const { browser, actor } = await world.logIn("priya");
    const before = browser.cookie;
    const renewed = await world.verify(await refresh(browser));
    expect(renewed).toMatchObject({ id: actor.id, sessionId: actor.sessionId, tenantId: actor.tenantId });
    expect(browser.cookie).not.toBe(before);
  });

  test("can go on for as long as each token is used within seven days, up to a month", async () => {
    const { browser } = await world.logIn("priya");
    for (const _ of [1, 2, 3, 4]) {
      world.clock.advance({ days: 6 });
      await refresh(browser);
    }
    world.clock.advance({ days: 5 });
    await refresh(browser);
    world.clock.advance({ days: 2 });
    expect(await refreshCode(browser)).toBe("SESSION_EXPIRED");
  });

  test("is over after seven days without use, and the cookie is removed", async () => {
    const { browser } = await world.logIn("priya");
    world.clock.advance({ days: 7, seconds: 1 });
    const { setCookie } = await browser.run(refreshOperation);
    expect(setCookie?.[0]).toMatch(/^tessera_refresh=; Max-Age=0; HttpOnly; Secure; SameSite=Strict; Path=\/graphql$/);
  });

  test.each([undefined, "tessera_refresh=", "tessera_refresh=tsr_made-up", "other=1; tessera_refresh=x"])(
    "is refused without a cookie of ours (%s)",
    async (cookie) => {
      expect(await refreshCode(withCookie(cookie))).toBe("SESSION_EXPIRED");
    },
  );

  test("brings roles as they are today", async () => {
    const { browser, actor } = await world.logIn("freya");
    const owner = (await world.logIn("imogen")).client;
    await owner.data('mutation ($id: ID!) { changeMemberRoles(userId: $id, roles: ["analyst"]) { id } }', {
      id: actor.id,
    });
    expect((await world.verify(await refresh(browser))).roles).toEqual(["analyst"]);
  });
});

describe("a refresh token that was exchanged before", () => {
  test("ends the session for both who hold it, and is announced", async () => {
    const { browser } = await world.logIn("priya");
    const thief = withCookie(browser.cookie);
    await refresh(browser);
    world.clock.advance({ seconds: 11 });
    expect(await refreshCode(thief)).toBe("SESSION_REUSED");
    expect(await refreshCode(browser)).toBe("SESSION_EXPIRED");
    await world.settle();
    expect(world.published(platformEvents.loginFailed).at(-1)?.payload.reason).toBe("refresh token used twice");
  });

  test("ends that session only", async () => {
    const other = await world.logIn("priya");
    const { browser } = await world.logIn("priya");
    const thief = withCookie(browser.cookie);
    await refresh(browser);
    world.clock.advance({ seconds: 11 });
    expect(await refreshCode(thief)).toBe("SESSION_REUSED");
    await refresh(other.browser);
  });

  test("is good for ten more seconds, for two tabs or an answer that got lost", async () => {
    const { browser } = await world.logIn("priya");
    const tab = withCookie(browser.cookie);
    await Promise.all([refresh(browser), refresh(tab)]);
    world.clock.advance({ seconds: 60 });
    await refresh(browser);
    await refresh(tab);
  });

  test("betrays the thief also when the thief was first", async () => {
    const { browser } = await world.logIn("priya");
    const thief = withCookie(browser.cookie);
    await refresh(thief);
    world.clock.advance({ minutes: 5 });
    expect(await refreshCode(browser)).toBe("SESSION_REUSED");
    expect(await refreshCode(thief)).toBe("SESSION_EXPIRED");
  });
});

describe("logging out", () => {
  test("ends the session of the cookie and removes the cookie", async () => {
    const { browser } = await world.logIn("priya");
    const kept = withCookie(browser.cookie);
    const { setCookie } = await browser.run(logout);
    expect(setCookie?.[0]).toContain("Max-Age=0");
    expect(await refreshCode(kept)).toBe("SESSION_EXPIRED");
  });

  test("with the access token alone ends its session", async () => {
    const { browser, client } = await world.logIn("priya");
    await client.data(logout);
    expect(await refreshCode(browser)).toBe("SESSION_EXPIRED");
  });

  test("of nobody is no error", async () => {
    expect((await world.anybody().data(logout)).logout).toBe(true);
  });
});

describe("sessions", () => {
  test("are listed with the one that asks marked, and end one by one", async () => {
    const first = await world.logIn("jonah");
    const second = await world.logIn("jonah");
    const listed = await sessionsOf(second.client);
    expect(listed.map(({ id, current }) => [id, current])).toEqual([
      [second.actor.sessionId, true],
      [first.actor.sessionId, false],
    ]);
    await second.client.data(revoke, { id: first.actor.sessionId });
    expect(await refreshCode(first.browser)).toBe("SESSION_EXPIRED");
    await refresh(second.browser);
    expect(await sessionsOf(second.client)).toHaveLength(1);
  });

  test("of a member are seen and ended by an administrator, and by nobody else", async () => {
    const { browser, actor } = await world.logIn("priya");
    const { client: analyst } = await world.logIn("mateo");
    const { client: administrator } = await world.logIn("tobias");
    const list = "query ($userId: ID) { sessions(userId: $userId) { id } }";
    expect((await analyst.error(list, { userId: actor.id })).code).toBe("FORBIDDEN");
    expect((await analyst.error(revoke, { id: actor.sessionId })).code).toBe("NOT_FOUND");
    expect((await sessionsOf(administrator, actor.id)).map(({ id }) => id)).toContain(actor.sessionId);
    await administrator.data(revoke, { id: actor.sessionId });
    expect(await refreshCode(browser)).toBe("SESSION_EXPIRED");
  });

  test("in another organization are out of an administrator's reach", async () => {
    const there = await world.logIn("mateo", pinehollow.id);
    const { client: administrator } = await world.logIn("tobias");
    expect(await sessionsOf(administrator, people.mateo.id)).not.toContainEqual(
      expect.objectContaining({ organizationId: pinehollow.id }),
    );
    expect((await administrator.error(revoke, { id: there.actor.sessionId })).code).toBe("NOT_FOUND");
    const { client: owner } = await world.logIn("delia");
    expect(await sessionsOf(owner, people.mateo.id)).toContainEqual(
      expect.objectContaining({ id: there.actor.sessionId }),
    );
  });
});

describe("switching to another organization", () => {
  const operation = "mutation ($id: ID!) { switchOrganization(organizationId: $id) { accessToken } }";

  test("gives a token with the roles held there, and refreshing stays there", async () => {
    const { client, browser, actor } = await world.logIn("mateo");
    expect(actor.tenantId).toBe(thistlemoor.id);
    const token = (await client.data(operation, { id: pinehollow.id })).switchOrganization.accessToken;
    const there = await world.verify(token);
    expect(there).toMatchObject({
      tenantId: pinehollow.id,
      roles: ["sustainability-manager"],
      sessionId: actor.sessionId,
    });
    expect((await world.verify(await refresh(browser))).tenantId).toBe(pinehollow.id);
  });

  test("is refused where one is no member", async () => {
    const { client } = await world.logIn("priya");
    expect((await client.error(operation, { id: pinehollow.id })).code).toBe("NO_MEMBERSHIP");
    await client.data(operation, { id: thistlemoor.id });
  });

  test("is refused after the session has ended", async () => {
    const { client } = await world.logIn("mateo");
    await client.data(logout);
    expect((await client.error(operation, { id: pinehollow.id })).code).toBe("SESSION_EXPIRED");
  });

  test("has its choices in the answer to a login", async () => {
    const variables = { email: people.mateo.email, password: demoPassword };
    expect((await world.anybody().data(loginOperation, variables)).login.organizations).toEqual([
      { id: thistlemoor.id, name: thistlemoor.name, current: true },
      { id: pinehollow.id, name: pinehollow.name, current: false },
    ]);
  });
});
