/**
 * Measures the supergraph as a newcomer meets it, on this machine, and prints the figures bench/README.md quotes:
 * install to first answer, warm start, memory at rest, and a dashboard query that crosses three subgraphs under load.
 */
import { parseArgs } from "node:util";
import { measureInstall } from "./src/install.mjs";
import { measureLoad } from "./src/load.mjs";
import { memoryAtRest } from "./src/memory.mjs";
import { startServer } from "./src/server.mjs";

const { values: options } = parseArgs({
  options: {
    install: { type: "boolean", default: false },
    seconds: { type: "string", default: "20" },
    rate: { type: "string", default: "1000" },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  console.log(`Usage: npm run bench [-- options]
  --install          also clone the repository to an empty folder and time \`npm ci && npm start\` to the first answer
  --seconds <n>      how long each load phase lasts (default 20)
  --rate <n>         requests per second in the paced phase (default 1000)`);
  process.exit(0);
}

const figures = {};
if (options.install) figures.install = await measureInstall();

const cold = await startServer();
figures.firstStartSeconds = cold.seconds;
await cold.stop();
const warm = await startServer({ dataDir: cold.dataDir });
figures.warmStartSeconds = warm.seconds;
figures.memoryAtRestMB = await memoryAtRest(warm.pid);
figures.load = await measureLoad(warm.url, { seconds: Number(options.seconds), rate: Number(options.rate) });
figures.memoryAfterLoadMB = await memoryAtRest(warm.pid);
await warm.stop({ forget: true });
console.log(JSON.stringify(figures, null, 2));
