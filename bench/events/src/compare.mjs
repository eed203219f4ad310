/** Measures every configuration in each round, one after another, since shared machines drift between rounds. */
import { writeSection } from "../../gateway/src/write-section.mjs";
import { runSubject } from "./subject-process.mjs";
import { renderTables } from "./table.mjs";

export async function compare(stage, options) {
  const results = options.chosen.map((configuration) => ({ configuration, rounds: [], problem: null }));
  for (let round = 0; round < options.rounds; round++) {
    for (const result of results) {
      if (!result.problem) await measureOne(stage, options, round, result);
    }
  }
  const text = renderTables(options, results);
  console.log(`\n${text}`);
  if (options.write) writeSection("compare", text, "events");
}

async function measureOne(stage, options, round, result) {
  const { label } = result.configuration;
  process.stdout.write(`round ${round + 1} of ${options.rounds}  ${label} … `);
  const began = performance.now();
  try {
    const { sizes, profile } = options;
    result.rounds[round] = await runSubject(result.configuration, await stage.settings(), { sizes, profile });
    const { latency, endToEnd } = result.rounds[round];
    const seconds = ((performance.now() - began) / 1_000).toFixed(0);
    console.log(`p95 ${latency.p95.toFixed(1)} ms, ${Math.round(endToEnd.perSecond)}/s end to end (${seconds} s)`);
  } catch (error) {
    result.problem = error.message.split("\n")[0];
    console.log(error.message);
  }
}
