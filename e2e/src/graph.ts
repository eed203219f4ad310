/** The whole graph, started for one test file on a database of its own, spoken to through its front door only. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "@tessera/database";
import { demoPassword } from "@tessera/demo-world";
import { launch } from "@tessera/launcher";
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { placeSubgraphs, type SubgraphPlace } from "./subgraph-places.js";
import { createEmptyDatabase } from "./test-database.js";

// biome-ignore lint/suspicious/noExplicitAny: a test reads fields of an answer it has just asked for
export type Data = any;
export interface Answer {
  readonly status: number;
  readonly data?: Data;
  readonly errors?: readonly {
    message: string;
    path?: readonly (string | number)[];
    extensions: { code: string; details?: Data };
  }[];
}

export interface Graph {
  readonly url: string;
  /** As owner of the database, past every row-level rule. */
  readonly database: Database;
  /** The distributed subgraphs' own doors answer at these addresses; in one process nothing but the router listens. */
  readonly subgraphs: readonly SubgraphPlace[];
  ask(query: string, variables?: Record<string, unknown>, token?: string | null): Promise<Answer>;
  /** Past the router, at the address of a subgraph. */
  askAt(url: string, query: string, variables?: Record<string, unknown>, token?: string | null): Promise<Answer>;
  /** Access token of a demo person, by e-mail. */
  login(email: string, organizationId?: string): Promise<string>;
  socket(token: string | null): Client;
  /** Writes another router.yaml in place of the one the graph was started with. */
  configure(routerYaml: string): Promise<void>;
  close(): Promise<void>;
}

/** Servers of a test's own, for it to restart, and what its router is told. */
export interface GraphServers {
  readonly postgresUrl?: string;
  readonly redisUrl?: string;
  readonly kafkaBrokers?: string;
  /** The text of a router.yaml. */
  readonly routerYaml?: string;
}

export async function startGraph(topology: "single" | "distributed", servers: GraphServers = {}): Promise<Graph> {
  const empty = await createEmptyDatabase(servers.postgresUrl);
  const dataDir = await mkdtemp(join(tmpdir(), "tessera-e2e-"));
  const redisUrl = servers.redisUrl ?? process.env.REDIS_URL;
  const subgraphs = await placeSubgraphs(dataDir);
  const routerConfig = join(dataDir, "router.yaml");
  if (servers.routerYaml !== undefined) await writeFile(routerConfig, servers.routerYaml);
  const launched = await launch({
    root: dataDir,
    topology,
    port: 0,
    host: "127.0.0.1",
    dataDir,
    databaseUrl: empty.url,
    subgraphPorts: "fixed",
    ...(servers.routerYaml === undefined ? {} : { routerConfig }),
    ...(topology === "distributed" && redisUrl ? { redisUrl } : {}),
    ...(servers.kafkaBrokers ? { kafkaBrokers: servers.kafkaBrokers } : {}),
  });
  const database = await openDatabase({ url: empty.url, poolSize: 1 });
  const url = new URL("/graphql", launched.url).href;
  const askAt: Graph["askAt"] = (at, query, variables = {}, token = null) => post(at, { query, variables }, token);
  const ask: Graph["ask"] = (query, variables, token) => askAt(url, query, variables, token);
  return {
    url,
    database,
    subgraphs,
    ask,
    askAt,
    login: async (email, organizationId) => {
      const mutation =
        "mutation ($e: String!, $p: String!, $o: ID) { login(email: $e, password: $p, organizationId: $o) { accessToken } }";
      const { data, errors } = await ask(mutation, { e: email, p: demoPassword, o: organizationId });
      if (!data?.login) throw new Error(`${email} could not log in: ${errors?.[0]?.message}`);
      return data.login.accessToken;
    },
    socket: (token) =>
      createClient({
        url: url.replace("http", "ws"),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: token ? { authorization: `Bearer ${token}` } : {},
      }),
    configure: (routerYaml) => writeFile(routerConfig, routerYaml),
    close: async () => {
      await launched.close();
      await database.close();
      await empty.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function post(url: string, body: object, token: string | null): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as object) };
}
