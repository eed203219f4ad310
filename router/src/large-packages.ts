/** Packages that take many megabytes and that few routers need: loaded when they are first used. */
import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

export const largePackages = {
  redis: () => load("redis") as typeof import("redis"),
  postgres: () => load("postgres") as typeof import("postgres"),
  queryPlanner: () => load("@apollo/query-planner") as typeof import("@apollo/query-planner"),
  usageReporting: () => load("@apollo/utils.usagereporting") as typeof import("@apollo/utils.usagereporting"),
};
