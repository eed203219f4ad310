/** Ends a server as a power cut would: every process of it at once, none with a chance to tidy up. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

/**
 * SIGKILL to the process and to those it started. Where there is no /proc to find them in, SIGQUIT to the process, which
 * for PostgreSQL is an "immediate shutdown".
 */
export function killFamily(pid: number): void {
  if (!existsSync("/proc/self/stat")) return void process.kill(pid, "SIGQUIT");
  const all = readdirSync("/proc").map(Number).filter(Number.isInteger);
  for (const member of [pid, ...all.filter((one) => parentOf(one) === pid)]) kill(member);
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Counted after the command name, which may hold spaces.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself meanwhile.
  }
}
