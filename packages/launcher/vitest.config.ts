import { defineConfig } from "vitest/config";

/** These tests start whole systems, one after the other, each with a database of its own. */
export default defineConfig({
  resolve: { conditions: ["source"], alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  ssr: { resolve: { conditions: ["source"] } },
  test: { fileParallelism: false, testTimeout: 120_000, hookTimeout: 60_000 },
});
