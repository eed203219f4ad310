/** PostgreSQL, Redis and the servers of a run. */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "@tessera/database";
import {
  freePort,
  type OwnTestServer,
  startTestRedis,
  startTestServer,
  type TestRedis,
} from "@tessera/database/testing";
import { misfortunesVariable } from "../subgraphs/misfortune.js";
import type { Evidence } from "./evidence.js";
import type { ChaosOptions } from "./options.js";
import { Server, type ServerOrders } from "./server.js";
import { writeSupergraph } from "./supergraph.js";

export interface Installation {
  readonly servers: readonly Server[];
  readonly postgres: OwnTestServer;
  readonly redis: TestRedis | null;
  /** As owner, past every row-level rule. */
  readonly database: Database;
  /** A server of the rebuilding kind, when all others are stopped. */
  rebuilder(): Promise<Server>;
  close(): Promise<void>;
}

/** Servers that hold everything, and over a bus of its own one with a process for each subgraph. */
const shapes = {
  postgres: ["single", "single", "single"],
  redis: ["distributed", "single"],
  kafka: ["distributed", "single"],
} as const;

/** Shares of events that meet a misfortune in a handler. */
const misfortunes = { failing: 0.03, slow: 0.03 };
/** A mutation leads to about five deliveries. So many of a run are to end with the death of their process, whatever its size. */
const crashesFor = (size: number): number => Math.max(4, size / 1000) / (5 * size);

export async function install(root: string, options: ChaosOptions, evidence: Evidence): Promise<Installation> {
  await mkdir(join(evidence.folder, "misfortunes"));
  const folder = await mkdtemp(join(tmpdir(), "tessera-chaos-"));
  await writeSupergraph(root, folder);
  const postgres = await startTestServer({ own: true });
  const redis = options.bus === "redis" ? await startTestRedis({ own: true }) : null;
  const { seed, size } = options;
  const plan = { seed, ...misfortunes, crashing: crashesFor(size), folder: evidence.folder };
  const common = {
    root: folder,
    databaseUrl: postgres.url,
    redisUrl: redis?.url,
    kafkaBrokers: options.bus === "kafka" ? process.env.KAFKA_BROKERS : undefined,
    secret: randomBytes(32).toString("hex"),
    folder: join(evidence.folder, "servers"),
    program: join(root, "e2e/chaos/server.mjs"),
  };
  const serverFor = async (orders: Pick<ServerOrders, "name" | "topology" | "variables">): Promise<Server> =>
    new Server({ ...common, ...orders, port: await freePort() });
  const variables = { [misfortunesVariable]: JSON.stringify(plan) };
  const servers = await Promise.all(
    shapes[options.bus].map((topology, index) => serverFor({ name: `server-${index + 1}`, topology, variables })),
  );
  const database = openDatabase({ url: postgres.url, poolSize: 3 });
  return {
    ...{ servers, postgres, redis, database: await database },
    rebuilder: () => serverFor({ name: "rebuild", topology: "single", variables: { CHAOS_REBUILD: "yes" } }),
    close: async () => {
      await Promise.all(servers.map((server) => server.stop()));
      await (await database).close();
      await Promise.all([postgres.stop(), redis?.close(), rm(folder, { recursive: true, force: true })]);
    },
  };
}
