/** A PostgreSQL server for tests: the one of the run, or one of a test's own that it may restart. */
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { clientOptions, formatUrl } from "../connection-url.js";
import { type EmbeddedServer, startEmbedded } from "../embedded/server.js";
import { freePort } from "./free-port.js";
import { killFamily } from "./kill-family.js";

export interface TestServer {
  /** As superuser. For the test processes put it into TESSERA_TEST_DATABASE_URL. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface RestartOptions {
  readonly downMs?: number;
  readonly meanwhile?: () => Promise<unknown>;
  readonly crash?: boolean;
}

export interface OwnTestServer extends TestServer {
  /**
   * Stops the server and starts it again at the same URL with the same data, when `downMs` (default 0) have passed and
   * `meanwhile` is over, during which it is surely away. A clean stop rolls open transactions back; a `crash` kills every
   * process at once, and what was committed is recovered at the start.
   */
  restart(options?: RestartOptions): Promise<void>;
}

/**
 * The server at TESSERA_TEST_DATABASE_URL when that is set, else a throw-away embedded one on a private Unix socket. With
 * `own` always a new one, reached by TCP and password as an external server is. `stop` removes what was started here.
 */
export function startTestServer(options: { readonly own: true }): Promise<OwnTestServer>;
export function startTestServer(): Promise<TestServer>;
export async function startTestServer({ own = false }: { readonly own?: boolean } = {}): Promise<TestServer> {
  if (own) return startOwn();
  const given = process.env.TESSERA_TEST_DATABASE_URL;
  return given ? { url: given, stop: async () => {} } : startShared();
}

async function startShared(): Promise<TestServer> {
  const dataDir = await makeFolder();
  const server = await startEmbedded({ dataDir, disposable: true, settings: { max_connections: "200" } });
  return { url: formatUrl(server.target), stop: () => remove(server, dataDir) };
}

async function startOwn(): Promise<OwnTestServer> {
  const dataDir = await makeFolder();
  const port = await freePort();
  const rules = join(dataDir, "hba.conf");
  await writeFile(rules, "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
  // What was committed must survive a crash.
  const settings = { port: String(port), listen_addresses: "127.0.0.1", hba_file: rules, synchronous_commit: "on" };
  const start = () => startEmbedded({ dataDir, disposable: true, settings });
  let server = await start();
  const password = await givePassword(server);
  return {
    url: formatUrl({ ...server.target, host: "127.0.0.1", password }),
    restart: async ({ downMs = 0, meanwhile = async () => {}, crash = false } = {}) => {
      if (crash) killFamily(server.processId);
      await server.stop();
      try {
        await Promise.all([sleep(downMs), meanwhile()]);
      } finally {
        server = await start();
      }
    },
    stop: () => remove(server, dataDir),
  };
}

async function givePassword({ target }: EmbeddedServer): Promise<string> {
  const password = randomBytes(12).toString("hex");
  const sql = postgres(clientOptions(target, 1));
  await sql.unsafe(`alter role ${target.user} password '${password}'`).finally(() => sql.end());
  return password;
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tessera-test-"));
  // The server's own user must be able to enter it.
  await chmod(folder, 0o755);
  return folder;
}

async function remove(server: EmbeddedServer, dataDir: string): Promise<void> {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}
