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

/**
 * The first quarter, in which caches fill and code is compiled, is left out. What is held goes up and down with the
 * collector, so the line is one through the lowest of every five minutes.
 */
function describe(configuration, workload, points, answers) {
  const settled = points.slice(Math.floor(points.length / 4));
  const sizes = settled.map(([, size]) => size);
  const lows = lowest(settled);
  return (
    `${configuration.label}, ${workload.title.toLowerCase()}, ${minutes(points.at(-1)[0])} minutes, ${answers.toLocaleString("en")} answers: ` +
    `${range(sizes)} MB, the lowest of every five minutes ${range(lows.map(([, size]) => size))} MB, ${slope(lows).toFixed(1)} MB an hour.`
  );
}

const range = (sizes) => `${Math.min(...sizes).toFixed(0)}–${Math.max(...sizes).toFixed(0)}`;

/** Of every five minutes; what is left at the end belongs to the last of them. */
function lowest(points) {
  const lows = new Map();
  const whole = Math.floor(points.at(-1)[0] * 12);
  for (const point of points) {
    const span = Math.min(Math.floor(point[0] * 12), whole - 1);
    if (!lows.has(span) || point[1] < lows.get(span)[1]) lows.set(span, point);
  }
  return [...lows.values()];
}
