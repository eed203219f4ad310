/** Other people's processes, as Linux shows them. */
import { readdirSync, readFileSync } from "node:fs";

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

/** Direct children, oldest first. Empty where there is no /proc. */
export function childrenOf(pid: number): number[] {
  try {
    const all = readdirSync("/proc").map(Number).filter(Number.isInteger);
    return all.filter((one) => parentOf(one) === pid).sort((a, b) => a - b);
  } catch {
    return [];
  }
}

/** False when it is gone already. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
