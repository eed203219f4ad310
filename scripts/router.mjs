/** `npm run router`: builds the router and what it needs, when they changed, then hands over to its command line. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildStale } from "./build.mjs";
import { Problem, root } from "./workspace.mjs";

try {
  await buildStale("@tessera/router");
  await import(pathToFileURL(join(root, "router/dist/cli/main.js")).href);
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
