import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unseal } from "../src/domain/seal.js";
import { demoPassword, loginOperation, people, startWorld, type World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const better = "a much better passphrase";
const change = "mutation ($old: String!, $new: String!) { changePassword(currentPassword: $old, newPassword: $new) }";
const request = "mutation ($email: String!) { requestPasswordReset(email: $email) }";
const reset = "mutation ($token: String!, $new: String!) { resetPassword(token: $token, newPassword: $new) }";
const logInWith = async (email: string, password: string) =>
  (await world.anybody().run(loginOperation, { email, password })).errors?.[0]?.extensions?.code ?? "logged in";
const refreshes = async (browser: { run: (query: string) => Promise<{ errors?: unknown }> }) =>
  (await browser.run("mutation { refreshSession { accessToken } }")).errors === undefined;

describe("changing the password", () => {
  test("needs the current one", async () => {
    const { client } = await world.logIn("priya");
    expect((await client.error(change, { old: "not the password", new: better })).code).toBe("INVALID_CREDENTIALS");
    await client.data(change, { old: demoPassword, new: better });
    await client.data(change, { old: better, new: demoPassword });
  });

  test("replaces it and ends all other sessions, not the one that asks", async () => {
    const elsewhere = await world.logIn("kavita");
    const here = await world.logIn("kavita");
    await here.client.data(change, { old: demoPassword, new: better });
    expect(await refreshes(elsewhere.browser)).toBe(false);
    expect(await refreshes(here.browser)).toBe(true);
    expect(await logInWith(people.kavita.email, demoPassword)).toBe("INVALID_CREDENTIALS");
    expect(await logInWith(people.kavita.email, better)).toBe("logged in");
  });

  test("to a weak one is refused and changes nothing", async () => {
    const { client } = await world.logIn("owen");
    const error = await client.error(change, { old: demoPassword, new: "owen.prothero1" });
    expect(error).toMatchObject({ code: "PASSWORD_TOO_WEAK", message: expect.stringContaining("your own name") });
    expect(await logInWith(people.owen.email, demoPassword)).toBe("logged in");
  });

  test("is locked after five wrong guesses, so that a stolen token cannot search for it", async () => {
    const { client } = await world.logIn("sabine");
    for (let n = 0; n < 5; n++) await client.error(change, { old: `guess ${n}`, new: better });
    expect((await client.error(change, { old: demoPassword, new: better })).code).toBe("LOGIN_LOCKED");
  });

  test("needs a login: neither nobody nor an API key may", async () => {
    expect((await world.anybody().error(change, { old: "a", new: better })).code).toBe("UNAUTHENTICATED");
    const { sessionId: _, ...actor } = (await world.logIn("priya")).actor;
    const key = world.as({ ...actor, scopes: [...actor.scopes] });
    expect((await key.error(change, { old: demoPassword, new: better })).code).toBe("SESSION_REQUIRED");
  });
});

describe("a forgotten password", () => {
  /** What a mailer would deliver. */
  async function deliveredToken(userId: string): Promise<string> {
    const { admin } = world.runtime.database;
    const [row] = await admin`
      select hash, sealed_token from identity.password_resets where user_id = ${userId} order by created_at desc limit 1`;
    return unseal(world.runtime.secrets.key("identity/password-resets"), row?.hash, row?.sealed_token);
  }

  test("is asked for with the same answer whether or not the address is known", async () => {
    for (const email of [people.delia.email, "nobody@nowhere.example.org"]) {
      expect(await world.anybody().run(request, { email })).toEqual({ data: { requestPasswordReset: true } });
    }
  });

  test("is replaced by the one-time token, which ends every session and lifts a lock", async () => {
    const { browser } = await world.logIn("jonah");
    for (let n = 0; n < 5; n++) await logInWith(people.jonah.email, `wrong ${n}`);
    expect(await logInWith(people.jonah.email, demoPassword)).toBe("LOGIN_LOCKED");
    await world.anybody().data(request, { email: people.jonah.email });
    await world.anybody().data(reset, { token: await deliveredToken(people.jonah.id), new: better });
    expect(await refreshes(browser)).toBe(false);
    expect(await logInWith(people.jonah.email, better)).toBe("logged in");
  });

  test("token works once, for half an hour, and only as it was delivered", async () => {
    await world.anybody().data(request, { email: people.freya.email });
    const token = await deliveredToken(people.freya.id);
    expect((await world.anybody().error(reset, { token: `${token}x`, new: better })).code).toBe("TOKEN_INVALID");
    await world.anybody().data(reset, { token, new: better });
    expect((await world.anybody().error(reset, { token, new: "another fine passphrase" })).code).toBe("TOKEN_INVALID");
    world.clock.advance({ minutes: 2 });
    await world.anybody().data(request, { email: people.freya.email });
    const late = await deliveredToken(people.freya.id);
    world.clock.advance({ minutes: 31 });
    expect((await world.anybody().error(reset, { token: late, new: better })).code).toBe("TOKEN_INVALID");
  });

  test("token is used by one of two who try at the same moment", async () => {
    await world.anybody().data(request, { email: people.imogen.email });
    const token = await deliveredToken(people.imogen.id);
    const results = await Promise.all([1, 2].map((n) => world.anybody().run(reset, { token, new: `${better} ${n}` })));
    expect(results.filter(({ errors }) => errors === undefined)).toHaveLength(1);
  });

  test("token is stored where nobody can read it", async () => {
    await world.anybody().data(request, { email: people.tobias.email });
    const token = await deliveredToken(people.tobias.id);
    const rows = await world.runtime.database.admin`select * from identity.password_resets`;
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  test("is not asked for twice within a minute", async () => {
    const { admin } = world.runtime.database;
    await world.anybody().data(request, { email: people.mateo.email });
    await world.anybody().data(request, { email: people.mateo.email });
    const rows = await admin`select 1 from identity.password_resets where user_id = ${people.mateo.id}`;
    expect(rows).toHaveLength(1);
  });
});
