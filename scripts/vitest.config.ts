import { defineConfig } from "vitest/config";

/** The scripts are tested as commands: they need no database server, and time to build. */
export default defineConfig({
  test: { name: "scripts", include: ["test/**/*.test.mjs"], testTimeout: 180_000, hookTimeout: 180_000 },
});
