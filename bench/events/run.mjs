/**
 * Measures the event backbone beside BullMQ and pg-boss on the same work: the same payloads and the same effect in the same
 * PostgreSQL, exactly once by the same kind of mark. bench/README.md says how, and holds the tables of a full run.
 */
import { buildStale } from "../../scripts/build.mjs";
import { readOptions } from "./src/options.mjs";

const options = readOptions(process.argv.slice(2));
if (options) {
  await buildStale();
  const { compare } = await import("./src/compare.mjs");
  const { installPeers } = await import("./src/install-peers.mjs");
  const { measureMemory } = await import("./src/memory-table.mjs");
  const { setStage } = await import("./src/stage.mjs");
  const needed = (what) => options.chosen.some(({ needs = [] }) => needs.includes(what));
  const missing = new Set(needed("peers") && !installPeers() ? ["peers"] : []);
  const stage = await setStage();
  if (!stage.hasRedis) missing.add("redis");
  const chosen = options.chosen.filter(({ needs = [] }) => !needs.some((need) => missing.has(need)));
  for (const { label } of options.chosen.filter((one) => !chosen.includes(one))) console.log(`Left out: ${label}`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  try {
    await { compare, million: measureMemory }[options.mode](stage, { ...options, chosen });
  } finally {
    await stage.strike();
  }
}
