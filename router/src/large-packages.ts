/**
 * Packages that take many megabytes, loaded when they are first used. By `require`: an `import` would read their whole
 * text for the names of what they export, which takes longer than running it.
 */
import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

export const largePackages = {
  redis: () => load("redis") as typeof import("redis"),
  postgres: () => load("postgres") as typeof import("postgres"),
  federationInternals: () => load("@apollo/federation-internals") as typeof import("@apollo/federation-internals"),
  queryPlanner: () => load("@apollo/query-planner") as typeof import("@apollo/query-planner"),
  usageReporting: () => load("@apollo/utils.usagereporting") as typeof import("@apollo/utils.usagereporting"),
};
