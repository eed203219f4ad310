/** What every package's tests share: sources instead of builds, and one database server for the whole run. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // `graphql` has an ESM and a CommonJS build whose classes do not mix; Apollo's packages load the CommonJS one.
  resolve: { conditions: ["source"], alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  ssr: { resolve: { conditions: ["source"] } },
  // Global set-up runs in an environment of its own, which inherits neither of the above.
  environments: { __vitest__: { resolve: { conditions: ["source"] } } },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: fileURLToPath(new URL("packages/testkit/src/vitest-setup.ts", import.meta.url)),
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for comes; on a machine that has other things to do as well, it takes its time.
    expect: { poll: { timeout: 20_000 } },
  },
});
