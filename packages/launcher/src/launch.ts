/** The composition root: opens what the platform stands on, prepares the database, hosts the subgraphs, starts the router. */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Database } from "@tessera/database";
import { prepareEvents } from "@tessera/events";
import { prepareProcesses } from "@tessera/processes";
import { type Router, type RouterFile, type RouterOptions, startRouter } from "@tessera/router";
import type { SubgraphConnection } from "@tessera/shared-types";
import { hostInProcess, moduleTables, startProcesses, startReactions } from "@tessera/subgraph";
import { createTelemetry, type Telemetry } from "@tessera/telemetry";
import { Closers } from "./closers.js";
import { readStory, type Story, tellStory } from "./demo-story.js";
import { hostInProcesses } from "./distributed/host-in-processes.js";
import { type IdentityDoor, identityDoor } from "./identity-door.js";
import { installationSecret } from "./installation-secret.js";
import { outdateEntities } from "./outdate-entities.js";
import { openPlatform, openPlatformDatabase, type Platform } from "./platform.js";
import { assertPortFree, freePort, portProblem } from "./ports.js";
import { startPrivateRedis } from "./private-redis.js";
import { RouterDoor } from "./router-door.js";
import { openRouterSettings, routerOptions } from "./router-settings.js";
import type { LaunchOptions } from "./settings.js";
import { composeOnce } from "./supergraph-cache.js";
import { loadSupergraph, type Supergraph } from "./supergraph-file.js";
import { webhookRoute } from "./webhook-route.js";

export interface Running {
  /** `http://host:port`, without a path. */
  readonly url: string;
  readonly port: number;
  /** How another process reaches the database, as owner. */
  readonly databaseUrl: string;
  /** Stops everything, the embedded database and children included. Safe to call twice. */
  close(): Promise<void>;
}

/** Everything the steps of one start share. */
interface Start extends Omit<LaunchOptions, "redisUrl"> {
  readonly topology: "single" | "distributed";
  readonly port: number;
  readonly dataDir: string;
  readonly secret: Buffer;
  readonly onProgress: (line: string) => void;
  readonly telemetry: Telemetry;
  readonly closers: Closers;
  /** Set for a distributed start, be it ours or the one that was named, unless Kafka carries the events. */
  readonly redisUrl: string | undefined;
  readonly routerFile: RouterFile;
}

/**
 * Starts the supergraph and resolves when it answers.
 *
 * @throws LaunchProblem or a coded error of the kernel, each a sentence saying what to do. Nothing is left running then.
 */
export async function launch(options: LaunchOptions, closers: Closers = new Closers()): Promise<Running> {
  try {
    return await start(await checked(options, closers));
  } catch (error) {
    await closers.close().catch(() => {});
    throw error;
  }
}

async function checked(options: LaunchOptions, closers: Closers): Promise<Start> {
  const { topology = "single", onProgress = () => {} } = options;
  const routerFile = await openRouterSettings(options.routerConfig, closers);
  const host = options.host ?? routerFile.config.server?.host;
  const dataDir = resolve(options.root, options.dataDir ?? ".tessera");
  const port = options.port === 0 ? await freePort() : (options.port ?? 4000);
  await assertPortFree(port, host);
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  const secret = options.secret ?? (await installationSecret(dataDir));
  const telemetry = createTelemetry({ service: "tessera" });
  const listening = { port, ...(host === undefined ? {} : { host }) };
  const parts = { ...options, ...listening, topology, dataDir, secret, onProgress, telemetry, closers, routerFile };
  const needsRedis = topology === "distributed" && options.kafkaBrokers === undefined;
  return { ...parts, redisUrl: options.redisUrl ?? (needsRedis ? await privateRedis(parts) : undefined) };
}

async function start(options: Start): Promise<Running> {
  // Starting PostgreSQL is waiting and importing modules is work, so they overlap.
  const [database, supergraph] = await Promise.all([openDatabase(options), loadSupergraph(options.root)]);
  options.routerFile.check(supergraph.subgraphs.map(({ name }) => name));
  const story = await prepareDatabase(database, supergraph, options);
  const supergraphSdl = await composeOnce(supergraph, options.dataDir);

  const connections: SubgraphConnection[] = [];
  const identity = identityDoor(() => connections);
  const { closers, redisUrl, kafkaBrokers, secret, telemetry, oidc } = options;
  const announcesReactions = keptEntities(options).length > 0;
  const graph = new RouterDoor();
  const carrier = { database, redisUrl, kafkaBrokers };
  const parts = { ...carrier, secret, telemetry, oidc, keys: identity.keys, announcesReactions, graph };
  const platform = await openPlatform(parts, closers);
  connections.push(...(await host(supergraph, platform, story, options)));
  const routes = connections.some(({ name }) => name === "workflow") ? [webhookRoute(graph)] : [];
  const router = await openRouter({ supergraphSdl, connections, routes }, identity, platform, options);
  graph.open(router);
  return { url: router.url, port: router.port, databaseUrl: database.url, close: () => closers.close() };
}

async function privateRedis({
  dataDir,
  closers,
  onProgress,
}: Pick<Start, "dataDir" | "closers" | "onProgress">): Promise<string> {
  onProgress("Starting a private Redis");
  return (await closers.add(await startPrivateRedis(join(dataDir, "redis")))).url;
}

async function openDatabase({ databaseUrl, dataDir, onProgress, closers }: Start): Promise<Database> {
  const place = { databaseUrl, dataDir: join(dataDir, "postgres") };
  return closers.add(await openPlatformDatabase(place, onProgress));
}

/** Tables, kernel tables, reference data. What has not changed costs one cheap query each. */
async function prepareDatabase(
  database: Database,
  { subgraphs }: Supergraph,
  { onProgress, demo = true }: Start,
): Promise<Story> {
  await database.migrate(
    subgraphs.map(({ subgraph }) => moduleTables(subgraph)),
    onProgress,
  );
  const names = subgraphs.map(({ name }) => ({ name }));
  await prepareEvents(database, names);
  await prepareProcesses(database, names);
  const loaders = await Promise.all(subgraphs.map(({ subgraph }) => subgraph.reference?.()));
  await Promise.all(loaders.map((loader) => loader?.default(database.admin)));
  const story = await readStory(database, subgraphs, demo);
  for (const name of story.broken) {
    onProgress(`The demo story of ${name} was interrupted in an earlier start; npm run reset starts clean`);
  }
  return story;
}

async function host(
  { subgraphs }: Supergraph,
  platform: Platform,
  story: Story,
  options: Start,
): Promise<SubgraphConnection[]> {
  const { runtime } = platform;
  const alone = options.topology === "single";
  const reacting = new Closers();
  if (alone || story.untold.length > 0) {
    await reacting.add(runtime.events.startRelay());
    for (const { subgraph } of subgraphs) {
      await reacting.add(startReactions(subgraph, runtime));
      await reacting.add(startProcesses(subgraph, runtime));
    }
    await options.closers.add(reacting);
    await tellStory(story, runtime, options.onProgress);
  }
  if (alone) return subgraphs.map(({ subgraph }) => hostInProcess(subgraph, runtime));
  await reacting.close();
  options.onProgress(`Starting ${subgraphs.length} subgraph processes`);
  return hostInProcesses(subgraphs, processesOptions(platform, options), options.closers);
}

/** How a process on this machine reaches what listens on `host`. */
function hostToReach(host: string | undefined): string {
  if (host === undefined || host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function processesOptions({ runtime }: Platform, options: Start) {
  const scheme = options.routerFile.config.server?.tls ? "https" : "http";
  const router = `${scheme}://${hostToReach(options.host)}:${options.port}`;
  return {
    databaseUrl: runtime.database.url,
    redisUrl: options.redisUrl ?? "",
    kafkaBrokers: options.kafkaBrokers ?? "",
    secret: options.secret.toString("hex"),
    keysUrl: `${router}/.well-known/jwks.json`,
    graphUrl: `${router}/graphql`,
    oidc: options.oidc,
    announcesReactions: keptEntities(options).length > 0,
    router: options.routerFile,
    ports: options.subgraphPorts ?? "fixed",
    log: options.telemetry.log,
  };
}

/** Subgraphs whose entities the router keeps. */
function keptEntities({ routerFile: { config } }: Start): string[] {
  return Object.keys(config.cache?.entities?.subgraphs ?? {});
}

/** What modules and connections are opened with: whether reactions are announced, and how subgraphs are reached. */
const openedWith = ["cache", "headers", "subgraphs"] as const;

async function openRouter(
  served: Required<Pick<RouterOptions, "supergraphSdl" | "connections" | "routes">>,
  identity: IdentityDoor,
  { verifier, runtime, bus }: Platform,
  options: Start,
): Promise<Router> {
  const { port, host, telemetry, development = true, demo = true, closers, redisUrl, routerFile } = options;
  const around = { development, demo, redisUrl, databaseUrl: runtime.database.url };
  const optionsOf = async (file: RouterFile): Promise<RouterOptions> => ({
    ...(await routerOptions(file, around)),
    ...{ ...served, verifier, telemetry, port },
    jwks: identity.keys,
    exchangeApiKey: identity.exchangeApiKey,
    ...(host === undefined ? {} : { host }),
  });
  const router = await startRouter(await optionsOf(routerFile)).catch((error: unknown) => {
    throw portProblem(error, port, host);
  });
  await closers.add(router);
  const following = routerFile.follow({
    subgraphs: served.connections.map(({ name }) => name),
    fixed: openedWith,
    onChange: async (changed) => void (await router.reconfigure(await optionsOf(changed))),
    log: telemetry.log,
  });
  await closers.add(following);
  const kept = keptEntities(options);
  if (kept.length > 0) await closers.add(await outdateEntities(bus, router, kept));
  return router;
}
