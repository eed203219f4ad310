import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startWorld, type World } from "./world/world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld({ requestTimeoutMs: 3_000 });
});
beforeEach(() => {
  world.calls.length = 0;
  world.logged.length = 0;
});
afterAll(() => world.router.close());

describe("execution", () => {
  test("one query is answered from three subgraphs", async () => {
    const { status, data, errors } = await world.ask(
      `{ latest { id value by { name sites { name intensity } } site { name manager { name } } } }`,
    );
    expect(errors).toBeUndefined();
    expect(status).toBe(200);
    expect(data).toEqual({
      latest: {
        id: "r1",
        value: 0.5,
        by: {
          name: "Ada",
          sites: [
            { name: "Berlin", intensity: 2 },
            { name: "Oslo", intensity: null },
          ],
        },
        site: { name: "Berlin", manager: { name: "Ada" } },
      },
    });
  });

  test("every subgraph gets the facts of the request", async () => {
    const headers = { "x-request-id": "caller-0001", cookie: "session=1", "user-agent": "tests" };
    await world.ask("{ people { id } }", { token: "people:read", headers });
    const facts = world.calls[0]?.request.facts;
    expect(facts).toMatchObject({
      requestId: "caller-0001",
      token: "people:read",
      cookie: "session=1",
      userAgent: "tests",
    });
    expect(facts?.actor?.scopes).toEqual(new Set(["people:read"]));
    expect(facts?.deadline).toBeGreaterThan(Date.now() - 1_000);
  });

  test("each Set-Cookie of a subgraph reaches the client", async () => {
    const { headers } = await world.ask('mutation { logIn(name: "ada") { id } }');
    expect(headers.getSetCookie()).toEqual(["session=ada; HttpOnly", "seen=1"]);
    expect((await world.ask("{ people { id } }")).headers.getSetCookie()).toEqual([]);
  });
});

describe("errors have one shape", () => {
  const shape = {
    code: expect.any(String),
    module: expect.any(String),
    requestId: expect.any(String),
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    details: expect.any(Object),
  };

  test("a coded error of a subgraph passes with its details and further extensions", async () => {
    const { errors, data } = await world.ask("{ secretly }", { headers: { "x-request-id": "caller-0002" } });
    expect(data).toEqual({ secretly: null });
    expect(errors).toEqual([
      {
        message: "Take another one.",
        path: ["secretly"],
        extensions: {
          ...shape,
          code: "PERSON_LOCKED",
          module: "people",
          requestId: "caller-0002",
          details: { id: "p1" },
          hint: "x",
        },
      },
    ]);
  });

  test("an internal one is masked for the client and logged with the request id", async () => {
    const { errors } = await world.ask("{ broken }", { headers: { "x-request-id": "caller-0003" } });
    expect(errors?.[0]?.message).toContain("Quote request caller-0003");
    expect(errors?.[0]?.extensions).toEqual({
      ...shape,
      code: "INTERNAL_SERVER_ERROR",
      module: "people",
      requestId: "caller-0003",
    });
    expect(JSON.stringify(errors)).not.toContain("postgres");
    expect(world.logged.join("")).toMatch(/caller-0003.*postgres:\/\/secret|postgres:\/\/secret.*caller-0003/);
  });

  test.each([
    ["a syntax error", "{ people {", "GRAPHQL_PARSE_FAILED", 200],
    ["an unknown field", "{ people { nothing } }", "GRAPHQL_VALIDATION_FAILED", 200],
    [
      "an operation that is not there",
      "query A { people { id } } query B { people { id } }",
      "OPERATION_RESOLUTION_FAILURE",
      200,
    ],
  ])("%s is refused with a code", async (_, query, code, status) => {
    const answer = await world.ask(query);
    expect(answer.status).toBe(status);
    expect(answer.errors?.[0]?.extensions).toEqual({ ...shape, code, module: "router" });
  });

  test("a wrong variable is the client's error", async () => {
    const { errors } = await world.ask("query ($id: ID!) { person(id: $id) { id } }");
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  });

  test("a request id that could forge a log line is replaced", async () => {
    const { headers } = await world.ask("{ people { id } }", { headers: { "x-request-id": "a b {}" } });
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    const kept = await world.ask("{ people { id } }", { headers: { "x-request-id": "abc-12345" } });
    expect(kept.headers.get("x-request-id")).toBe("abc-12345");
  });
});

describe("deadlines", () => {
  test("what takes too long is a coded error, what was in time is answered, and the subgraph is told to stop", async () => {
    const started = Date.now();
    const { data, errors } = await world.ask("{ slow latest { id } }");
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(data).toEqual({ slow: null, latest: { id: "r1" } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "REQUEST_TIMEOUT",
      module: "router",
      details: { limit: 3_000 },
    });
    expect(world.calls.find(({ subgraph }) => subgraph === "people")?.request.facts.signal.aborted).toBe(true);
  });

  test("what is in time is not cut", async () => {
    expect((await world.ask("{ wait(ms: 50) }")).data).toEqual({ wait: 50 });
  });

  test("a client that goes away stops its subgraphs", async () => {
    const gone = new AbortController();
    const asked = fetch(`${world.router.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ slow }" }),
      signal: gone.signal,
    });
    await expect.poll(() => world.calls.length).toBe(1);
    gone.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(() => world.calls[0]?.request.facts.signal.aborted).toBe(true);
    expect(world.calls[0]?.request.facts.signal.reason).toMatchObject({ code: "REQUEST_ABORTED" });
  });
});
