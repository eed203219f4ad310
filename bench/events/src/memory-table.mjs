/** Whether memory stays flat: the line through the samples of the second half, when everything is warm. */
import { median, slope } from "../../gateway/src/statistics.mjs";
import { writeSection } from "../../gateway/src/write-section.mjs";
import { runSubject } from "./subject-process.mjs";

const columns = [
  "",
  "events",
  "events/s",
  "heap MB at 25 / 50 / 75 / 100 %",
  "resident MB at 25 / 50 / 75 / 100 %",
  "heap growth, second half, kB per 100,000 events",
];

export async function measureMemory(stage, options) {
  const rows = [];
  for (const configuration of options.chosen) {
    process.stdout.write(`${configuration.label}, ${options.events.toLocaleString("en")} events … `);
    const { samples, seconds } = await runSubject(configuration, await stage.settings(), { events: options.events });
    console.log(`${seconds.toFixed(0)} s`);
    rows.push([configuration.label, options.events.toLocaleString("en"), ...cells(samples, options.events / seconds)]);
  }
  const head = [columns, columns.map((_, index) => (index === 0 ? "---" : "---:"))];
  const text = [...head, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
  console.log(`\n${text}`);
  if (options.write) writeSection("memory", text, "events");
}

function cells(samples, perSecond) {
  const quarters = [0.25, 0.5, 0.75, 1].map((share) => {
    const end = Math.ceil(samples.length * share);
    return samples.slice(Math.max(0, end - Math.ceil(samples.length / 8)), end);
  });
  const at = (column) => quarters.map((part) => Math.round(median(part.map((sample) => sample[column])))).join(" / ");
  const late = samples.slice(Math.floor(samples.length / 2)).map(([events, heap]) => [events, heap]);
  return [Math.round(perSecond).toLocaleString("en"), at(1), at(2), Math.round(slope(late) * 1_024 * 100_000)];
}
