/** Measures one supergraph in a process of its own, which never composed anything, and prints the figures as JSON. */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { startRouter } from "@tessera/router";
import { createTelemetry } from "@tessera/telemetry";
import { startPlanner } from "../../router/dist/planning/start-planner.js";
import { buildSupergraph } from "../../router/dist/supergraph/supergraph.js";
import { chain, wide } from "./schemas.mjs";

const count = Number(process.argv[2]);
const supergraphSdl = readFileSync(process.argv[3], "utf8");
const megabytes = (bytes) => Math.round(bytes / 1024 / 1024);
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Milliseconds the longest turn of this thread takes while `work` goes on. */
async function longestTurn(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // Only what comes after its first look is seen.
  await pause(20);
  const result = await work();
  await pause(5);
  delay.disable();
  return { result, blockedMs: Math.round(delay.max / 1e6) };
}

async function timed(work) {
  const start = performance.now();
  const result = await work();
  return { result, ms: Math.round((performance.now() - start) * 10) / 10 };
}

const read = await timed(() => buildSupergraph(supergraphSdl));

globalThis.gc?.();
const before = process.memoryUsage().rss;
const { result: started, blockedMs } = await longestTurn(() => timed(() => startPlanner({ supergraphSdl })));
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
const reload = await measureReload();

/** A type gets another field while the operations above are in use. Nobody answers: that costs the same before and after. */
async function measureReload() {
  const connections = Array.from({ length: count }, (_, at) => ({
    name: `module${at}`,
    execute: async () => ({ data: null, errors: [{ message: "Nothing here." }] }),
    subscribe: () => Promise.reject(new Error("No events here.")),
    close: async () => {},
  }));
  const router = await startRouter({
    ...{ supergraphSdl, connections, port: 0, host: "127.0.0.1" },
    verifier: { verify: () => Promise.reject(new Error("Nobody signs in here.")) },
    telemetry: createTelemetry({ service: "bench", level: "silent" }),
  });
  for (const textOf of Object.values(operations)) {
    await router.execute({ query: textOf("Used"), headers: {} });
  }
  const changed = supergraphSdl.replace(/^type Thing0\b[^{]*\{/m, "$&\n  added: String @join__field(graph: MODULE0)");
  const reloaded = await longestTurn(() => timed(() => router.reload({ supergraphSdl: changed, connections })));
  await router.close();
  return { ms: reloaded.result.ms, blockedMs: reloaded.blockedMs };
}

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
    blockedMs,
    reload,
    threadMB: megabytes(after - before),
    ...plans,
  }),
);
