import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashSecret } from "@tessera/access";
import { gate } from "@tessera/database/testing";
import type { Actor } from "@tessera/shared-types";
import { describe, expect, onTestFinished, test } from "vitest";
import { createRequestContext, type RequestContext } from "../../src/request/request-context.js";
import { createSharingKey } from "../../src/request/sharing-key.js";
import { keyOfHeaders } from "../../src/subgraphs/headers/forwarded-key.js";
import { type Hostile, type HostileOptions, type HostileSubgraphs, startHostile } from "./hostile-world.js";

/** Says whom a subgraph takes the request for. */
const mirror: HostileSubgraphs = {
  mirror: {
    sdl: `
      type Query { whoami: String seen(name: String!): String mine: Secret secret: String @policy(policies: [["near"]]) }
      type Secret { text: String @requiresScopes(scopes: [["read"]]) open: String }
    `,
    resolvers: {
      Query: {
        whoami: (_: unknown, __: unknown, { headers }: Seen) => headers.authorization ?? "nobody",
        seen: (_: unknown, { name }: { name: string }, { headers }: Seen) => headers[name] ?? null,
        mine: () => ({ text: "s3cret", open: "open" }),
        secret: () => "for those who are near",
      },
    },
  },
};

interface Seen {
  readonly headers: Record<string, string | undefined>;
}

const actorOf = (id: string, tenantId: string, more: Partial<Actor> = {}): Actor => ({
  ...{ kind: "user", id, tenantId, scopes: new Set<string>(), roles: [], attributes: {} },
  ...more,
});

/** Tokens are `id.tenant.scope`. */
const verifier = {
  async verify(token: string): Promise<Actor> {
    const [id = "", tenant = "", ...scopes] = token.split(".");
    return actorOf(id, tenant, { scopes: new Set(scopes) });
  },
};

/** Holds answers back until so many requests have come, so that they run at the same time. */
async function start(options: HostileOptions = {}): Promise<Hostile & { together(count: number): void }> {
  const world = await startHostile(mirror, { verifier, ...options });
  const together = (count: number) => {
    let waiting = 0;
    const { opened, open } = gate();
    world.spoil = async () => {
      waiting += 1;
      if (waiting >= count) open();
      await opened;
      return false;
    };
  };
  return Object.assign(world, { together });
}

/** Requests that are not answered yet. */
async function running({ router }: Hostile): Promise<number> {
  const text = await (await fetch(`${router.url}/metrics`)).text();
  return Number(/tessera_router_requests_in_flight\{[^}]*\} (\d+)/.exec(text)?.[1]);
}

const forwardsAuthorization = { headers: { request: [{ propagate: { named: "authorization" } }] } } as const;

describe("queries that run at the same time", () => {
  test("are shared by one sender, and never by two", async () => {
    const world = await start({ remote: forwardsAuthorization });
    const query = "{ whoami mine { text } }";
    const ask = (authorization?: string) => world.ask(query, authorization ? { headers: { authorization } } : {});
    world.together(4);
    const senders = ["Bearer ada.t1.read", "Bearer ada.t2", "Bearer ada.t1", undefined];
    const answers = await Promise.all(senders.map(ask));
    expect(answers.map(({ data }) => data)).toEqual([
      { whoami: "Bearer ada.t1.read", mine: { text: "s3cret" } },
      { whoami: "Bearer ada.t2", mine: { text: null } },
      { whoami: "Bearer ada.t1", mine: { text: null } },
      { whoami: "nobody", mine: { text: null } },
    ]);
    expect(world.received).toHaveLength(4);
    expect(answers.map(({ errors }) => errors.length)).toEqual([0, 1, 1, 1]);
    expect(answers[3]?.errors[0]?.extensions.details).toMatchObject({ reason: "UNAUTHENTICATED" });

    world.received.length = 0;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    world.spoil = async () => {
      await opened;
      return false;
    };
    const asked = [ask("Bearer ada.t1.read"), ask("Bearer ada.t1.read")];
    await expect.poll(() => running(world)).toBe(2);
    open();
    const shared = await Promise.all(asked);
    expect(world.received).toHaveLength(1);
    expect(shared[0]?.data).toEqual(shared[1]?.data);
  });

  test("are told apart by every header a subgraph sees, and by no other", async () => {
    const rules = { request: [{ propagate: { matching: "x-mine-.*" } }] };
    const world = await start({ remote: { headers: rules } });
    const ask = (headers: Record<string, string>) =>
      world.ask('{ a: seen(name: "x-mine-a") b: seen(name: "x-mine-b") }', { headers });
    world.together(3);
    const answers = await Promise.all([
      ask({ "x-mine-a": "1", "x-mine-b": "2" }),
      ask({ "x-mine-a": "1:1:2", "x-other": "1" }),
      ask({ "x-mine-a": "1x-mine-b:2", "x-request-id": "r1", traceparent: "t" }),
    ]);
    expect(answers.map(({ data }) => data)).toEqual([
      { a: "1", b: "2" },
      { a: "1:1:2", b: null },
      { a: "1x-mine-b:2", b: null },
    ]);
  });

  test("are told apart by API keys, which name their actors exactly", async () => {
    const keys = [
      { key: "one", actor: { id: "c", tenant: "a b", scopes: ["read"] } },
      { key: "two", actor: { id: "b c", tenant: "a" } },
    ];
    const apiKeys = keys.map(({ key, actor }) => ({ hash: hashSecret(key), actor }));
    const world = await start({ authentication: { apiKeys } });
    world.together(2);
    const ask = (key: string) => world.ask("{ mine { text } }", { headers: { "x-api-key": key } });
    const answers = await Promise.all([ask("one"), ask("two")]);
    expect(answers.map(({ data }) => data)).toEqual([{ mine: { text: "s3cret" } }, { mine: { text: null } }]);
  });

  test("are told apart by whatever a module that decides policies may look at", async () => {
    const folder = await mkdtemp(join(tmpdir(), "policies-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const module = join(folder, "policies.mjs");
    await writeFile(
      module,
      'export const decide = async (names, { context }) => { await new Promise((go) => setTimeout(go, 150)); return Object.fromEntries(names.map((name) => [name, context.clientHeaders["x-place"] === "near"])); };',
    );
    const world = await start({ authorization: { policies: { module } } });
    const ask = (place: string) => world.ask("{ secret }", { headers: { "x-place": place } });
    const [near, far] = await Promise.all([ask("near"), ask("far")]);
    expect(near?.data).toEqual({ secret: "for those who are near" });
    expect(far?.data).toEqual({ secret: null });
  });

  test("give a cookie to the client it is for, and the answer to each", async () => {
    const world = await start({
      remote: { headers: { response: [{ propagate: { named: "set-cookie" } }] }, traffic: { shareInFlight: true } },
    });
    let given = 0;
    world.spoil = async (_, response) => {
      given += 1;
      response.setHeader("set-cookie", `session=${given}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return false;
    };
    const answers = await Promise.all([1, 2, 3].map(() => world.ask("{ whoami }")));
    expect(new Set(answers.map(({ headers }) => headers.getSetCookie().join())).size).toBe(3);
    expect(answers.map(({ data }) => data)).toEqual([1, 2, 3].map(() => ({ whoami: "nobody" })));
  });
});

describe("keys of what is shared", () => {
  const keyOf = createSharingKey([], true);
  const contextOf = (facts: Partial<RequestContext["facts"]>, headers = {}) =>
    createRequestContext(
      { requestId: "r", actor: null, deadline: 0, signal: new AbortController().signal, ...facts },
      headers,
    );

  test("are equal for equal requests, and differ by actor, rights, address and headers", () => {
    const rights = { scopes: new Set(["a"]), roles: ["b"], attributes: { tier: ["pro"] } };
    const contexts = [
      contextOf({}),
      contextOf({ clientAddress: "10.0.0.1" }),
      contextOf({}, { "x-a": "1" }),
      contextOf({ actor: actorOf("u1", "t1") }),
      contextOf({ actor: actorOf("u1", "t2") }),
      contextOf({ actor: actorOf("1 u", "t1") }),
      contextOf({ actor: actorOf("u1", "t1", { kind: "service" }) }),
      contextOf({ actor: actorOf("u1", "t1", { scopes: new Set(["a"]) }) }),
      contextOf({ actor: actorOf("u1", "t1", { roles: ["a"] }) }),
      contextOf({ actor: actorOf("u1", "t1", rights) }),
      contextOf({ actor: actorOf('u1",[],[],{}]\n', "t1") }),
      contextOf({ actor: actorOf("u1", "t1", rights), token: "x" }),
    ];
    expect(new Set(contexts.map(keyOf)).size).toBe(contexts.length);
    expect(keyOf(contextOf({ actor: actorOf("u1", "t1", rights), requestId: "other", deadline: 7 }))).toBe(
      keyOf(contextOf({ actor: actorOf("u1", "t1", { ...rights, scopes: new Set(["a"]) }) })),
    );
  });

  test("of headers cannot be made to look like others by a value", () => {
    const honest = new Map([
      ["x-a", "1"],
      ["x-user", "ada"],
    ]);
    const forged = new Map([["x-a", "1\nx-user:ada"]]);
    const longer = new Map([["x-a", "1\nx-user:3:ada"]]);
    expect(new Set([honest, forged, longer].map(keyOfHeaders)).size).toBe(3);
    expect(keyOfHeaders(new Map([...honest, ["x-request-id", "other"]]))).toBe(keyOfHeaders(honest));
  });
});

describe("what is remembered", () => {
  const query = "query Q { mine { text open } whoami }";

  test("of an operation serves senders by their own rights, in any order", async () => {
    const world = await start({ execution: { shareInbound: false } });
    const asked = ["Bearer a.t.read", undefined, "Bearer a.t", "Bearer b.t.read", undefined, "Bearer b.t"];
    const texts: unknown[] = [];
    for (const authorization of asked) {
      const { data } = await world.ask(query, authorization ? { headers: { authorization } } : {});
      texts.push((data?.mine as { text: unknown } | undefined)?.text);
    }
    expect(texts).toEqual(["s3cret", null, null, "s3cret", null, null]);
    // What nobody may see is not even fetched.
    expect(world.received.map((one) => one.query.includes("text"))).toEqual([true, false, false, true, false, false]);
  });

  test("under a hash is the text with that hash, whoever registered it", async () => {
    const world = await start();
    const send = async (body: object, headers: Record<string, string> = {}) => {
      const all = { "content-type": "application/json", ...headers };
      return (await fetch(world.url, { method: "POST", headers: all, body: JSON.stringify(body) })).json();
    };
    const hashed = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });
    const mine = "{ mine { text } }";
    const digest = hashSecret(mine);
    expect(await send({ query: "{ whoami }", ...hashed(digest) })).toMatchObject({
      errors: [{ extensions: { code: "PERSISTED_QUERY_HASH_MISMATCH" } }],
    });
    expect(await send(hashed(digest))).toMatchObject({ errors: [{ message: "PersistedQueryNotFound" }] });
    const permitted = { authorization: "Bearer a.t.read" };
    expect(await send({ query: mine, ...hashed(digest) }, permitted)).toEqual({ data: { mine: { text: "s3cret" } } });
    // Somebody else may name the text, and sees of it what is theirs to see.
    expect(await send(hashed(digest))).toMatchObject({ data: { mine: { text: null } } });
    expect(await send(hashed(digest), permitted)).toEqual({ data: { mine: { text: "s3cret" } } });
  });

  test("of a batch is one answer each, by the rights of its one sender", async () => {
    const world = await start();
    const batch = JSON.stringify([
      { query: "{ mine { text } }" },
      { query: "{ mine { text } }" },
      { query: "{ nothing }" },
    ]);
    const send = async (headers: Record<string, string>) => {
      const all = { "content-type": "application/json", ...headers };
      return (await fetch(world.url, { method: "POST", headers: all, body: batch })).json();
    };
    const [permitted, refused] = await Promise.all([send({ authorization: "Bearer a.t.read" }), send({})]);
    expect(permitted).toMatchObject([
      { data: { mine: { text: "s3cret" } } },
      { data: { mine: { text: "s3cret" } } },
      {},
    ]);
    expect(refused).toMatchObject([{ data: { mine: { text: null } } }, { data: { mine: { text: null } } }, {}]);
  });
});

describe("headers a client makes up", () => {
  test("do not pass for what the router says itself", async () => {
    const world = await start({ remote: { headers: tessera } });
    const names = ["x-tessera-deadline", "x-forwarded-for", "x-request-id", "traceparent", "cookie"];
    const query = `{ ${names.map((name, at) => `h${at}: seen(name: "${name}")`).join(" ")} }`;
    const headers = {
      ...{ "x-tessera-deadline": "99999999", "x-forwarded-for": "10.9.8.7", "x-request-id": "bad id\u00e9" },
      ...{ traceparent: "00-x", cookie: "a=b", "x-tessera-actor": "root" },
    };
    const { data } = await world.ask(query, { headers });
    const seen = (data ?? {}) as Record<string, string | null>;
    expect(Number(seen.h0)).toBeLessThanOrEqual(10_000);
    expect(seen.h1).toMatch(/^(::ffff:)?127\.0\.0\.1$/);
    expect(seen.h2).not.toContain("bad id");
    expect(seen.h3).not.toBe("00-x");
    expect(seen.h4).toBe("a=b");
    expect(world.received[0]?.headers["x-tessera-actor"]).toBeUndefined();
  });
});

const tessera = {
  request: [
    { insert: { name: "cookie", fromFact: "cookie" } },
    { insert: { name: "x-forwarded-for", fromFact: "clientAddress" } },
    { insert: { name: "x-tessera-deadline", fromFact: "millisecondsLeft" } },
  ],
} as const;
