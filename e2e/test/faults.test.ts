import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "@tessera/database";
import { demoPassword, people } from "@tessera/demo-world";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createEmptyDatabase,
  type Data,
  type EmptyDatabase,
  type ServerProcess,
  startServerProcess,
} from "../src/index.js";

const rows = 2_000;
const header = "site,activity,quantity,unit,start,end";
const line = (index: number) => `Leeds plant,Natural gas,${index + 1},kWh (Gross CV),2024-01-01,2024-12-31`;
const activityFile = [header, ...Array.from({ length: rows }, (_, index) => line(index))].join("\n");

describe("a server killed without warning", () => {
  let empty: EmptyDatabase;
  let database: Database;
  let dataDir: string;
  let port: number;
  let server: ServerProcess;

  beforeEach(async () => {
    empty = await createEmptyDatabase();
    database = await openDatabase({ url: empty.url, poolSize: 1 });
    dataDir = await mkdtemp(join(tmpdir(), "tessera-e2e-"));
    port = await freePort();
    server = await start();
  }, 120_000);
  afterEach(async () => {
    await server.stop();
    await database.close();
    await empty.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const start = () => startServerProcess({ databaseUrl: empty.url, dataDir, port });

  test("in the middle of an import imports the whole file once after the next start", async () => {
    const ask = await login(server);
    const { createEmissionCalculation } = await ask(
      'mutation { createEmissionCalculation(input: { name: "Killed", start: "2024-01-01", end: "2024-12-31", region: "GB" }) { id } }',
    );
    const calculationId: string = createEmissionCalculation.id;
    const letThrough = await holdResults(database);
    const { importEmissionActivities } = await ask(
      'mutation ($c: ID!, $f: Base64!) { importEmissionActivities(calculationId: $c, fileName: "a.csv", content: $f) { id } }',
      { c: calculationId, f: Buffer.from(activityFile).toString("base64") },
    );
    await untilReactionRuns(database);
    await server.kill();
    expect(await entriesOf(database, calculationId)).toBe(0);
    await letThrough();

    server = await start();
    const again = await login(server);
    const query = "query ($id: ID!) { activityImport(id: $id) { status rowsDone result { version } } }";
    const done = await until(async () => {
      const { activityImport } = await again(query, { id: importEmissionActivities.id });
      return activityImport.status === "REQUESTED" ? null : activityImport;
    });
    expect(done).toEqual({ status: "DONE", rowsDone: rows, result: { version: 1 } });
    expect(await entriesOf(database, calculationId)).toBe(rows);
    expect(await resultsOf(database, calculationId)).toBe(1);
    // Another module reacts to the result, in its own time.
    await expect.poll(() => pointsOf(database, calculationId), { timeout: 30_000 }).toBe(1);
  }, 180_000);
});

type Ask = (query: string, variables?: Record<string, unknown>) => Promise<Data>;

async function login({ url }: ServerProcess): Promise<Ask> {
  const post = async (query: string, variables: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
    if (errors) throw new Error(errors[0]?.message);
    return data;
  };
  const mutation = "mutation ($e: String!, $p: String!) { login(email: $e, password: $p) { accessToken } }";
  const { login } = await post(mutation, { e: people.priya.email, p: demoPassword });
  return (query, variables = {}) => post(query, variables, { authorization: `Bearer ${login.accessToken}` });
}

/** No result is written until the function is called that this resolves to: an import stands still after its entries. */
async function holdResults({ admin }: Database): Promise<() => Promise<void>> {
  const session = await admin.reserve();
  await session`begin`;
  await session`lock table ghg_calculator.emission_result in share mode`;
  return async () => {
    await session`rollback`;
    session.release();
  };
}

/** The import's transaction is open, has written rows that nobody else sees yet, and waits to write its result. */
async function untilReactionRuns({ admin }: Database): Promise<void> {
  await until(async () => {
    const [row] = await admin<{ waiting: boolean }[]>`
      select exists (
        select 1 from pg_locks l join pg_class c on c.oid = l.relation
        where c.relname = 'emission_result' and not l.granted
          and l.pid in (
            select e.pid from pg_locks e join pg_class t on t.oid = e.relation
            where t.relname = 'emission_entry' and e.mode = 'RowExclusiveLock' and e.granted)
      ) as waiting`;
    return row?.waiting ? true : null;
  });
}

const count = async (rows: Promise<readonly { count: string }[]>) => Number((await rows)[0]?.count);

const entriesOf = ({ admin }: Database, calculationId: string) =>
  count(
    admin<
      { count: string }[]
    >`select count(*) from ghg_calculator.emission_entry where calculation_id = ${calculationId}`,
  );

const resultsOf = ({ admin }: Database, calculationId: string) =>
  count(
    admin<
      { count: string }[]
    >`select count(*) from ghg_calculator.emission_result where calculation_id = ${calculationId}`,
  );

/** Points of the total that analytics took from this calculation's events. */
const pointsOf = ({ admin }: Database, calculationId: string) =>
  count(admin<{ count: string }[]>`
    select count(*) from analytics.points p join analytics.metrics m on m.id = p.metric_id
    where m.key = 'ghg.total' and p.source = ${`ghg.emissions.calculated/${calculationId}`}`);

async function until<Value>(look: () => Promise<Value | null>, everyMs = 100): Promise<Value> {
  const deadline = Date.now() + 90_000;
  while (Date.now() < deadline) {
    const seen = await look();
    if (seen !== null) return seen;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error("It did not happen within 90 seconds.");
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
