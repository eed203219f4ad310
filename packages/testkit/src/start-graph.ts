/**
 * Several subgraphs behind a real router, on one throw-away database, in one of the two topologies: called by reference,
 * or each behind its own HTTP server with a runtime of its own, as in processes of their own.
 */
import { randomBytes } from "node:crypto";
import {
  createSigner,
  createVerifier,
  generateSigningKey,
  type Signer,
  type TrustedIssuer,
  tesseraIssuer,
} from "@tessera/access";
import { type Database, openCache, openDatabase } from "@tessera/database";
import { createTestDatabase } from "@tessera/database/testing";
import { openBus, openEvents, prepareEvents } from "@tessera/events";
import { openProcesses, prepareProcesses } from "@tessera/processes";
import { connectRemote, tesseraHeaders } from "@tessera/router";
import type { EventContract, EventEnvelope, SubgraphConnection } from "@tessera/shared-types";
import {
  createRuntime,
  type GraphDoor,
  hostInProcess,
  moduleTables,
  type Runtime,
  type Subgraph,
  serveSubgraph,
  startProcesses,
  startReactions,
  trustModules,
} from "@tessera/subgraph";
import { createTelemetry } from "@tessera/telemetry";
import { actorOf, type Data, type Person, type Variables } from "./client.js";
import { Clock } from "./clock.js";
import { type HeardEvents, hearEvents } from "./heard-events.js";
import { lateDoor, openRouter } from "./test-router.js";

export interface TestGraph {
  /** Of the router, without a path. */
  readonly url: string;
  readonly clock: Clock;
  readonly database: Database;
  /** For another process to join with. */
  readonly secret: string;
  /** Of one subgraph, by name. */
  runtime(name: string): Runtime;
  /** Sends an operation to the router, over HTTP, as this person. */
  ask(
    person: Person | null,
    query: string,
    variables?: Variables,
    headers?: Readonly<Record<string, string>>,
  ): Promise<GraphAnswer>;
  /** The data of an operation that must succeed. */
  data(person: Person | null, query: string, variables?: Variables): Promise<Data>;
  published<Payload>(contract?: EventContract<Payload>): EventEnvelope<Payload>[];
  /** Waits until every event published so far has been reacted to. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface GraphAnswer {
  readonly status: number;
  readonly requestId: string;
  readonly data?: Data;
  readonly errors?: readonly { message: string; extensions: { code: string; details?: Data } }[];
}

export interface TestGraphOptions {
  /** Default `single`. */
  readonly topology?: "single" | "distributed";
  /** A graph that is there already, in another process: this one joins it, with a router of its own. */
  readonly joins?: { readonly databaseUrl: string; readonly secret: string };
  /** False: durable processes and events are left to others. Default true. */
  readonly works?: boolean;
  /** After so long the durable processes of a process that died go on elsewhere. */
  readonly leaseMs?: number;
}

interface Closable {
  close(): Promise<void>;
}

export async function startGraph(subgraphs: readonly Subgraph[], options: TestGraphOptions = {}): Promise<TestGraph> {
  const { topology = "single", joins, works = true } = options;
  const database = joins ? await openDatabase({ url: joins.databaseUrl }) : await newDatabase(subgraphs);
  const key = await generateSigningKey();
  const secret = joins ? Buffer.from(joins.secret, "hex") : randomBytes(32);
  const keys = async () => ({ keys: [key.publicJwk as { kty: string }] });
  const issuers = [tesseraIssuer({ keys }), trustModules(secret)];
  const clock = new Clock();
  const door = lateDoor();
  const started: Closable[] = [database];
  const open = (graph: GraphDoor) => openRuntime({ database, secret, issuers, clock, graph, options }, started);

  const shared = await open(door);
  const heard = await hearEvents(database, shared.bus);
  const { seen } = heard;
  started.push(heard);
  const runtimes = new Map<string, Runtime>();
  const connections: SubgraphConnection[] = [];
  for (const subgraph of subgraphs) {
    await (await subgraph.reference?.())?.default(database.admin);
    const { runtime } = topology === "single" ? shared : await open({ execute: (call) => door.remote(call) });
    runtimes.set(subgraph.name, runtime);
    if (works) started.push(startReactions(subgraph, runtime), startProcesses(subgraph, runtime));
    connections.push(await connect(subgraph, runtime, topology, started));
  }
  if (works) started.push(shared.runtime.events.startRelay());
  const { telemetry } = shared.runtime;
  const router = await openRouter(subgraphs, { connections, verifier: createVerifier({ issuers }), telemetry });
  started.push(router);
  door.open(router);
  const ask = askAt(router.url, createSigner({ key }));
  return {
    ...{ url: router.url, clock, database, ask, secret: secret.toString("hex") },
    runtime: (name) => runtimes.get(name) ?? shared.runtime,
    data: async (person, query, variables) => {
      const { data, errors } = await ask(person, query, variables);
      if (errors) throw new Error(`${errors[0]?.message} ${JSON.stringify(errors[0]?.extensions)}`);
      return data;
    },
    published: (contract) => seen.filter((event) => !contract || event.type === contract.type) as never,
    settle: () => settle([...runtimes.values()], heard),
    close: async () => {
      for (const part of started.reverse()) await part.close();
    },
  };
}

async function newDatabase(subgraphs: readonly Subgraph[]): Promise<Database> {
  const database = await createTestDatabase(subgraphs.map(moduleTables));
  await prepareEvents(database, [...subgraphs]);
  await prepareProcesses(database, [...subgraphs]);
  return database;
}

function askAt(url: string, signer: Signer): TestGraph["ask"] {
  return async (person, query, variables = {}, headers = {}) => {
    const token = person ? (await signer.sign(actorOf(person))).token : null;
    const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...authorization, ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const requestId = response.headers.get("x-request-id") ?? "";
    return { status: response.status, requestId, ...((await response.json()) as object) };
  };
}

/** What one module makes of an event may be news for another one. */
async function settle(runtimes: readonly Runtime[], { seen, caughtUp }: HeardEvents): Promise<void> {
  let before: number;
  do {
    before = seen.length;
    for (const { events, processes } of runtimes) {
      await events.idle();
      await processes?.idle();
    }
    await caughtUp();
  } while (seen.length !== before);
}

interface RuntimeSeed {
  readonly database: Database;
  readonly secret: Buffer;
  readonly issuers: readonly TrustedIssuer[];
  readonly clock: Clock;
  readonly graph: GraphDoor;
  readonly options: TestGraphOptions;
}

async function openRuntime(seed: RuntimeSeed, started: Closable[]) {
  const { database, secret, issuers, clock, graph, options } = seed;
  const level = process.env.TESSERA_TEST_LOG === undefined ? "silent" : "debug";
  const telemetry = createTelemetry({ service: "test", level });
  const bus = await openBus({ database });
  const events = openEvents({ database, bus, log: telemetry.log, retry: { baseMs: 5, capMs: 20, attempts: 3 } });
  const cache = await openCache({ database });
  const now = () => clock.now();
  const processes = openProcesses({
    database,
    bus,
    events,
    clock: now,
    retry: { baseMs: 5, capMs: 20 },
    ...leaseOf(options),
  });
  started.push(cache, bus, events, processes);
  const verifier = createVerifier({ issuers });
  const parts = { database, events, processes, cache, telemetry, verifier, secret, graph, clock: now };
  return { runtime: createRuntime(parts), bus };
}

const leaseOf = ({ leaseMs }: TestGraphOptions) => (leaseMs === undefined ? {} : { leaseMs });

async function connect(
  subgraph: Subgraph,
  runtime: Runtime,
  topology: TestGraphOptions["topology"],
  started: Closable[],
): Promise<SubgraphConnection> {
  if (topology === "single") return hostInProcess(subgraph, runtime);
  const served = await serveSubgraph(subgraph, runtime, { port: 0 });
  const connection = connectRemote({ name: subgraph.name, url: served.url, headers: tesseraHeaders });
  started.push(served, connection);
  return connection;
}
