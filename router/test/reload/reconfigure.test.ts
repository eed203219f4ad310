/** Another configuration takes the place of the one that is served: from one moment on, all of it, or nothing. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RouterOptions } from "../../src/index.js";
import { codesOf, dataOf, openEvents } from "../subscription/event-client.js";
import { openStage, type Stage, supergraphSdl, verifier } from "../subscription/stage.js";
import { rawSocket } from "../world/socket.js";

const wait = { timeout: 20_000 };
const first: Partial<RouterOptions> = {
  rateLimit: { anonymous: { perHour: 1_000 } },
  cost: { mode: "enforce", budget: { perClient: 1_000, windowSeconds: 3_600 } },
};
let stage: Stage;
let options: RouterOptions;
beforeEach(async () => {
  stage = await openStage(first);
  const { connections, telemetry } = stage;
  const planning = { workers: 0 };
  options = { supergraphSdl, connections, telemetry, verifier, execution: { planning }, ...first };
});
afterEach(() => stage.router.close());

const reconfigure = (changed: Partial<RouterOptions>) => stage.router.reconfigure({ ...options, ...changed });

async function ask(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${stage.router.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
  return { ...answer, head: response.headers, code: answer.errors?.[0]?.extensions.code };
}

const hello = { query: "{ hello }" };

describe("a section that has changed holds from the switch on", () => {
  const spread = { query: "{ a: hello b: hello }" };
  const origin = "https://app.example.com";
  const codeOf = async (body: unknown) => (await ask(body)).code ?? "ok";
  test.each<[string, Partial<RouterOptions>, () => Promise<unknown>, unknown, unknown]>([
    ["limits", { limits: { aliases: 1 } }, () => codeOf(spread), "ok", "ALIASES_EXCEEDED"],
    [
      "cost",
      { cost: { mode: "enforce", max: 0 } },
      () => codeOf({ query: '{ item(id: "1") { name } }' }),
      "ok",
      "COST_ESTIMATED_TOO_EXPENSIVE",
    ],
    [
      "introspection",
      { introspection: true },
      () => codeOf({ query: "{ __schema { queryType { name } } }" }),
      "GRAPHQL_VALIDATION_FAILED",
      "ok",
    ],
    ["authentication", { authentication: { required: true } }, () => codeOf(hello), "ok", "AUTHENTICATION_REQUIRED"],
    [
      "persisted documents",
      { persistedDocuments: { automatic: false } },
      () => codeOf({ extensions: { persistedQuery: { version: 1, sha256Hash: "a".repeat(64) } } }),
      "PERSISTED_QUERY_NOT_FOUND",
      "PERSISTED_QUERY_NOT_SUPPORTED",
    ],
    ["batching", { batching: { maxOperations: 1 } }, () => codeOf([hello, hello]), "ok", "BATCH_TOO_LARGE"],
    [
      "cors",
      { cors: { origins: [origin] } },
      async () => (await ask(hello, { origin })).head.get("access-control-allow-origin"),
      null,
      origin,
    ],
    [
      "compression",
      { compression: { thresholdBytes: 1 } },
      async () => (await ask(hello)).head.get("content-encoding"),
      null,
      "gzip",
    ],
    [
      "hooks",
      { hooks: [{ onRequest: () => ({ query: "{ b: hello }" }) }] },
      async () => (await ask(hello)).data,
      { hello: "hello" },
      { b: "hello" },
    ],
    [
      "the plan endpoint",
      { planEndpoint: true },
      async () => (await fetch(`${stage.router.url}/graphql/plan`)).status,
      404,
      405,
    ],
    [
      "usage",
      { observability: { usage: true } },
      async () => (await fetch(`${stage.router.url}/usage`)).status,
      404,
      200,
    ],
    ["subscriptions", { subscriptions: { maxPerClient: 0 } }, streamStatus, 200, 429],
  ])("%s", async (_, changed, look, before, after) => {
    expect(await look()).toEqual(before);
    await reconfigure(changed);
    expect(await look()).toEqual(after);
    await reconfigure({});
    expect(await look()).toEqual(before);
  });

  async function streamStatus() {
    const stream = await openEvents(stage.router, { query: "subscription { event { id } }" });
    stream.leave();
    return stream.status;
  }
});

test("requests are counted on over changes of other sections, and of the limits themselves", async () => {
  const left = async () => Number((await ask(hello)).head.get("x-ratelimit-remaining"));
  expect(await left()).toBe(999);
  await reconfigure({ limits: { aliases: 3 } });
  expect(await left()).toBe(998);
  await reconfigure({ rateLimit: { anonymous: { perHour: 500 } } });
  expect(await left()).toBe(497);
});

describe("a configuration that cannot be used changes nothing", () => {
  test.each<[string, Partial<RouterOptions>]>([
    ["limits of a tier that is not there", { limits: { aliases: 1 }, rateLimit: { defaultTier: "gold" } }],
    ["a manifest that is not there", { limits: { aliases: 1 }, persistedDocuments: { manifest: "/nowhere.json" } }],
    ["a store without an address", { limits: { aliases: 1 }, rateLimit: { store: "redis" } }],
    ["a bad supergraph", { limits: { aliases: 1 }, supergraphSdl: "type Query {" }],
  ])("%s", async (_, bad) => {
    const stream = await openEvents(stage.router, { query: "subscription { event { id } }" });
    await ask(hello);
    await expect(reconfigure(bad)).rejects.toThrow();
    expect(await ask({ query: "{ a: hello b: hello }" })).toMatchObject({ data: { a: "hello", b: "hello" } });
    expect((await ask(hello)).head.get("x-ratelimit-remaining")).toBe("996");
    stage.feed.push(1);
    await expect.poll(() => dataOf(stream), wait).toEqual([{ event: { id: "e1" } }]);
  });
});

describe("streams", () => {
  const query = "subscription { event { id } }";

  test("go on over a change that means nothing to them, and follow what their readers may see", async () => {
    const stream = await openEvents(stage.router, {
      query: "subscription { event { id secret } }",
      token: "ada.t1.secrets:read",
    });
    const other = await openEvents(stage.router, { query: "subscription { event { id secret } }" });
    await reconfigure({ limits: { aliases: 3 }, csrf: false });
    await reconfigure({ authorization: { mode: "reject" } });
    await other.ended;
    expect(codesOf(other)).toEqual(["SUPERGRAPH_CHANGED"]);
    stage.feed.push(1);
    await expect.poll(() => dataOf(stream), wait).toEqual([{ event: { id: "e1", secret: "s1" } }]);
  });

  test("of who said who they are end when other rules hold for that, and the others go on", async () => {
    const known = await openEvents(stage.router, { query, token: "ada" });
    const anonymous = await openEvents(stage.router, { query });
    await reconfigure({ authentication: { apiKeys: [] } });
    await known.ended;
    expect(codesOf(known)).toEqual(["SUPERGRAPH_CHANGED"]);
    stage.feed.push(1);
    await expect.poll(() => dataOf(anonymous), wait).toEqual([{ event: { id: "e1" } }]);
  });
});

test("a socket stays open; its next operation is taken by the new rules, also about who is who", async () => {
  const raw = await rawSocket(stage.router);
  raw.send({ type: "connection_init", payload: { authorization: "Bearer ada" } });
  await expect.poll(() => raw.messages.length, wait).toBe(1);
  const asked = async (id: string, text: string) => {
    raw.send({ type: "subscribe", id, payload: { query: text } });
    const found = () => raw.messages.find((message) => message.id === id);
    await expect.poll(found, wait).toBeDefined();
    return found();
  };
  expect(await asked("1", "{ a: hello b: hello }")).toMatchObject({ type: "next" });
  await reconfigure({ limits: { aliases: 1 } });
  expect(await asked("2", "{ a: hello b: hello }")).toMatchObject({
    payload: [{ extensions: { code: "ALIASES_EXCEEDED" } }],
  });
  const refusing = { verify: () => Promise.reject(Object.assign(new Error("revoked"), { code: "TOKEN_INVALID" })) };
  await reconfigure({ verifier: refusing });
  expect(await asked("3", "{ hello }")).toMatchObject({
    type: "error",
    payload: [{ extensions: { code: "TOKEN_INVALID" } }],
  });
  await reconfigure({});
  expect(await asked("4", "{ hello }")).toMatchObject({ type: "next" });
});
