/** All packages' tests in one run: `npm test` uses this, with one database server for everything. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { projects: ["packages/*", "router", "e2e", "subgraphs/*/*", "scripts"], maxWorkers: 2 },
});
