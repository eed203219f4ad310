import { GraphQLError } from "graphql";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startWorld, type World } from "./world/world.js";

const exchangeApiKey = vi.fn(async (key: string) => {
  if (key === "tsk_revoked") throw new GraphQLError("It is revoked.", { extensions: { code: "API_KEY_REVOKED" } });
  if (key === "tsk_down") throw new GraphQLError("No database.", { extensions: { code: "DATABASE_UNAVAILABLE" } });
  if (key === "tsk_fault") throw new TypeError("undefined is not a function");
  if (key !== "tsk_good") throw Object.assign(new Error("No such key."), { code: "API_KEY_INVALID" });
  return "people:read";
});
let world: World;
beforeAll(async () => {
  world = await startWorld({ exchangeApiKey });
});
afterAll(() => world.router.close());

const query = '{ person(id: "p1") { email } }';
const codeOf = async (headers: Record<string, string>) => {
  const { status, errors, headers: answered } = await world.ask(query, { headers });
  return [status, errors?.[0]?.extensions.code, answered.get("www-authenticate")];
};

describe("a token", () => {
  test("that holds names the actor", async () => {
    expect((await world.ask(query, { token: "people:read" })).data).toEqual({ person: { email: "ada@example.org" } });
  });

  test("that does not hold is refused with 401, never treated as anonymous", async () => {
    world.calls.length = 0;
    const challenge = 'Bearer realm="tessera"';
    expect(await codeOf({ authorization: "Bearer expired" })).toEqual([401, "TOKEN_EXPIRED", challenge]);
    expect(await codeOf({ authorization: "Bearer forged" })).toEqual([401, "TOKEN_INVALID", challenge]);
    expect(await codeOf({ authorization: "Basic abc" })).toEqual([401, "TOKEN_INVALID", challenge]);
    expect(await codeOf({ authorization: "Bearer two words" })).toEqual([401, "TOKEN_INVALID", challenge]);
    expect(world.calls).toEqual([]);
  });

  test("that cannot be checked right now is no reason to log in again", async () => {
    expect(await codeOf({ authorization: "Bearer down" })).toEqual([503, "KEYS_UNAVAILABLE", null]);
  });

  test("may be missing, or still be blank as in a fresh explorer", async () => {
    expect((await world.ask("{ people { id } }")).status).toBe(200);
    expect((await world.ask("{ people { id } }", { headers: { authorization: "" } })).status).toBe(200);
    expect((await world.ask("{ people { id } }", { headers: { authorization: "Bearer " } })).status).toBe(200);
  });
});

describe("an API key", () => {
  test("is exchanged for a token once and then remembered", async () => {
    const ask = () => world.ask(query, { headers: { "x-api-key": "tsk_good" } });
    const answers = await Promise.all([ask(), ask(), ask()]);
    for (const { data } of answers) expect(data).toEqual({ person: { email: "ada@example.org" } });
    expect(exchangeApiKey).toHaveBeenCalledTimes(1);
  });

  test("that is refused is asked for again each time", async () => {
    expect(await codeOf({ "x-api-key": "tsk_bad" })).toEqual([401, "API_KEY_INVALID", expect.any(String)]);
    expect(await codeOf({ "x-api-key": "tsk_bad" })).toEqual([401, "API_KEY_INVALID", expect.any(String)]);
    expect(exchangeApiKey).toHaveBeenCalledTimes(3);
    expect(await codeOf({ "x-api-key": "tsk_revoked" })).toEqual([401, "API_KEY_REVOKED", expect.any(String)]);
  });

  test("that cannot be exchanged right now is not called wrong", async () => {
    expect(await codeOf({ "x-api-key": "tsk_down" })).toEqual([503, "DATABASE_UNAVAILABLE", null]);
    expect(await codeOf({ "x-api-key": "tsk_fault" })).toEqual([500, "INTERNAL_SERVER_ERROR", null]);
    expect(world.logged.join()).toContain("undefined is not a function");
  });

  test("is refused where nobody exchanges keys", async () => {
    const other = await startWorld();
    const { status, errors } = await other.ask(query, { headers: { "x-api-key": "tsk_good" } });
    expect([status, errors?.[0]?.extensions.code]).toEqual([401, "API_KEYS_NOT_ACCEPTED"]);
    await other.router.close();
  });
});
