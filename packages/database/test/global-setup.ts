import { startTestServer } from "../src/testing/index.js";

/** One disposable server for all test files. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startTestServer();
  process.env.TESSERA_TEST_DATABASE_URL = server.url;
  return server.stop;
}
