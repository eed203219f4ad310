/** Memory over time: one configuration under the load of each workload in turn, and a line through what it held. */

import { startGateway } from "./gateway.mjs";
import { residentMegabytes } from "./process-figures.mjs";
import { prepareWorkload } from "./stage.mjs";
import { slope } from "./statistics.mjs";
import { measureSteadily } from "./steady-load.mjs";
import { writeSection } from "./write-section.mjs";

const everyMs = 10_000;

export async function measureHour(stage, options) {
  const configuration =
    options.chosen.length === 1 ? options.chosen[0] : options.chosen.find(({ id }) => id === "router");
  const [workload] = options.workloads;
  const prepared = prepareWorkload(stage, workload);
  const gateway = await startGateway(configuration, stage.files);
  const load = await measureSteadily(configuration, gateway, prepared);
  const points = [];
  const began = Date.now();
  while (Date.now() - began < options.minutes * 60_000) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    points.push([(Date.now() - began) / 3_600_000, residentMegabytes(gateway.pid)]);
    process.stdout.write(
      `\r  ${minutes(points.at(-1)[0])} of ${options.minutes} min  ${points.at(-1)[1].toFixed(0)} MB   `,
    );
  }
  const answers = await load.stop();
  await gateway.stop();
  const text = describe(configuration, workload, points, answers);
  console.log(`\n${text}`);
  if (options.write) writeSection("hour", text);
}

const minutes = (hours) => (hours * 60).toFixed(1);

/** The first quarter, in which caches fill and code is compiled, is left out of the line. */
function describe(configuration, workload, points, answers) {
  const settled = points.slice(Math.floor(points.length / 4));
  const sizes = settled.map(([, size]) => size);
  return (
    `${configuration.label}, ${workload.title.toLowerCase()}, ${minutes(points.at(-1)[0])} minutes, ${answers.toLocaleString("en")} answers: ` +
    `${Math.min(...sizes).toFixed(0)}–${Math.max(...sizes).toFixed(0)} MB, ${slope(settled).toFixed(1)} MB an hour.`
  );
}
