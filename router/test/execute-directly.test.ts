import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorld, type World } from "./world/world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.router.close());

type Body = { data?: unknown; errors?: { extensions: { code: string; requestId: string } }[] };
async function execute(query: string, more: { token?: string; signal?: AbortSignal; requestId?: string } = {}) {
  const headers = {
    ...(more.token ? { authorization: `Bearer ${more.token}` } : {}),
    ...(more.requestId ? { "x-request-id": more.requestId } : {}),
  };
  const { status, body } = await world.router.execute({
    query,
    headers,
    ...(more.signal ? { signal: more.signal } : {}),
  });
  const { data, errors } = body as Body;
  return { status, data, code: errors?.[0]?.extensions.code, requestId: errors?.[0]?.extensions.requestId };
}

describe("an operation of a program in the router's process", () => {
  test("is answered as it is over HTTP", async () => {
    const query = "{ people { id } }";
    const { status, data } = await world.ask(query);
    expect(await execute(query)).toMatchObject({ status, data });
    const logIn = 'mutation { logIn(name: "Ada") { id } }';
    expect((await execute(logIn)).data).toEqual((await world.ask(logIn)).data);
  });

  test("is refused as it is over HTTP, and never throws", async () => {
    for (const token of ["expired", "forged"]) {
      const { status, errors } = await world.ask("{ people { id } }", { token });
      expect(await execute("{ people { id } }", { token })).toMatchObject({
        status,
        code: errors?.[0]?.extensions.code,
      });
    }
    expect(await execute("{ nothing }")).toMatchObject({ status: 200, code: "GRAPHQL_VALIDATION_FAILED" });
    expect(await execute("subscription { ticks(ms: 1) { at } }")).toMatchObject({ code: "SUBSCRIPTION_NEEDS_STREAM" });
  });

  test("has the name its caller gives it", async () => {
    expect(await execute("{ nothing }", { requestId: "chain-of-0001" })).toMatchObject({ requestId: "chain-of-0001" });
  });

  test("ends when its caller gives it up", async () => {
    const given = new AbortController();
    given.abort();
    expect(await execute("{ people { id } }", { signal: given.signal })).toMatchObject({ code: "REQUEST_ABORTED" });
  });
});
