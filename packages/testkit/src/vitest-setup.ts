/**
 * Vitest's global set-up: one throw-away PostgreSQL server for all test files of a run. `npm test` starts one for all
 * packages and names it in TESSERA_TEST_DATABASE_URL; a single package's run starts its own.
 */
import { startTestServer } from "@tessera/database/testing";

export default async function setup(): Promise<() => Promise<void>> {
  const server = await startTestServer();
  process.env.TESSERA_TEST_DATABASE_URL = server.url;
  return () => server.stop();
}
