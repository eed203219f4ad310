import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { Defer20220824Handler } from "@apollo/client/incremental";
import { createSigner, generateSigningKey, type SigningKey } from "@tessera/access";
import { carbonDashboardId, organizations, people } from "@tessera/demo-world";
import { builtInRoles } from "@tessera/shared-types";
import { createClient } from "graphql-sse";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Data, type Graph, metricOf, startGraph, watch } from "../src/index.js";

/** A busy machine needs its time. */
const patience = { timeout: 30_000, interval: 100 };

const foreignIssuer = "https://login.example.org/";
const routerYaml = (keys: string) => `
authentication:
  jwt:
    issuers:
      - issuer: ${foreignIssuer}
        jwksUrl: ${keys}
        claims: { tenant: { claim: tenant } }
rateLimit:
  tiers: { free: { perHour: 3 }, pro: {}, enterprise: {} }
  anonymous: {}
  perUserPerMinute: 100000
cache:
  entities:
    subgraphs:
      analytics: { ttlSeconds: 3600 }
subgraphs:
  all:
    retries: { attempts: 1 }
`;

const dashboards = `{ organizationContext { organization {
  name dashboards(first: 5) { nodes { name widgets { title data { points { at value } } } } }
} } }`;
const updates = `subscription Updates($id: ID!) {
  dashboardUpdated(dashboardId: $id) { changedMetrics dashboard { name } organization { name latestEmissionCalculation { name } } }
}`;
const deferred = `query Latest {
  emissionCalculations(first: 2) { nodes { name ... @defer { latestResult { version total } } } }
}`;
const record = `mutation ($at: DateTime!) {
  recordMetricPoints(key: "energy.electricity", points: [{ at: $at, value: "1", dimensions: [{ name: "site", value: "Leeds plant" }] }]) { key }
}`;

describe.each(["single", "distributed"] as const)("in topology %s", { timeout: 120_000 }, (topology) => {
  let graph: Graph;
  let issuer: { readonly key: SigningKey; readonly server: Server };
  let priya: string;
  let delia: string;

  beforeAll(async () => {
    issuer = await serveKeys();
    const { port } = issuer.server.address() as AddressInfo;
    graph = await startGraph(topology, { routerYaml: routerYaml(`http://127.0.0.1:${port}/jwks.json`) });
    [priya, delia] = await Promise.all([graph.login(people.priya.email), graph.login(people.delia.email)]);
  }, 180_000);
  afterAll(async () => {
    await graph?.close();
    issuer?.server.close();
  });

  let recorded = 0;
  const change = async (token = priya) => {
    recorded += 1;
    const at = new Date(Date.UTC(2020, 0, 1, recorded)).toISOString();
    expect((await graph.ask(record, { at }, token)).errors).toBeUndefined();
  };
  const streams = () => metricOf(graph, "tessera_router_upstream_subscriptions");
  const sse = (token: string) =>
    createClient({ url: graph.url, headers: { authorization: `Bearer ${token}` }, retryAttempts: 0 });
  const apollo = (token: string) =>
    new ApolloClient({
      link: new HttpLink({ uri: graph.url, headers: { authorization: `Bearer ${token}` } }),
      cache: new InMemoryCache(),
      incrementalHandler: new Defer20220824Handler(),
    });

  /** What comes until it ends, over SSE. */
  function listen(token: string) {
    const seen: Data[] = [];
    const heard = { seen, codes: [] as string[], isOver: false, stop: () => {} };
    const note = (errors: Data) => {
      if (Array.isArray(errors)) heard.codes.push(...errors.map(({ extensions }) => String(extensions?.code)));
    };
    heard.stop = sse(token).subscribe<Data>(
      { query: updates, variables: { id: carbonDashboardId } },
      {
        next: ({ data, errors }) => (errors ? note(errors) : void seen.push(data?.dashboardUpdated)),
        error: (error) => {
          note(error);
          heard.isOver = true;
        },
        complete: () => {
          heard.isOver = true;
        },
      },
    );
    return heard;
  }

  describe("entities", () => {
    const lookups = (result: "hit" | "miss") =>
      metricOf(graph, "tessera_router_cache_lookups_total", { cache: "entity", result });
    const read = async (token: string) => {
      const before = await lookups("hit");
      const { data, errors } = await graph.ask(dashboards, {}, token);
      expect(errors).toBeUndefined();
      return { text: JSON.stringify(data), data, isKept: (await lookups("hit")) > before };
    };

    test("are kept, until an event of their organization says that something has changed", async () => {
      expect(await read(priya)).toMatchObject({ isKept: false });
      expect(await read(delia)).toMatchObject({ isKept: false });
      const isKept = async (token: string) => (await read(token)).isKept;
      // What the demo stories led to may still be arriving.
      for (const token of [priya, delia]) await expect.poll(() => isKept(token), patience).toBe(true);
      const [before, theirs] = [await read(priya), await read(delia)];
      expect([before.isKept, theirs.isKept]).toEqual([true, true]);

      await calculate();
      await expect.poll(async () => (await read(priya)).text, patience).not.toBe(before.text);
      expect(await read(delia)).toEqual(theirs);
      // What came of it in the other module arrives a little later; then it is kept again.
      await expect.poll(async () => (await read(priya)).isKept, patience).toBe(true);
      const { nodes } = (await read(priya)).data.organizationContext.organization.dashboards;
      const total = nodes[0].widgets.find(({ title }: Data) => title === "Total emissions");
      const years = total.data.flatMap(({ points }: Data) => points).map(({ at }: Data) => at.slice(0, 4));
      expect(years).toContain("2025");
    });

    test("show what one has just changed oneself at once", async () => {
      await read(priya);
      const rename = `mutation ($id: ID!, $name: String!) { updateDashboard(id: $id, name: $name) { name } }`;
      for (const name of ["Carbon at a glance", "Carbon overview"]) {
        expect((await graph.ask(rename, { id: carbonDashboardId, name }, priya)).errors).toBeUndefined();
        expect((await read(priya)).text).toContain(name);
      }
    });

    /** A new inventory: the calculator's mutations, from which the dashboards follow by an event. */
    async function calculate(): Promise<void> {
      const create = `mutation { createEmissionCalculation(input: {
        name: "Group inventory 2025", start: "2025-01-01", end: "2025-12-31", region: "GB"
      }) { id } }`;
      const enter = `mutation ($id: ID!) { recordEmissionEntry(calculationId: $id, input: {
        activity: "natural-gas", quantity: "1000", unit: "kWh", start: "2025-01-01", end: "2025-12-31", region: "GB"
      }) { id } }`;
      const { data, errors } = await graph.ask(create, {}, priya);
      expect(errors).toBeUndefined();
      const id = data.createEmissionCalculation.id;
      expect((await graph.ask(enter, { id }, priya)).errors).toBeUndefined();
      const done = await graph.ask(
        "mutation ($id: ID!) { recalculateEmissions(calculationId: $id) { id } }",
        { id },
        priya,
      );
      expect(done.errors).toBeUndefined();
    }
  });

  describe("a subscription", () => {
    const open = () => metricOf(graph, "tessera_active_subscriptions");
    const hearOf = (heard: { readonly seen: readonly Data[] }) =>
      expect.poll(() => change().then(() => heard.seen.length), patience).toBeGreaterThan(0);

    test("is one stream for all clients of a person that ask the same in the same way", async () => {
      const before = await streams();
      const [first, second] = [listen(priya), listen(priya)];
      await expect.poll(open, patience).toBe(2);
      await expect.poll(streams, patience).toBe(before + 1);
      await hearOf(first);
      await expect.poll(() => second.seen.length - first.seen.length, patience).toBe(0);
      first.stop();
      await expect.poll(open, patience).toBe(1);
      expect(await streams()).toBe(before + 1);
      second.stop();
      await expect.poll(streams, patience).toBe(before);
    });

    test("arrives over WebSocket, SSE and multipart, and nobody else hears of it", async () => {
      const socket = watch(graph.socket(priya), updates, { id: carbonDashboardId });
      const events = listen(priya);
      const parts: Data[] = [];
      const multipart = apollo(priya)
        .subscribe<Data>({ query: gql(updates), variables: { id: carbonDashboardId } })
        .subscribe({ next: ({ data }) => void parts.push(data?.dashboardUpdated) });
      const strangers = listen(delia);
      await expect.poll(open, patience).toBeGreaterThanOrEqual(3);
      await expect
        .poll(async () => {
          await change();
          await change(delia);
          return Math.min(socket.seen.length, events.seen.length, parts.length);
        }, patience)
        .toBeGreaterThan(0);
      for (const update of [socket.seen[0]?.dashboardUpdated, events.seen[0], parts[0]]) {
        expect(update).toMatchObject({
          changedMetrics: ["energy.electricity"],
          dashboard: { name: "Carbon overview" },
          organization: { name: "Thistlemoor Foods Group", latestEmissionCalculation: { name: expect.any(String) } },
        });
      }
      expect(strangers.seen).toEqual([]);
      for (const { stop } of [events, strangers]) stop();
      multipart.unsubscribe();
      await socket.end();
      await expect.poll(open, patience).toBe(0);
    });

    // Modules in processes of their own trust our own issuer and that of OIDC_ISSUER.
    if (topology === "single") {
      test("over SSE ends when the token does, and says so", async () => {
        const signer = createSigner({ issuer: foreignIssuer, key: issuer.key, ttlSeconds: 12 });
        const { id } = people.priya;
        const scopes = new Set(builtInRoles.flatMap((role) => role.scopes));
        const tenantId = organizations.thistlemoor.id;
        const attributes = { tier: ["ENTERPRISE"] };
        const { token } = await signer.sign({ kind: "user", id, tenantId, scopes, roles: [], attributes });
        const heard = listen(token);
        await hearOf(heard);
        await expect.poll(() => heard.isOver, patience).toBe(true);
        expect(heard.codes).toEqual(["TOKEN_EXPIRED"]);
      });
    }
  });

  test("@defer brings the slow part later, to a client that takes parts, and everything at once to others", async () => {
    const states: string[] = [];
    const whole = await new Promise<Data>((resolve, reject) => {
      apollo(priya)
        .watchQuery<Data>({ query: gql(deferred) })
        .subscribe({
          next: ({ data, dataState }) => {
            states.push(dataState);
            if (dataState === "complete") resolve(data);
          },
          error: reject,
        });
    });
    expect(states).toContain("streaming");
    const latest = whole.emissionCalculations.nodes.map(({ latestResult }: Data) => latestResult?.version);
    const { data, errors } = await graph.ask(deferred, {}, priya);
    expect(errors).toBeUndefined();
    expect(data.emissionCalculations.nodes.map(({ latestResult }: Data) => latestResult?.version)).toEqual(latest);
    expect(latest[0]).toBeGreaterThan(0);
  });

  test("an organization of the free tier may ask so often and no more, and is told; others go on", async () => {
    const sabine = await graph.login(people.sabine.email);
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push(await send(sabine));
    expect(answers.map(({ limit }) => limit)).toEqual(["3", "3", "3", "3"]);
    expect(answers.map(({ remaining }) => remaining)).toEqual(["2", "1", "0", "0"]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    const refused = answers[3];
    expect(refused?.code).toBe("RATE_LIMITED");
    expect(Number(refused?.retryAfter)).toBeGreaterThan(0);
    expect(Number(refused?.reset) * 1_000).toBeGreaterThan(Date.now());
    expect(await send(priya)).toMatchObject({ status: 200, limit: "100000" });
    expect(await metricOf(graph, "tessera_router_rate_limited_total")).toBe(1);
  });

  test("what changes in router.yaml is taken over while everything runs, and a wrong file is not", async () => {
    const { port } = issuer.server.address() as AddressInfo;
    const before = routerYaml(`http://127.0.0.1:${port}/jwks.json`);
    const twice = async () =>
      (await graph.ask("{ one: me { name } two: me { name } }", {}, priya)).errors?.[0]?.extensions.code;
    expect(await twice()).toBeUndefined();
    await graph.configure(`${before}limits: { aliases: 1 }\n`);
    await expect.poll(twice, patience).toBe("ALIASES_EXCEEDED");
    await graph.configure(`${before}limits: { aliases: 100, depht: 1 }\n`);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await twice()).toBe("ALIASES_EXCEEDED");
    await graph.configure(before);
    await expect.poll(twice, patience).toBeUndefined();
  });

  async function send(token: string) {
    const response = await fetch(graph.url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: "{ me { name } }" }),
    });
    const { errors } = (await response.json()) as Data;
    const { headers, status } = response;
    return {
      ...{ status, code: errors?.[0]?.extensions.code, retryAfter: headers.get("retry-after") },
      limit: headers.get("x-ratelimit-limit"),
      remaining: headers.get("x-ratelimit-remaining"),
      reset: headers.get("x-ratelimit-reset"),
    };
  }
});

/** Somebody else's identity provider. */
async function serveKeys() {
  const key = await generateSigningKey();
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: [key.publicJwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { key, server };
}
