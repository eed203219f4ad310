/** The parts every process of an installation shares: database, bus, events, cache, telemetry. */
import {
  createVerifier,
  keycloakClaims,
  oidcIssuer,
  type TrustedIssuer,
  tesseraIssuer,
  type Verifier,
} from "@tessera/access";
import { type Database, openCache, openDatabase } from "@tessera/database";
import { type Bus, openBus, openEvents } from "@tessera/events";
import { openProcesses, type Processes } from "@tessera/processes";
import { createRuntime, type GraphDoor, type Runtime, trustModules } from "@tessera/subgraph";
import type { Telemetry } from "@tessera/telemetry";
import type { Closers } from "./closers.js";
import type { OidcSettings } from "./settings.js";

export interface PlatformOptions {
  readonly database: Database;
  readonly redisUrl?: string | undefined;
  readonly kafkaBrokers?: string | undefined;
  readonly secret: Buffer;
  readonly telemetry: Telemetry;
  /** Where the keys of our own access tokens are. */
  readonly keys: TrustedIssuer["keys"];
  readonly oidc?: OidcSettings | undefined;
  /** Somebody keeps copies of the modules' data, and has to hear what reactions change. */
  readonly announcesReactions?: boolean;
  /** How this process reaches the supergraph it is part of. */
  readonly graph: GraphDoor;
}

export interface Platform {
  readonly runtime: Runtime;
  readonly bus: Bus;
  readonly verifier: Verifier;
}

/** Expects a migrated database in which `prepareEvents` and `prepareProcesses` have run. */
export async function openPlatform(options: PlatformOptions, closers: Closers): Promise<Platform> {
  const { database, redisUrl, kafkaBrokers, secret, telemetry, graph, announcesReactions = false } = options;
  const redis = redisUrl === undefined ? {} : { redisUrl };
  const carrier = { ...redis, kafkaBrokers };
  const [cache, bus] = await Promise.all([openCache({ database, ...redis }), openBus({ database, ...carrier })]);
  await closers.add(cache);
  await closers.add(bus);
  const events = await closers.add(openEvents({ database, bus, log: telemetry.log }));
  const processes = await closers.add(openProcesses({ database, bus, events, log: telemetry.log }));
  const verifier = createVerifier({ issuers: trustedIssuers(options) });
  watch({ database, bus, cache, events, processes }, telemetry);
  const parts = { database, events, processes, cache, telemetry, verifier, secret, announcesReactions, graph };
  return { runtime: createRuntime(parts), bus, verifier };
}

function trustedIssuers({ keys, oidc, secret }: PlatformOptions): TrustedIssuer[] {
  const own = [tesseraIssuer({ keys }), trustModules(secret)];
  if (!oidc) return own;
  return [...own, oidcIssuer({ ...oidc, map: keycloakClaims({ ...oidc, attributes: { tier: "tier" } }) })];
}

type Watched = Pick<Runtime, "database" | "cache" | "events"> &
  Pick<Platform, "bus"> & { readonly processes: Processes };

/** What `/health` and `/metrics` tell about these parts. */
function watch({ database, bus, cache, events, processes }: Watched, telemetry: Telemetry): void {
  const { health, metrics } = telemetry;
  health.register("database", () => database.health());
  health.register("integrations", () => bus.health());
  health.register("cache", async () => {
    await cache.set("health", "ok", 60);
    const kept = await cache.get<string>("health");
    return {
      ok: kept === "ok",
      detail: kept === "ok" ? "A value was stored and read again." : "A stored value was lost.",
    };
  });
  metrics.watchDatabasePool(() => database.stats());
  metrics.watchEvents(() => events.stats());
  metrics.watchProcesses(() => processes.stats());
}

/** @throws DatabaseError saying what to do when there is no database to be had. */
export async function openPlatformDatabase(
  where: { readonly databaseUrl?: string | undefined; readonly dataDir: string; readonly poolSize?: number },
  onProgress: (line: string) => void,
): Promise<Database> {
  const place = where.databaseUrl === undefined ? { dataDir: where.dataDir } : { url: where.databaseUrl };
  return openDatabase({ ...place, ...(where.poolSize === undefined ? {} : { poolSize: where.poolSize }), onProgress });
}
