/** `npm run demo:journey`: from activity data to a live dashboard, on a running server or on one of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildStale } from "./build.mjs";
import { Problem, root, runScript } from "./workspace.mjs";

const help = `
Usage: npm run demo:journey [-- --url <http://host:port> | --distributed]

Logs in as the demo sustainability manager, imports site activity data of 2024, prints the inventory, compares it with the
published figures, and waits for the live update of the dashboard. Uses the server at --url, else the one that answers at
http://localhost:4000 (or PORT), else starts one of its own, which it stops and forgets afterwards.

  --distributed   start one of its own with a process per subgraph
`;

const file = join(root, "subgraphs/esg/ghg-calculator/demo/site-activity-2024.csv");

async function answers(url) {
  const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
  return response?.ok ?? false;
}

async function findServer(args) {
  const index = args.indexOf("--url");
  if (index >= 0) {
    const url = (args[index + 1] ?? "").replace(/\/(graphql\/?)?$/, "");
    if (await answers(url)) return url;
    throw new Problem(`No server is ready at ${url || "(nothing)"}: start one with npm start, or leave --url out.`);
  }
  const local = `http://localhost:${process.env.PORT || 4000}`;
  return !args.includes("--distributed") && (await answers(local)) ? local : null;
}

async function startOwn({ launch, readSettings }, args) {
  const dataDir = mkdtempSync(join(tmpdir(), "tessera-journey-"));
  const flags = args.includes("--distributed") ? ["--distributed"] : [];
  const env = {
    ...process.env,
    PORT: "0",
    HOST: "127.0.0.1",
    TESSERA_DATA_DIR: dataDir,
    TESSERA_SUBGRAPH_PORTS: "any",
  };
  process.env.LOG_LEVEL ??= "error";
  console.log("No server is running, so the journey starts one of its own.");
  const running = await launch({ ...readSettings(flags, env, root), onProgress: (line) => console.log(`  ${line}`) });
  const stop = () => running.close().finally(() => rmSync(dataDir, { recursive: true, force: true }));
  process.once("SIGINT", () => void stop().then(() => process.exit(130)));
  return { url: running.url, stop };
}

async function main(args) {
  await buildStale();
  const launcher = await import(pathToFileURL(join(root, "packages/launcher/dist/index.js")).href);
  const found = await findServer(args);
  const server = found ? { url: found, stop: async () => {} } : await startOwn(launcher, args);
  try {
    await launcher.runJourney({ url: server.url, file, print: (line) => console.log(line) });
  } catch (error) {
    throw error.name === "JourneyFailed" ? new Problem(`The journey failed: ${error.message}`) : error;
  } finally {
    await server.stop();
  }
}

await runScript(help, main);
