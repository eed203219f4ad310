/** Each socket is an open file. Node.js raises the soft limit to the hard one by itself; only the hard one can be too low. */
import { readFileSync } from "node:fs";

/** @returns what to do when this process may not open as many files, else null. Linux only; elsewhere null. */
export function tooFewOpenFiles(wanted) {
  const hard = hardLimit();
  if (hard === null || hard >= wanted) return null;
  return `This needs ${wanted.toLocaleString("en")} open files in one process; at most ${hard.toLocaleString("en")} are allowed.
Raise the limit, then start again from a new shell:
  ulimit -Hn ${wanted}            as root, for this shell and what it starts
  /etc/security/limits.conf       "* hard nofile ${wanted}" for people who log in
  LimitNOFILE=${wanted}           in the unit of a systemd service
  --ulimit nofile=${wanted}       for a container
or ask for fewer clients: npm run bench:sockets -- --clients ${Math.max(100, Math.floor((hard - 1_000) / 1_000) * 1_000)}`;
}

function hardLimit() {
  try {
    const line = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    return line?.[1] === "unlimited" ? Number.POSITIVE_INFINITY : Number(line?.[1]);
  } catch {
    return null;
  }
}
