/**
 * What planning costs at 10, 54 and 100 subgraphs: reading a supergraph, starting a planner, planning cold and warm,
 * taking over a change, memory.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { buildStale } from "../../scripts/build.mjs";
import { writeSection } from "../gateway/src/write-section.mjs";

const run = promisify(execFile);
const { values: options } = parseArgs({
  options: {
    sizes: { type: "string", default: "10,54,100" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  console.log(`Usage: npm run bench:planning [-- options]
  --sizes <list>   numbers of subgraphs (default 10,54,100)
  --write          puts the table into bench/README.md`);
  process.exit(0);
}

await buildStale("@tessera/router");
const columns = [
  ["subgraphs", ({ count }) => count],
  ["SDL kB", ({ sdlKB }) => sdlKB],
  ["compose ms", ({ composeMs }) => Math.round(composeMs)],
  ["read ms (main thread)", ({ readMs }) => Math.round(readMs)],
  ["start planner ms", ({ startMs }) => Math.round(startMs)],
  ["main thread blocked ms", ({ blockedMs }) => blockedMs],
  ["reload ms", ({ reload }) => Math.round(reload.ms)],
  ["main thread blocked by it ms", ({ reload }) => reload.blockedMs],
  ["thread MB", ({ threadMB }) => threadMB],
  ["chain cold/warm ms (fetches)", ({ chain }) => shown(chain)],
  ["wide cold/warm ms (fetches)", ({ wide }) => shown(wide)],
];

function shown({ coldMs, warmMs, fetches }) {
  return `${Math.round(coldMs)} / ${Math.round(warmMs)} (${fetches})`;
}

const lines = [];
function print(cells) {
  lines.push(`| ${cells.join(" | ")} |`);
  console.log(lines.at(-1));
}
print(columns.map(([title]) => title));
print(columns.map(() => "---:"));

async function figuresOf(script, ...parameters) {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await run(process.execPath, ["--expose-gc", file, ...parameters]);
  return JSON.parse(stdout);
}

const folder = mkdtempSync(join(tmpdir(), "bench-planning-"));
for (const size of options.sizes.split(",")) {
  const file = join(folder, `${size}.graphql`);
  const composed = await figuresOf("./compose.mjs", size, file);
  const measured = await figuresOf("./measure.mjs", size, file);
  print(columns.map(([, of]) => of({ ...composed, ...measured })));
}
rmSync(folder, { recursive: true, force: true });
if (options.write) writeSection("planning", lines.join("\n"), "bench");
