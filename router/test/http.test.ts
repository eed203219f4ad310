import { once } from "node:events";
import { connect } from "node:net";
import { gate } from "@tessera/database/testing";
import type { SubgraphRequest } from "@tessera/shared-types";
import { createTelemetry } from "@tessera/telemetry";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Call } from "./world/resolvers.js";
import { client, take } from "./world/socket.js";
import { connect as connectHere, names, startWorld, type World } from "./world/world.js";

const telemetry = createTelemetry({ service: "test", level: "silent", healthTimeoutMs: 50 });
let world: World;
let production: World;
beforeAll(async () => {
  world = await startWorld({
    telemetry,
    jwks: async () => ({ keys: [{ kid: "k1" }] }),
    explorer: { title: "Mine", defaultQuery: "query Mine { __typename }" },
  });
  production = await startWorld({ development: false, cors: { origins: ["https://app.example.org"] } });
});
afterAll(() => Promise.all([world.router.close(), production.router.close()]));

const get = (path: string, headers: Record<string, string> = {}, { router } = world) =>
  fetch(`${router.url}${path}`, { headers, redirect: "manual" });
const preflight = { "apollo-require-preflight": "1" };
const encoded = (query: string) => `/graphql?query=${encodeURIComponent(query)}`;

describe("GraphQL over GET", () => {
  test("answers a query", async () => {
    const response = await get(encoded("{ people { id } }"), preflight);
    expect(await response.json()).toEqual({ data: { people: [{ id: "p1" }, { id: "p2" }] } });
  });

  test("refuses a mutation", async () => {
    const response = await get(encoded('mutation { logIn(name: "x") { id } }'), preflight);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  test("refuses what a page of another site could send without asking first", async () => {
    const response = await get(encoded("{ people { id } }"));
    const { errors } = (await response.json()) as { errors: { extensions: { code: string; requestId: string } }[] };
    expect(response.status).toBe(400);
    expect(errors[0]?.extensions).toMatchObject({
      code: "CSRF_PREVENTED",
      requestId: response.headers.get("x-request-id"),
    });
  });

  test("names the media type the client asked for", async () => {
    const accept = "application/graphql-response+json";
    expect((await get(encoded("{ people { id } }"), { accept, ...preflight })).headers.get("content-type")).toContain(
      accept,
    );
  });
});

test("a subscription over HTTP is told where to go", async () => {
  const { status, errors } = await world.ask("subscription { ticks(ms: 1) { at } }");
  expect([status, errors?.[0]?.extensions.code]).toEqual([406, "SUBSCRIPTION_NEEDS_STREAM"]);
});

describe("the explorer", () => {
  const accept = { accept: "text/html,application/xhtml+xml" };

  test("is one page that loads nothing from anywhere else", async () => {
    const response = await get("/graphql", accept);
    const html = await response.text();
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(html).toContain("query Mine { __typename }");
    expect(html).toContain('"subscriptionsProtocol":"WS"');
    const withoutScripts = html.replace(
      /<script\b[^>]*>[\s\S]*?<\/script>/g,
      (script) => /^<script[^>]*>/.exec(script)?.[0] ?? "",
    );
    expect(withoutScripts).not.toMatch(/(?:src|href)="?(?:https?:)?\/\//);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'self'");
  });

  test("opens from the root, and is not there in production", async () => {
    const root = await get("/", accept);
    expect([root.status, root.headers.get("location")]).toEqual([302, "/graphql"]);
    expect((await get("/graphql", accept, production)).headers.get("content-type")).not.toContain("text/html");
  });
});

describe("cross-origin requests", () => {
  const ask = (origin: string, where = world) =>
    fetch(`${where.router.url}/graphql`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });

  test.each(["https://studio.apollographql.com", "http://localhost:5173"])(
    "%s may call a development server",
    async (origin) => {
      const { status, headers } = await ask(origin);
      expect(status).toBe(204);
      expect(headers.get("access-control-allow-origin")).toBe(origin);
      expect(headers.get("access-control-allow-credentials")).toBe("true");
      expect(headers.get("access-control-allow-headers")).toContain("authorization");
    },
  );

  test("another site may not, and neither may a name that only looks like localhost", async () => {
    expect((await ask("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
    expect((await ask("http://localhost.evil.example")).headers.get("access-control-allow-origin")).toBeNull();
  });

  test("in production only configured origins may", async () => {
    expect((await ask("https://app.example.org", production)).headers.get("access-control-allow-origin")).toBe(
      "https://app.example.org",
    );
    expect((await ask("http://localhost:5173", production)).headers.get("access-control-allow-origin")).toBeNull();
  });
});

test("introspection is for development", async () => {
  const query = "{ __schema { queryType { name } } }";
  expect((await world.ask(query)).data).toEqual({ __schema: { queryType: { name: "Query" } } });
  expect((await production.ask(query)).errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
  const guess = "{ peopel { id } }";
  expect((await world.ask(guess)).errors?.[0]?.message).toContain('Did you mean "people"');
  expect((await production.ask(guess)).errors?.[0]?.message).not.toContain("people");
  await expect(take(client(production.router), guess)).rejects.toMatchObject([
    { message: 'Cannot query field "peopel" on type "Query".' },
  ]);
  const refused = await take(client(production.router), query).catch((errors) => errors);
  expect(refused[0]).toMatchObject({ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } });
});

describe("operators", () => {
  test("see the health of everything and of one part", async () => {
    const away = telemetry.health.register("database", async () => ({ ok: true, detail: "fine" }));
    expect(await (await get("/health/database")).json()).toMatchObject({
      status: "ok",
      checks: { database: { detail: "fine" } },
    });
    const hanging = telemetry.health.register("cache", () => new Promise(() => {}));
    const failing = await get("/health");
    expect(failing.status).toBe(503);
    expect(await failing.json()).toMatchObject({
      status: "failing",
      checks: { database: { ok: true }, cache: { ok: false } },
    });
    expect((await get("/health/database")).status).toBe(200);
    away();
    hanging();
    expect((await get("/health")).status).toBe(200);
  });

  test("get an answer for the parts that need not be there, and none for what is unknown", async () => {
    for (const part of ["external", "integrations", "database", "cache"])
      expect((await get(`/health/${part}`)).status).toBe(200);
    expect((await get("/health/nothing")).status).toBe(404);
  });

  test("scrape metrics by operation type, outcome and subgraph", async () => {
    await world.ask("{ people { id } }");
    await world.ask("{ broken }");
    const text = await (await get("/metrics")).text();
    expect(text).toMatch(
      /tessera_request_duration_seconds_count\{service="test",operation_type="query",outcome="ok"\} \d/,
    );
    expect(text).toMatch(
      /tessera_request_duration_seconds_count\{service="test",operation_type="query",outcome="partial"\} \d/,
    );
    expect(text).toMatch(
      /tessera_subgraph_call_duration_seconds_count\{service="test",subgraph="people",outcome="ok"\} \d/,
    );
  });

  test("read the keys that verify tokens", async () => {
    expect(await (await get("/.well-known/jwks.json")).json()).toEqual({ keys: [{ kid: "k1" }] });
  });

  test("are told what is not there", async () => {
    const response = await get("/nowhere");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
  });
});

describe("shutting down", () => {
  test("lets a running request finish, says 503 on /ready meanwhile, and takes no new connection", async () => {
    const { connections, calls, answer } = held("wait");
    const other = await startWorld({ connections });
    expect((await get("/ready", {}, other)).status).toBe(200);
    const client = openConnection(other.router.port);
    client.send(encoded("{ wait(ms: 0) }"));
    await expect.poll(() => calls.length).toBe(1);
    const closed = other.router.close();
    client.send("/ready");
    // Whoever is asked for this one has been asked for the one before.
    client.send(encoded("{ people { id } }"));
    await expect.poll(() => calls.length).toBe(2);
    answer();
    const received = await client.received();
    expect(received).toContain('{"data":{"wait":0}}');
    expect(received).toMatch(/HTTP\/1.1 503[\s\S]*"status":"draining"/);
    await closed;
    await expect(get("/ready", {}, other)).rejects.toThrow();
  });

  test("does not wait for connections that carry nothing", async () => {
    // Would wait for longer than the test may take.
    const other = await startWorld({ drainTimeoutMs: 600_000 });
    const silent = connect(other.router.port, "127.0.0.1");
    await once(silent, "connect");
    await get("/ready", {}, other);
    await other.router.close();
  });

  test("cuts what takes longer than the drain time", async () => {
    const other = await startWorld({ drainTimeoutMs: 100 });
    const running = other.ask("{ slow }").catch(() => "cut");
    await expect.poll(() => other.calls.length).toBe(1);
    const started = Date.now();
    await other.router.close();
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(await running).toBe("cut");
  });
});

test("a port that is taken is reported as such", async () => {
  await expect(startWorld({ port: world.router.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("a subgraph without a connection stops the start", async () => {
  await expect(startWorld({ connections: [] })).rejects.toThrow(/people, sites|feed, people/);
});

/** Subgraphs whose answers to queries with `word` come when they are let. */
function held(word: string) {
  const calls: Call[] = [];
  const { opened, open } = gate();
  const connections = names.map((name) => {
    const connection = connectHere(name, calls);
    const execute = async (request: SubgraphRequest) => {
      const result = await connection.execute(request);
      if (request.query.includes(word)) await opened;
      return result;
    };
    return { ...connection, execute };
  });
  return { connections, calls, answer: open };
}

/** A bare connection, on which the next request can be sent while one is running. */
function openConnection(port: number) {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  return {
    send: (path: string) => socket.write(`GET ${path} HTTP/1.1\r\nhost: test\r\napollo-require-preflight: 1\r\n\r\n`),
    received: async () => {
      await once(socket, "close");
      return Buffer.concat(chunks).toString();
    },
  };
}
