/** Measures one supergraph in a process of its own, which never composed anything, and prints the figures as JSON. */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { startPlanner } from "../../router/dist/planning/start-planner.js";
import { buildSupergraph } from "../../router/dist/supergraph/supergraph.js";
import { chain, wide } from "./schemas.mjs";

const count = Number(process.argv[2]);
const supergraphSdl = readFileSync(process.argv[3], "utf8");
const megabytes = (bytes) => Math.round(bytes / 1024 / 1024);
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function timed(work) {
  const start = performance.now();
  const result = await work();
  return { result, ms: Math.round((performance.now() - start) * 10) / 10 };
}

const read = await timed(() => buildSupergraph(supergraphSdl));

globalThis.gc?.();
const before = process.memoryUsage().rss;
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const started = await timed(() => startPlanner({ supergraphSdl }));
delay.disable();
const planner = started.result;
const after = process.memoryUsage().rss;

const operations = {
  chain: (name) => chain(Math.min(8, count - 1), name),
  wide: (name) => wide(Math.min(20, count), name),
};
const plans = {};
for (const [kind, textOf] of Object.entries(operations)) {
  const cold = await timed(() => planner.plan({ text: textOf("Cold"), overrides: [] }));
  const warm = [];
  for (let round = 0; round < 15; round++) {
    warm.push((await timed(() => planner.plan({ text: textOf(`Warm${round}`), overrides: [] }))).ms);
  }
  plans[kind] = { coldMs: cold.ms, warmMs: median(warm.slice(5)), fetches: fetchesIn(cold.result.plan.node) };
}
await planner.close();

function fetchesIn(node) {
  if (node.kind === "Fetch") return 1;
  return [node.node, ...(node.nodes ?? [])].filter(Boolean).reduce((sum, one) => sum + fetchesIn(one), 0);
}

console.log(
  JSON.stringify({
    count,
    sdlKB: Math.round(supergraphSdl.length / 1024),
    readMs: read.ms,
    startMs: started.ms,
    blockedMs: Math.round(delay.max / 1e6),
    threadMB: megabytes(after - before),
    ...plans,
  }),
);
