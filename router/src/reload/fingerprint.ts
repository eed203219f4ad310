/** Tells whether the content of files has changed. A file that was only touched, or written again as it was, has not. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";

interface Known {
  readonly state: string;
  readonly digest: string;
}

/** Equal answers mean equal contents. Files whose size, time and place are as they were are not read again. */
export function createFingerprint(): (files: readonly string[]) => Promise<string> {
  const known = new Map<string, Known>();

  async function digestOf(file: string): Promise<string> {
    // A missing file is a state like any other: it may be back with the content it had.
    const found = await stat(file).catch(() => null);
    if (found === null) return "missing";
    const state = `${found.ino} ${found.size} ${found.mtimeMs}`;
    const before = known.get(file);
    if (before?.state === state && isSettled(found.mtimeMs)) return before.digest;
    const content = await readFile(file).catch(() => null);
    const digest = content === null ? "unreadable" : createHash("sha256").update(content).digest("base64");
    known.set(file, { state, digest });
    return digest;
  }

  return async (files) => {
    const digests = await Promise.all(files.map(async (file) => `${file} ${await digestOf(file)}`));
    return digests.join("\n");
  };
}

/** Two writes within the resolution of a file system's clock have the same time. */
const isSettled = (mtimeMs: number): boolean => Date.now() - mtimeMs > 2_000;
