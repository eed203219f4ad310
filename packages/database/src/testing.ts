/** Throw-away databases for tests. */
import type { Database, ModuleTables } from "./contract.js";

export interface TestServer {
  /** Put it into TESSERA_TEST_DATABASE_URL for the test processes. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The server at TESSERA_TEST_DATABASE_URL when that is set, else a throw-away embedded one that `stop` removes. */
export async function startTestServer(): Promise<TestServer> {
  throw new Error("startTestServer is not written yet");
}

/** A migrated, empty database of one's own, dropped on close. */
export async function createTestDatabase(
  _modules: readonly ModuleTables[],
  _options: { poolSize?: number; maxWaiting?: number } = {},
): Promise<Database> {
  throw new Error("createTestDatabase is not written yet");
}
