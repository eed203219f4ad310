/** Whether a process is still the one that was meant: process ids are used again. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Something that differs between two processes with the same id; null where the system does not tell. */
export async function startedAt(pid: number): Promise<string | null> {
  if (process.platform === "linux") {
    const facts = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
    // Field 22 (start time in clock ticks since boot), counted after the command name, which may hold spaces.
    return facts?.slice(facts.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  }
  return run("ps", ["-o", "lstart=", "-p", String(pid)]).then(
    ({ stdout }) => stdout.trim() || null,
    () => null,
  );
}

/** Whether the process that started at `since` still runs under `pid`. */
export async function isRunning(pid: number, since: string | null): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const start = await startedAt(pid);
  return since === null || start === null || start === since;
}

/** Whether `pid` is a PostgreSQL server. When the system does not tell, it is taken for one. */
export async function isPostgres(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === "linux") {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return command === "" || command.includes("postgres");
  }
  return run("ps", ["-o", "command=", "-p", String(pid)]).then(
    ({ stdout }) => stdout.includes("postgres"),
    () => true,
  );
}
