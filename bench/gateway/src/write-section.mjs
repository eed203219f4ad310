/** Puts a table into bench/README.md, between the comments that carry its name. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { folder } from "./configurations.mjs";

const readme = join(folder, "..", "README.md");

export function writeSection(name, content, bench = "gateway") {
  const text = readFileSync(readme, "utf8");
  const [begin, end] = [`<!-- ${bench} ${name}: begin -->`, `<!-- ${bench} ${name}: end -->`];
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`bench/README.md has no place for "${name}".`);
  const machine = `Measured on ${cpus()[0].model.trim()}, Node.js ${process.versions.node}.`;
  writeFileSync(readme, `${before}${begin}\n${content}\n\n${machine}\n${end}${after}`);
}
