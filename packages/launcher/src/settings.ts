/** What the command line and the environment ask for, checked before anything starts. */
import { resolve } from "node:path";
import { LaunchProblem } from "./problem.js";

export type Topology = "single" | "distributed";

export interface LaunchOptions {
  /** The repository's root folder: supergraph.yaml and the subgraphs are found from here. */
  readonly root: string;
  /** One process for everything, or one per subgraph. Default "single". */
  readonly topology?: Topology;
  /** Where the router listens; 0 picks a free port. Default 4000. */
  readonly port?: number;
  /** Address the router listens on. Default: every interface. */
  readonly host?: string;
  /** Embedded database, installation secret, cached supergraph. Default `<root>/.tessera`. */
  readonly dataDir?: string;
  /** External PostgreSQL ≥ 15, as a role that may create roles. Default: embedded. */
  readonly databaseUrl?: string;
  /** A router.yaml; what the launcher decides itself (addresses, subgraphs, our own tokens) stays as it is. */
  readonly routerConfig?: string;
  /** Redis for the event bus and the shared cache. Default: PostgreSQL carries both; a distributed start brings its own. */
  readonly redisUrl?: string;
  /** Kafka for the event bus, whatever carries the cache: `host:9092,host:9092`, or an address with credentials. */
  readonly kafkaBrokers?: string;
  /** Distributed only: the ports of supergraph.yaml, or any free ones. Default "fixed". */
  readonly subgraphPorts?: "fixed" | "any";
  /** Explorer, introspection, and cross-origin requests from Apollo Studio. Default true. */
  readonly development?: boolean;
  /** Tell the demo story in an empty database. Default true. */
  readonly demo?: boolean;
  /** 32 bytes or more; default: the file `secret` in the data folder, made on first start. */
  readonly secret?: Buffer;
  /** An OpenID Connect provider whose tokens are accepted beside our own. */
  readonly oidc?: OidcSettings;
  /** One line per step, for a person to read. */
  readonly onProgress?: (line: string) => void;
}

/** Claims are read the way Keycloak writes them: realm roles, and those of the client, are role keys. */
export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Id of the organization the provider's people work in. */
  readonly tenant: string;
  readonly clientId?: string;
}

export const startHelp = `
Usage: npm start [-- options]                  everything in one process
       npm run start:distributed [-- options]  one process per subgraph, events over Redis

  --port <number>   where the router listens (or PORT; default 4000)
  --data <folder>   where data is kept (or TESSERA_DATA_DIR; default .tessera in the repository)
  --router <file>   a configuration of the router, see docs/router.md (or TESSERA_ROUTER_CONFIG)
  --no-demo         do not load the demo world into an empty database
  --production      no explorer, no introspection, no demo world, rate limits on (also: NODE_ENV=production)

  HOST              address to listen on (default: every interface)
  DATABASE_URL      an external PostgreSQL, 15 or newer (default: the embedded one)
  REDIS_URL         Redis for events and cache (default: PostgreSQL; distributed starts a private Redis)
  KAFKA_BROKERS     Kafka for events, such as broker1:9092,broker2:9092 (see docs/operating.md)
  TESSERA_SECRET    the installation's secret, 64 hexadecimal digits (default: a file in the data folder)
  OIDC_ISSUER       an OpenID Connect provider whose tokens are accepted too, with OIDC_AUDIENCE, OIDC_TENANT (id of the
                    organization its people work in) and, for roles of a client, OIDC_CLIENT_ID
  LOG_LEVEL         trace, debug, info, warn or error
`;

interface Flags {
  distributed: boolean;
  demo: boolean;
  production: boolean;
  port?: string;
  data?: string;
  router?: string;
}

function readFlags(args: readonly string[]): Flags {
  const flags: Flags = { distributed: false, demo: true, production: false };
  for (let index = 0; index < args.length; index += 1) {
    const [name = "", inline] = (args[index] ?? "").split("=", 2);
    if (name === "--distributed") flags.distributed = true;
    else if (name === "--no-demo") flags.demo = false;
    else if (name === "--production") flags.production = true;
    else if (name === "--port") flags.port = inline ?? args[++index] ?? "";
    else if (name === "--data") flags.data = inline ?? args[++index] ?? "";
    else if (name === "--router") flags.router = inline ?? args[++index] ?? "";
    else throw new LaunchProblem(`There is no option "${args[index]}". See: npm start -- --help`);
  }
  return flags;
}

/** @throws LaunchProblem naming the value that is wrong and what it has to look like. */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv, root: string): LaunchOptions {
  const flags = readFlags(args);
  const production = flags.production || env.NODE_ENV === "production";
  return {
    root,
    topology: flags.distributed ? "distributed" : "single",
    port: flags.port === undefined ? readPort("PORT", env.PORT) : readPort("--port", flags.port),
    dataDir: resolve(root, flags.data ?? env.TESSERA_DATA_DIR ?? ".tessera"),
    development: !production,
    demo: flags.demo && !production,
    subgraphPorts: env.TESSERA_SUBGRAPH_PORTS === "any" ? "any" : "fixed",
    ...optional("routerConfig", readRouterFile(flags.router, env.TESSERA_ROUTER_CONFIG, root)),
    ...optional("host", env.HOST),
    ...optional("databaseUrl", readUrl("DATABASE_URL", env.DATABASE_URL, ["postgres:", "postgresql:"])),
    ...optional("redisUrl", readUrl("REDIS_URL", env.REDIS_URL, ["redis:", "rediss:"])),
    ...optional("kafkaBrokers", env.KAFKA_BROKERS),
    ...optional("secret", readSecret(env.TESSERA_SECRET)),
    ...optional("oidc", readOidc(env)),
  };
}

function readRouterFile(flag: string | undefined, variable: string | undefined, root: string): string | undefined {
  if (flag === "") throw new LaunchProblem("--router needs the name of a file, such as router.yaml.");
  const name = flag ?? variable;
  return name ? resolve(root, name) : undefined;
}

function readPort(name: string, text: string | undefined): number {
  if (text === undefined || (text === "" && name === "PORT")) return 4000;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new LaunchProblem(`${name} is "${text}", but a port is a whole number from 0 to 65535, such as 4000.`);
}

function readUrl(name: string, text: string | undefined, protocols: readonly string[]): string | undefined {
  if (!text) return undefined;
  const example = `${protocols[0]}//user:password@host/database`;
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text;
  throw new LaunchProblem(`${name} is not an address of the right kind: it looks like ${example}.`);
}

function readSecret(text: string | undefined): Buffer | undefined {
  if (!text) return undefined;
  if (/^[0-9a-f]{64,}$/i.test(text) && text.length % 2 === 0) return Buffer.from(text, "hex");
  throw new LaunchProblem(
    "TESSERA_SECRET has to be 64 or more hexadecimal digits, such as `openssl rand -hex 32` prints.",
  );
}

function readOidc(env: NodeJS.ProcessEnv): OidcSettings | undefined {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_TENANT: tenant } = env;
  if (!issuer) return undefined;
  if (!URL.canParse(issuer))
    throw new LaunchProblem("OIDC_ISSUER has to be the address of the provider, as its tokens name it.");
  if (!audience || !tenant) throw new LaunchProblem("OIDC_ISSUER needs OIDC_AUDIENCE and OIDC_TENANT beside it.");
  return { issuer, audience, tenant, ...optional("clientId", env.OIDC_CLIENT_ID) };
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined || value === "" ? {} : ({ [key]: value } as { [K in Key]: Value });
}
