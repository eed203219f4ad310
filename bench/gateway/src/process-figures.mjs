/** What Linux knows about a process and those it started. */
import { readdirSync, readFileSync } from "node:fs";

/** Of the kernel's clock, on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

const read = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

/** Fields of /proc/<pid>/stat after the name, which may itself hold spaces. */
const statOf = (pid) => {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
};

function family(pid) {
  const parents = readdirSync("/proc").flatMap((entry) =>
    /^\d+$/.test(entry) ? [[Number(entry), Number(statOf(entry)[1])]] : [],
  );
  const members = [pid];
  for (const member of members) for (const [child, parent] of parents) if (parent === member) members.push(child);
  return members;
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const status = (pid, name) =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(read(`/proc/${pid}/status`))?.[1] ?? 0);

/** Milliseconds on a CPU so far, in user and system mode, of all threads. */
export function cpuMilliseconds(pid) {
  return sum(
    family(pid).map((one) => (Number(statOf(one)[11] || 0) + Number(statOf(one)[12] || 0)) * (1_000 / ticksPerSecond)),
  );
}

/** Megabytes: the most the process has ever held, and what it holds now. */
export const peakMegabytes = (pid) => sum(family(pid).map((one) => status(one, "VmHWM"))) / 1_024;
export const residentMegabytes = (pid) => sum(family(pid).map((one) => status(one, "VmRSS"))) / 1_024;
