/** Memory of a process and everything it started: the sum of proportional set sizes, so shared pages count once. */
import { readdir, readFile } from "node:fs/promises";
import { round } from "./server.mjs";

const settleMs = 10_000;

/** Megabytes, after a pause in which nothing is asked of the server. Linux only. */
export async function memoryAtRest(pid) {
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const family = await descendants(pid);
  const sizes = await Promise.all(family.map(proportionalKilobytes));
  const node = sizes[0] ?? 0;
  return { total: round(sizes.reduce((sum, size) => sum + size, 0) / 1_024), node: round(node / 1_024) };
}

async function descendants(pid) {
  const parents = new Map();
  for (const entry of await readdir("/proc")) {
    const stat = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "") : "";
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (parent) parents.set(Number(entry), parent);
  }
  const family = [pid];
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child);
  return family;
}

async function proportionalKilobytes(pid) {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
}
