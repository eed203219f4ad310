/** `npm test`: everything CI checks, on a bare machine. The last line is `N passed, N failed`. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildStale } from "./build.mjs";
import { step, stopRunning } from "./testing/steps.mjs";
import { runVitest } from "./testing/vitest-run.mjs";
import { listPackages, Problem, readJson, root, runScript } from "./workspace.mjs";

const help = `
Usage: npm test

Builds, generates types, checks types, style, import boundaries, supergraph.yaml and migrations, then runs every test of
every package against one throw-away PostgreSQL and one Redis. Redis comes from REDIS_URL, else from a redis-server or
valkey-server on the PATH, else it is installed with apt where that is allowed.

To run the tests of one package only: npx vitest run, in its folder.
`;

const node = process.execPath;
const script = (name) => join(root, "scripts", `${name}.mjs`);

/** Two lanes, since the smallest machine we support has two cores. @returns names of the checks that failed */
async function runChecks() {
  const lanes = [
    [["types", "turbo", ["run", "//#check-types", "--output-logs=errors-only"]]],
    [
      ["style", "biome", ["check", "."]],
      ["import boundaries", node, [script("lint-boundaries")]],
      ["supergraph.yaml", node, [script("supergraph"), "--check"]],
      ["composition", node, [script("compose")]],
      ["migrations", node, [script("migrations"), "--check"]],
    ],
  ];
  const failed = await Promise.all(lanes.map(runLane));
  return failed.flat();
}

async function runLane(lane) {
  const failed = [];
  for (const [name, command, args] of lane) if (!(await step(name, command, args))) failed.push(name);
  return failed;
}

function importBuilt(...path) {
  return import(pathToFileURL(join(root, ...path)).href);
}

/** One PostgreSQL and one Redis for all tests. @returns `{ env, stop }` */
async function startServers() {
  const { startTestRedis, startTestServer } = await importBuilt("packages/database/dist/testing/index.js");
  const database = await startTestServer();
  try {
    const redis = await startTestRedis();
    const stop = async () => void (await Promise.allSettled([redis.close(), database.stop()]));
    return { env: { TESSERA_TEST_DATABASE_URL: database.url, REDIS_URL: redis.url }, stop };
  } catch (error) {
    await database.stop();
    throw new Problem(error.message);
  }
}

const systemTests = ["@tessera/launcher", "@tessera/e2e", "scripts"];
const packageNames = () => listPackages().map((folder) => readJson(folder, "package.json").name);

/** The launcher's and the scripts' tests start whole systems, so nothing runs beside them. */
async function runTests() {
  const { env, stop } = await startServers();
  const onSignal = () => void stop().then(() => process.exit(130));
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    const packages = await runVitest(
      packageNames().filter((name) => !systemTests.includes(name)),
      env,
    );
    const systems = await runVitest(systemTests, env);
    return [packages, systems];
  } finally {
    await stop();
  }
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

async function main() {
  const since = performance.now();
  process.once("exit", stopRunning);
  console.log(`${readJson(root, "package.json").name}: built ${await buildStale()} packages`);
  const failedChecks = await runChecks();
  const results = await runTests();
  const minutes = ((performance.now() - since) / 60_000).toFixed(1);
  const passed = sum(results.map((result) => result.passed));
  const failed = sum(results.map((result) => result.failed)) + failedChecks.length;
  for (const problem of results.flatMap((result) => result.problems)) console.log(problem);
  if (failedChecks.length > 0) console.log(`Failed checks: ${failedChecks.join(", ")}. Each counts as one failure.`);
  console.log(`Done in ${minutes} minutes.`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await runScript(help, main);
