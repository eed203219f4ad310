/** Rounds over all configurations, so that what else the machine does hits each of them alike. */
import { existsSync } from "node:fs";
import { measure } from "./measure.mjs";
import { prepareWorkload } from "./stage.mjs";
import { renderTable } from "./table.mjs";
import { writeSection } from "./write-section.mjs";

export async function compare(stage, options) {
  for (const workload of options.workloads) {
    const prepared = { ...prepareWorkload(stage, workload), ...options };
    console.log(`\n${workload.title}: request ${prepared.bytes.request} B, answer ${prepared.bytes.answer} B`);
    const results = await measureRounds(prepared, options);
    const table = renderTable(workload, prepared, results);
    console.log(`\n${table}`);
    if (options.write) writeSection(workload.id, table);
  }
}

/** @returns `{ configuration, rounds, problem }` for each; `problem` says why there are no rounds. */
async function measureRounds(stage, { chosen, rounds }) {
  const results = chosen.map((configuration) => ({ configuration, rounds: [], problem: absence(configuration) }));
  for (let round = 0; round < rounds; round += 1) {
    for (const result of results) {
      if (result.problem) continue;
      await measureOnce(stage, result, `round ${round + 1}/${rounds}`);
    }
  }
  return results;
}

async function measureOnce(stage, result, place) {
  const { configuration, rounds } = result;
  process.stdout.write(`  ${place}  ${configuration.id.padEnd(18)}`);
  try {
    const figures = await measure(configuration, stage);
    rounds.push(figures);
    console.log(
      `${figures.perSecond.toFixed(0).padStart(7)}/s  p99 ${figures.p99.toFixed(1)} ms  ` +
        `${figures.cpu.toFixed(3)} ms CPU  ${figures.calls.toFixed(2)} calls  ${figures.peak.toFixed(0)} MB  load ${(100 * figures.loadBusy).toFixed(0)} %`,
    );
  } catch (error) {
    result.problem = error.summary ?? "failed";
    console.log(`failed: ${error.message}`);
  }
}

function absence({ id, needs }) {
  if (existsSync(needs)) return null;
  return id.startsWith("router") ? "not built" : "could not be installed";
}
