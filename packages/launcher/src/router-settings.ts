/** What a router.yaml says, and what stays the launcher's to say. */
import { defaultTiers, openRouterFile, type RouterFile, type RouterOptions } from "@tessera/router";
import type { Closers } from "./closers.js";
import { explorerPage } from "./first-operations.js";
import { LaunchProblem } from "./problem.js";

/** @throws LaunchProblem when it cannot be read, ConfigProblem with everything that is wrong in it. */
export async function openRouterSettings(path: string | undefined, closers: Closers): Promise<RouterFile> {
  const file = await openRouterFile(path).catch((error: unknown) => {
    const { code, syscall } = error as NodeJS.ErrnoException;
    throw syscall ? new LaunchProblem(`The router's configuration ${path} cannot be read (${code}).`) : error;
  });
  return closers.add(file);
}

/** More operations at once would wait for the database longer than it lets anybody wait: see DATABASE_BUSY. */
const concurrentRequests = 100;

export interface Surroundings {
  readonly development: boolean;
  readonly demo: boolean;
  /** How another process reaches the database. */
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
}

type Decided = Omit<RouterOptions, "supergraphSdl" | "connections" | "telemetry">;

/** Every section of the file, with the defaults of the platform in place of those of the router by itself. */
export async function routerOptions(file: RouterFile, around: Surroundings): Promise<Decided> {
  // Cookies of sessions are for this path.
  const options = { ...(await file.options()), path: "/graphql" };
  const rateLimit = rateLimits(file, around);
  return {
    ...(around.demo && around.development ? { explorer: { defaultQuery: explorerPage } } : {}),
    ...options,
    limits: { concurrentRequests, ...options.limits },
    // A start for production is one, whatever a file says that was written for another one.
    development: around.development && (options.development ?? true),
    // Policies need data, so the modules decide those that nobody else does.
    authorization: { ...options.authorization, undecidedPolicies: "pass" },
    ...(rateLimit ? { rateLimit } : {}),
  };
}

/** In production everybody has limits, counted where all routers of the installation see it. */
function rateLimits(
  { config: { rateLimit } }: RouterFile,
  { development, databaseUrl, redisUrl }: Surroundings,
): RouterOptions["rateLimit"] {
  if (rateLimit === false || (rateLimit === undefined && development)) return undefined;
  // Logging in and renewing a session is anonymous, and many people share the address of an office.
  const anonymous = { perMinute: 100 };
  const shared = redisUrl === undefined ? sharedBy("postgres", databaseUrl) : sharedBy("redis", redisUrl);
  const { store = shared.store } = rateLimit ?? {};
  // Modules act for people whose requests have been counted; how much each of them does is limited as for a person.
  const tiers = { module: {}, ...(rateLimit?.tiers ?? defaultTiers) };
  const common = { anonymous, ...rateLimit, tiers };
  return store === shared.store ? { ...shared, ...common } : common;
}

const sharedBy = <Store extends "postgres" | "redis">(store: Store, url: string) => ({ store, url });
