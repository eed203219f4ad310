import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { client, rawSocket, take } from "./world/socket.js";
import { startWorld, type World } from "./world/world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld({ limits: { operationsPerSocket: 2, depth: 3 } });
});
beforeEach(() => {
  world.calls.length = 0;
});
afterAll(() => world.router.close());

/** A socket that has been answered: acknowledged or closed. */
async function initiated(connectionParams: Record<string, unknown>, { router } = world) {
  const raw = await rawSocket(router);
  raw.send({ type: "connection_init", payload: connectionParams });
  await Promise.race([raw.closed(), new Promise((resolve) => raw.socket.once("message", resolve))]);
  return raw;
}

describe("queries and mutations", () => {
  test("work over the socket, with the actor of the connection", async () => {
    const authorized = client(world.router, { Authorization: "Bearer people:read" });
    expect(await take(authorized, '{ person(id: "p1") { email } }')).toEqual([
      { data: { person: { email: "ada@example.org" } } },
    ]);
    expect(await take(client(world.router), 'mutation { logIn(name: "x") { id } }')).toEqual([
      { data: { logIn: { id: "p1" } } },
    ]);
  });

  test("of an explorer say with each operation who asks, on a socket that said nothing", async () => {
    const ask = (authorization: string) => ({
      query: '{ person(id: "p1") { email } }',
      extensions: { headers: { authorization } },
    });
    const explorer = client(world.router);
    const first = await explorer.iterate(ask("Bearer people:read")).next();
    expect(first.value).toEqual({ data: { person: { email: "ada@example.org" } } });
    await expect(explorer.iterate(ask("Bearer forged")).next()).rejects.toMatchObject([
      { extensions: { code: "TOKEN_INVALID" } },
    ]);
    await explorer.dispose();
  });

  test("answer with errors in the standard shape", async () => {
    const [answer] = await take(client(world.router), "{ secretly broken }");
    const codes = answer?.errors?.map(({ extensions }) => extensions?.code);
    expect(codes?.sort()).toEqual(["INTERNAL_SERVER_ERROR", "PERSON_LOCKED"]);
    expect(answer?.errors?.[0]?.extensions).toMatchObject({
      requestId: expect.any(String),
      timestamp: expect.any(String),
    });
    await expect(take(client(world.router), "{ sites { manager { boss { id } } } }")).rejects.toMatchObject([
      { extensions: { code: "DEPTH_EXCEEDED", requestId: expect.any(String) } },
    ]);
  });

  test("carry no cookie of the browser", async () => {
    await take(client(world.router), "{ people { id } }");
    expect(world.calls[0]?.request.facts).not.toHaveProperty("cookie");
  });
});

describe("the socket is closed", () => {
  test.each([
    ["a forged token, for good", { authorization: "Bearer forged" }, 4401, "TOKEN_INVALID"],
    ["something that is no token", { authorization: "letmein" }, 4401, "TOKEN_INVALID"],
    ["an expired token, so that a fresh one is tried", { authorization: "Bearer expired" }, 4403, "TOKEN_EXPIRED"],
    ["keys that cannot be read now", { authorization: "Bearer down" }, 1013, "KEYS_UNAVAILABLE"],
    ["an API key nobody exchanges", { "x-api-key": "k" }, 4401, "API_KEYS_NOT_ACCEPTED"],
  ])("for %s", async (_, params, code, reason) => {
    expect(await (await initiated(params)).closed()).toEqual([code, reason]);
  });

  test("when the token expires midway", async () => {
    const raw = await initiated({ authorization: "Bearer short3000" });
    raw.send({ type: "subscribe", id: "1", payload: { query: "subscription { ticks(ms: 20) { at } }" } });
    expect(await raw.closed()).toEqual([4403, "TOKEN_EXPIRED"]);
    expect(raw.messages.filter(({ type }) => type === "next").length).toBeGreaterThan(1);
    await expect.poll(() => world.calls[0]?.request.facts.signal.aborted).toBe(true);
  });

  test("when an operation comes before the connection is initiated", async () => {
    const raw = await rawSocket(world.router);
    raw.send({ type: "subscribe", id: "1", payload: { query: "{ people { id } }" } });
    expect((await raw.closed())[0]).toBe(4401);
  });

  test("with 1001 when the server shuts down, after running queries are answered", async () => {
    const other = await startWorld();
    const raw = await initiated({}, other);
    raw.send({ type: "subscribe", id: "s", payload: { query: "subscription { ticks(ms: 10) { at } }" } });
    raw.send({ type: "subscribe", id: "q", payload: { query: "{ wait(ms: 200) }" } });
    await expect.poll(() => other.calls.length).toBe(2);
    const closed = other.router.close();
    expect((await raw.closed())[0]).toBe(1001);
    await closed;
    expect(raw.messages).toContainEqual({ type: "next", id: "q", payload: { data: { wait: 200 } } });
    expect(other.calls.every(({ request }) => request.facts.signal.aborted || request.query.includes("wait"))).toBe(
      true,
    );
  });
});

test("operations beyond the limit of a socket are refused, and the others go on", async () => {
  const raw = await initiated({});
  for (const id of ["1", "2", "3"])
    raw.send({ type: "subscribe", id, payload: { query: `subscription { ticks(ms: 1${id}) { at } }` } });
  await expect
    .poll(() => raw.messages.find(({ type }) => type === "error"))
    .toMatchObject({
      id: "3",
      payload: [{ extensions: { code: "TOO_MANY_OPERATIONS", details: { limit: 2 } } }],
    });
  const isRunning = (id: string) => raw.messages.some((message) => message.type === "next" && message.id === id);
  await expect.poll(() => ["1", "2"].every(isRunning)).toBe(true);
  raw.send({ type: "complete", id: "1" });
  await expect.poll(() => world.calls.filter(({ request }) => request.facts.signal.aborted).length).toBe(1);
  raw.send({ type: "subscribe", id: "4", payload: { query: "subscription { ticks(ms: 10) { at } }" } });
  await expect.poll(() => isRunning("4")).toBe(true);
  raw.socket.close();
  await expect.poll(() => world.calls.every(({ request }) => request.facts.signal.aborted)).toBe(true);
});

test("a client that does not read slows its own stream and nothing else", async () => {
  const raw = await initiated({});
  raw.socket.pause();
  const query = "subscription { readings(count: 1000000) { id value at note } }";
  raw.send({ type: "subscribe", id: "1", payload: { query } });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await take(client(world.router), "{ people { id } }")).toHaveLength(1);
  // The kernel buffers some megabytes; a stream that nobody slows would have ended.
  raw.socket.resume();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(raw.messages.some(({ type }) => type === "complete")).toBe(false);
  raw.socket.terminate();
});

test("only /graphql is a socket", async () => {
  const { WebSocket } = await import("ws");
  const socket = new WebSocket(`${world.router.url.replace("http", "ws")}/other`, "graphql-transport-ws");
  const status = await new Promise((resolve) =>
    socket.once("unexpected-response", (_, response) => resolve(response.statusCode)),
  );
  expect(status).toBe(404);
});

test("active subscriptions are counted while they run", async () => {
  const gauge = async () => {
    const text = await (await fetch(`${world.router.url}/metrics`)).text();
    return Number(/tessera_active_subscriptions\{[^}]*\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  await expect.poll(gauge).toBe(0);
  const stream = client(world.router).iterate({ query: "subscription { ticks(ms: 10) { at } }" });
  await stream.next();
  expect(await gauge()).toBe(1);
  await stream.return?.();
  await expect.poll(gauge).toBe(0);
});
