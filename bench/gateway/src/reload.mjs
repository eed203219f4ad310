/** Latency while the supergraph file changes, beside latency while it does not. */
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { startGateway } from "./gateway.mjs";
import { prepareWorkload } from "./stage.mjs";
import { median } from "./statistics.mjs";
import { measureSteadily } from "./steady-load.mjs";
import { writeSection } from "./write-section.mjs";

const changes = 6;
const windowMs = 5_000;

/** Another field of a type that the load asks for. */
function addField(file, name) {
  const sdl = readFileSync(file, "utf8");
  writeFileSync(file, sdl.replace(/^type User\b[^{]*\{/m, `$&\n  ${name}: String @join__field(graph: ACCOUNTS)`));
}

export async function measureReload(stage, options) {
  const configuration =
    options.chosen.length === 1 ? options.chosen[0] : options.chosen.find(({ id }) => id === "router");
  const [workload] = options.workloads;
  const gateway = await startGateway(configuration, stage.files);
  const load = await measureSteadily(configuration, gateway, prepareWorkload(stage, workload));
  await pause(options.warmUpSeconds * 1_000);
  const quietFrom = Date.now();
  await pause(changes * windowMs);
  const changingFrom = Date.now();
  for (let change = 0; change < changes; change += 1) {
    addField(stage.files.supergraph, `added${change}`);
    process.stdout.write(`\r  change ${change + 1} of ${changes}`);
    await pause(windowMs);
  }
  await load.stop();
  await gateway.stop();
  const p99 = (from, to) =>
    load.windows.filter(({ endedAt }) => endedAt - windowMs >= from && endedAt <= to).map((window) => window.p99);
  const quiet = median(p99(quietFrom, changingFrom));
  const changing = Math.max(...p99(changingFrom, Date.now()));
  const text = `${configuration.label}, ${workload.title.toLowerCase()}: p99 ${quiet.toFixed(1)} ms, and ${changing.toFixed(1)} ms in the worst of ${changes} windows in which a type got another field (× ${(changing / quiet).toFixed(1)}).`;
  console.log(`\n${text}`);
  if (options.write) writeSection("reload", text);
}
