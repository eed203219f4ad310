import { platformEvents } from "@tessera/shared-types";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  demoPassword,
  loginOperation,
  organizations,
  people,
  pinehollow,
  startWorld,
  thistlemoor,
  type World,
} from "./world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
// A quiet day lets every count of failures start afresh.
beforeEach(() => world.clock.advance({ hours: 25 }));

const { priya, mateo } = people;
const attempt = (email: string, password: string, organizationId: string | null = null) =>
  world.anybody().run(loginOperation, { email, password, organizationId });
const codeOf = async (email: string, password: string, organizationId?: string) =>
  (await attempt(email, password, organizationId)).errors?.[0]?.extensions?.code ?? "logged in";

describe("a login", () => {
  test("gives a token with the person's organization, roles and scopes, good for fifteen minutes", async () => {
    const { token, actor } = await world.logIn("priya");
    expect(actor).toMatchObject({
      kind: "user",
      id: priya.id,
      tenantId: thistlemoor.id,
      roles: ["sustainability-manager"],
    });
    expect(actor.scopes).toContain("ghg-calculator:approve");
    expect(actor.scopes).not.toContain("identity:write");
    expect(actor.sessionId).toBeDefined();
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    expect(claims.exp - claims.iat).toBe(900);
    expect(claims).toMatchObject({ iss: "tessera", aud: "tessera" });
  });

  test("sets the refresh token as a cookie that scripts and other sites cannot use", async () => {
    const { setCookie } = await attempt(priya.email, demoPassword);
    expect(setCookie).toHaveLength(1);
    expect(setCookie?.[0]).toMatch(/^tessera_refresh=tsr_[\w-]{43}; Max-Age=604800; /);
    expect(setCookie?.[0]).toMatch(/; HttpOnly; Secure; SameSite=Strict; Path=\/graphql$/);
  });

  test("does not mind capitals and spaces around the address", async () => {
    expect(await codeOf(` ${priya.email.toUpperCase()} `, demoPassword)).toBe("logged in");
  });

  test("lands in the organization joined first, or in the one that is named", async () => {
    expect((await world.logIn("mateo")).actor.tenantId).toBe(thistlemoor.id);
    const { actor } = await world.logIn("mateo", pinehollow.id);
    expect(actor).toMatchObject({ tenantId: pinehollow.id, roles: ["sustainability-manager"] });
  });

  test("is refused for an organization one is no member of, and for one that does not exist alike", async () => {
    expect(await codeOf(mateo.email, demoPassword, pinehollow.id)).toBe("logged in");
    expect(await codeOf(mateo.email, demoPassword, organizations.ardenfold.id)).toBe("NO_MEMBERSHIP");
    expect(await codeOf(mateo.email, demoPassword, "0190ffff-0000-7000-8000-000000000000")).toBe("NO_MEMBERSHIP");
  });

  test("is announced in the organization, and so is a failure", async () => {
    const { actor } = await world.logIn("priya");
    await attempt(priya.email, "not the password");
    await world.settle();
    const [success] = world.published(platformEvents.loginSucceeded).slice(-1);
    expect(success).toMatchObject({
      tenantId: thistlemoor.id,
      payload: { userId: priya.id, sessionId: actor.sessionId },
    });
    const [failure] = world.published(platformEvents.loginFailed).slice(-1);
    expect(failure).toMatchObject({ tenantId: thistlemoor.id, payload: { userId: priya.id, attempts: 1 } });
    expect(JSON.stringify(failure)).not.toContain("not the password");
  });
});

describe("a wrong password and an unknown address", () => {
  test("get the same answer", async () => {
    const wrong = await attempt(priya.email, "not the password");
    const unknown = await attempt("nobody@nowhere.example.org", "not the password");
    const answer = ({ errors, setCookie }: typeof wrong) => ({
      message: errors?.[0]?.message,
      code: errors?.[0]?.extensions?.code,
      details: errors?.[0]?.extensions?.details,
      setCookie,
    });
    expect(answer(unknown)).toEqual(answer(wrong));
    expect(answer(wrong).code).toBe("INVALID_CREDENTIALS");
  });

  test("are answered no sooner than a quarter of a second after they were asked", async () => {
    for (const email of [priya.email, "nobody@nowhere.example.org"]) {
      const startedAt = performance.now();
      await attempt(email, "not the password");
      expect(performance.now() - startedAt).toBeGreaterThan(245);
    }
  });
});

describe("five failures in a row", () => {
  /** Says for how long it is locked, with the clock held still since the last failure. */
  const secondsLockedAfter = async (fail: () => Promise<unknown>) => {
    const holding = vi.spyOn(world.clock, "now").mockReturnValue(world.clock.now());
    await fail();
    const { errors } = await attempt(priya.email, demoPassword);
    holding.mockRestore();
    expect(errors?.[0]?.extensions?.code).toBe("LOGIN_LOCKED");
    return errors?.[0]?.extensions?.details;
  };
  afterEach(() => vi.restoreAllMocks());
  const failFiveTimes = async (email: string) => {
    for (let n = 0; n < 5; n++) expect(await codeOf(email, `wrong ${n}`)).toBe("INVALID_CREDENTIALS");
  };

  test("lock the address even for the right password, say for how long, and the lock runs out", async () => {
    expect(await secondsLockedAfter(() => failFiveTimes(priya.email))).toEqual({ retryAfterSeconds: 30 });
    expect(await codeOf(mateo.email, demoPassword)).toBe("logged in");
    world.clock.advance({ seconds: 31 });
    expect(await codeOf(priya.email, demoPassword)).toBe("logged in");
  });

  test("lock for twice as long after another failure", async () => {
    await failFiveTimes(priya.email);
    world.clock.advance({ seconds: 31 });
    const failAgain = async () => expect(await codeOf(priya.email, "wrong again")).toBe("INVALID_CREDENTIALS");
    expect(await secondsLockedAfter(failAgain)).toEqual({ retryAfterSeconds: 60 });
  });

  test("lock an unknown address as well", async () => {
    await failFiveTimes("nobody@nowhere.example.org");
    expect(await codeOf("nobody@nowhere.example.org", demoPassword)).toBe("LOGIN_LOCKED");
  });

  test("are five at most, though twenty try at the same moment", async () => {
    const codes = await Promise.all(Array.from({ length: 20 }, (_, n) => codeOf(priya.email, `wrong ${n}`)));
    expect(codes.filter((code) => code === "INVALID_CREDENTIALS")).toHaveLength(5);
    expect(codes.filter((code) => code === "LOGIN_LOCKED")).toHaveLength(15);
  });

  test("are forgotten after a login", async () => {
    for (let n = 0; n < 4; n++) await codeOf(priya.email, `wrong ${n}`);
    expect(await codeOf(priya.email, demoPassword)).toBe("logged in");
    expect(await codeOf(priya.email, "wrong")).toBe("INVALID_CREDENTIALS");
    expect(await codeOf(priya.email, demoPassword)).toBe("logged in");
  });
});

test("failures for made-up addresses and sessions long gone do not pile up", async () => {
  const { admin } = world.runtime.database;
  for (let n = 0; n < 3; n++) await attempt(`made-up-${n}@nowhere.example.org`, "x");
  const { actor } = await world.logIn("owen");
  world.clock.advance({ days: 121 });
  await world.logIn("owen");
  expect(await admin`select 1 from identity.login_attempts`).toHaveLength(0);
  const sessions = await admin`select id from identity.sessions where user_id = ${people.owen.id}`;
  expect(sessions).toHaveLength(1);
  expect(sessions[0]?.id).not.toBe(actor.sessionId);
});

test("passwords are stored as Argon2id with 19 MiB, two passes and one lane", async () => {
  const rows = await world.runtime.database.admin`select password_hash from identity.credentials`;
  for (const row of rows) expect(row.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});
