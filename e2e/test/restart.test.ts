import { setTimeout as sleep } from "node:timers/promises";
import { type OwnTestServer, startTestRedis, startTestServer, type TestRedis } from "@tessera/database/testing";
import { carbonDashboardId, people } from "@tessera/demo-world";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Graph, type Load, type Outcome, startGraph, startLoad, watch } from "../src/index.js";

const metric = "energy.electricity";
const read = `query ($id: ID!) { me { email } dashboard(id: $id) { name widgets { title data { points { value } } } } }`;
const write = `mutation ($key: String!, $at: DateTime!, $value: Decimal!) {
  recordMetricPoints(key: $key, points: [{ at: $at, value: $value, dimensions: [{ name: "site", value: "Load" }] }]) { key }
}`;
const updates = `subscription ($id: ID!) {
  dashboardUpdated(dashboardId: $id) { reason changedMetrics dashboard { name } organization { name } }
}`;

/** What a client may be told while the database is away. */
const honest = /^(DATABASE_(UNAVAILABLE|BUSY)|QUERY_\w+|REQUEST_\w+)$/;
/** The router's deadline of 10 s, and as much again for a busy machine. */
const patienceMs = 20_000;

/** After the first success others may still fail: connections are noticed to be lost one by one. */
const recoveryMs = 3000;

const succeeded = ({ codes }: Outcome) => codes.length === 0;
const failed = (one: Outcome) => !succeeded(one);
/** Each point has a time of its own. */
const timeOf = (n: number) => new Date(Date.UTC(2019, 0, 1) + n * 1000).toISOString();

describe("PostgreSQL restarted under load", () => {
  let server: OwnTestServer;
  let graph: Graph;
  let token: string;

  beforeAll(async () => {
    server = await startTestServer({ own: true });
    graph = await startGraph("single", { postgresUrl: server.url });
    token = await graph.login(people.priya.email);
  }, 120_000);
  afterAll(async () => {
    await graph?.close();
    await server?.stop();
  });

  const record = (n: number) => graph.ask(write, { key: metric, at: timeOf(n), value: String(n) }, token);

  describe.each([
    ["a clean stop", false, 0],
    ["a crash", true, 1_000_000],
  ])("by %s", (_, crash, firstPoint) => {
    let reads: Load;
    let writes: Load;
    /** Around the restart. */
    let down: { from: number; to: number };
    /** Within it: the server has stopped and is not started yet. */
    let away: { from: number; to: number };
    let importId: string;
    let eventsBefore: number;
    const watching = () => watch(graph.socket(token), updates, { id: carbonDashboardId });
    let watched: ReturnType<typeof watching>;

    /** Load before, during and after; the server is away for two seconds or more. */
    beforeAll(async () => {
      eventsBefore = await recordedEvents(graph);
      watched = watching();
      reads = startLoad(3, () => graph.ask(read, { id: carbonDashboardId }, token));
      writes = startLoad(2, (n) => record(firstPoint + n));
      await sleep(1000);
      importId = await startImport(graph, token);
      const from = performance.now();
      await server.restart({ crash, meanwhile });
      down = { from, to: performance.now() };
      await Promise.all([reads.successAfter(down.to), writes.successAfter(down.to)]);
      await sleep(recoveryMs + 1000);
      await Promise.all([reads.stop(), writes.stop()]);
    }, 120_000);
    afterAll(() => watched.end());

    const all = () => [...reads.outcomes, ...writes.outcomes];

    async function meanwhile(): Promise<void> {
      const from = performance.now();
      const answered = () => all().filter(({ begun }) => begun > from).length;
      await sleep(2000);
      while (answered() <= 10) await sleep(20);
      away = { from, to: performance.now() };
    }

    test("requests fail with a code that says so, none hangs, and before and after it none fails", () => {
      expect(new Set(all().flatMap(({ codes }) => codes.filter((code) => !honest.test(code))))).toEqual(new Set());
      expect(Math.max(...all().map(({ begun, ended }) => ended - begun))).toBeLessThan(patienceMs);
      expect(all().filter((one) => one.ended < down.from && failed(one))).toEqual([]);
      // A stop takes a moment in which some requests still succeed; while the server is surely away none does.
      const withoutServer = all().filter((one) => one.begun > away.from && one.ended < away.to);
      expect(withoutServer.length).toBeGreaterThan(5);
      expect(withoutServer.filter(succeeded)).toEqual([]);
      const firstServed = Math.min(
        ...all()
          .filter((one) => one.begun > down.to && succeeded(one))
          .map((one) => one.begun),
      );
      expect(firstServed - down.to).toBeLessThan(10_000);
      expect(all().filter((one) => one.begun > firstServed + recoveryMs && failed(one))).toEqual([]);
    });

    test("every acknowledged mutation is there once, and each has told its event once", async () => {
      const points = (await pointsOf(graph)).filter((n) => n >= firstPoint && n < firstPoint + 1_000_000);
      const acknowledged = writes.outcomes.filter(succeeded).map(({ n }) => firstPoint + n);
      expect(acknowledged.length).toBeGreaterThan(5);
      expect(new Set(points).size).toBe(points.length);
      expect(acknowledged.filter((n) => !points.includes(n))).toEqual([]);
      await expect
        .poll(async () => (await recordedEvents(graph)) - eventsBefore, { timeout: 20_000 })
        .toBe(points.length);
    });

    test("what was accepted before is worked off after it, and nothing is left waiting", async () => {
      await expectImported(graph, token, importId);
      const metrics = async () => (await fetch(new URL("/metrics", graph.url))).text();
      for (const state of ["outbox", "parked", "deadLetters"]) {
        const series = new RegExp(`tessera_events_waiting\\{state="${state}",service="tessera"\\} 0`);
        await expect.poll(metrics, { timeout: 20_000, interval: 200 }).toMatch(series);
      }
    }, 90_000);

    test("a subscription that was open goes on", async () => {
      expect(watched.ended()).toBe(false);
      expect(watched.codes().filter((code) => !honest.test(code))).toEqual([]);
      await sleep(300);
      const before = watched.seen.length;
      await record(firstPoint + 900_000);
      await expect.poll(() => watched.seen.length, { timeout: 20_000 }).toBeGreaterThan(before);
      expect(watched.seen.at(-1)?.dashboardUpdated).toMatchObject({
        changedMetrics: [metric],
        dashboard: { name: "Carbon overview" },
        organization: { name: expect.any(String) },
      });
    });

    test("a person can log in", async () => {
      await expect(graph.login(people.priya.email)).resolves.toEqual(expect.any(String));
    });
  });
});

describe("Redis restarted under one process per subgraph", () => {
  let redis: TestRedis;
  let graph: Graph;
  let token: string;

  beforeAll(async () => {
    redis = await startTestRedis({ own: true });
    graph = await startGraph("distributed", { redisUrl: redis.url });
    token = await graph.login(people.priya.email);
  }, 180_000);
  afterAll(async () => {
    await graph?.close();
    await redis?.close();
  });

  test("requests go on meanwhile, and what they told reaches reactions and subscriptions when it is back", async () => {
    const watched = watch(graph.socket(token), updates, { id: carbonDashboardId });
    const record = (n: number) => graph.ask(write, { key: metric, at: timeOf(n), value: String(n) }, token);
    await expect
      .poll(async () => [(await record(900_000)).errors, watched.seen.length > 0], { timeout: 30_000, interval: 300 })
      .toEqual([undefined, true]);

    let loads: readonly Load[] = [];
    let importId = "";
    let shown = 0;
    const meanwhile = async (): Promise<void> => {
      loads = [startLoad(2, () => graph.ask(read, { id: carbonDashboardId }, token)), startLoad(1, record)];
      [importId] = await Promise.all([startImport(graph, token), sleep(2000)]);
      await Promise.all(loads.map((load) => load.stop()));
      shown = watched.seen.length;
    };
    await redis.restart({ meanwhile });

    const [reads = [], writes = []] = loads.map(({ outcomes }) => outcomes);
    const all = [...reads, ...writes];
    expect(new Set(all.flatMap(({ codes }) => codes.filter((code) => !honest.test(code))))).toEqual(new Set());
    expect(Math.max(...all.map(({ begun, ended }) => ended - begun))).toBeLessThan(patienceMs);
    const acknowledged = writes.filter(succeeded).map(({ n }) => n);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(reads.filter(succeeded).length).toBeGreaterThan(0);

    await expect.poll(() => watched.seen.length, { timeout: 30_000 }).toBeGreaterThan(shown);
    expect(watched.codes()).toEqual([]);
    expect(watched.ended()).toBe(false);
    expect((await pointsOf(graph)).filter((n) => n < 900_000).sort((a, b) => a - b)).toEqual(
      acknowledged.sort((a, b) => a - b),
    );
    await expectImported(graph, token, importId);
    await watched.end();
  }, 120_000);
});

/** Worked off by the calculator, and its total measured once by analytics, which hears of it by an event. */
async function expectImported(graph: Graph, token: string, importId: string): Promise<void> {
  const query = "query ($id: ID!) { activityImport(id: $id) { status calculation { id } } }";
  const ask = async () => (await graph.ask(query, { id: importId }, token)).data.activityImport;
  await expect.poll(async () => (await ask()).status, { timeout: 60_000, interval: 200 }).toBe("DONE");
  const source = `ghg.emissions.calculated/${(await ask()).calculation.id}`;
  const points = () =>
    graph.database.admin`
      select p.value from analytics.points p join analytics.metrics m on m.id = p.metric_id
      where m.key = 'ghg.total' and p.source = ${source}`;
  await expect.poll(async () => (await points()).length, { timeout: 30_000, interval: 200 }).toBe(1);
}

async function startImport(graph: Graph, token: string): Promise<string> {
  const create = await graph.ask(
    'mutation { createEmissionCalculation(input: { name: "Restarted", start: "2024-01-01", end: "2024-12-31", region: "GB" }) { id } }',
    {},
    token,
  );
  const lines = Array.from(
    { length: 300 },
    (_, n) => `Leeds plant,Natural gas,${n + 1},kWh (Gross CV),2024-01-01,2024-12-31`,
  );
  const content = Buffer.from(["site,activity,quantity,unit,start,end", ...lines].join("\n")).toString("base64");
  const { data } = await graph.ask(
    'mutation ($c: ID!, $f: Base64!) { importEmissionActivities(calculationId: $c, fileName: "a.csv", content: $f) { id } }',
    { c: create.data.createEmissionCalculation.id, f: content },
    token,
  );
  return data.importEmissionActivities.id;
}

/** Points of the load, as the database has them. */
async function pointsOf({ database }: Graph): Promise<number[]> {
  const rows = await database.admin<{ value: string }[]>`
    select p.value::text from analytics.points p join analytics.metrics m on m.id = p.metric_id
    where m.key = ${metric} and p.dimensions->>'site' = 'Load'`;
  return rows.map(({ value }) => Number(value));
}

/** Events of recorded points that the bus has got so far. */
async function recordedEvents({ database }: Graph): Promise<number> {
  const [row] = await database.admin<{ count: number }[]>`
    select count(*)::int from kernel.stream
    where type = 'analytics.dashboard.changed' and event->'payload'->>'reason' = 'points.recorded'`;
  return row?.count ?? 0;
}
