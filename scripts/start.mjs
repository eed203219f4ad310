/** `npm start`: builds what changed, then hands over to @tessera/launcher. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildStale } from "./build.mjs";
import { Problem, root } from "./workspace.mjs";

// Counted from the start of this process.
const since = Date.now() - process.uptime() * 1000;
const args = process.argv.slice(2);

function refuseOldNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Problem(`Tessera needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
}

function importBuilt(file) {
  return import(pathToFileURL(join(root, "packages/launcher/dist", file)).href);
}

// Handlers stay the same for the life of the process: exchanging them would lose a signal that is on its way. Until the
// launcher takes over, nothing is running that would have to be stopped.
let stop = () => process.exit(0);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop());

async function main() {
  refuseOldNode();
  const built = await buildStale();
  if (built > 0) console.log(`  Built ${built} packages`);
  if (args.includes("--help") || args.includes("-h")) {
    const { startHelp } = await importBuilt("settings.js");
    return console.log(startHelp.trim());
  }
  const { runFromTerminal } = await importBuilt("index.js");
  const onSignal = (handler) => {
    stop = handler;
  };
  await runFromTerminal({ args, env: process.env, root, since, onSignal });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
