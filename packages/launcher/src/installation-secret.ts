/** The secret all keys of an installation are derived from: made once, kept beside the data, readable by its owner only. */
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LaunchProblem } from "./problem.js";

const bytes = 32;

export async function installationSecret(dataDir: string): Promise<Buffer> {
  const file = join(dataDir, "secret");
  // "wx" fails when the file exists, so two starts at the same moment agree on one secret.
  await writeFile(file, `${randomBytes(bytes).toString("hex")}\n`, { mode: 0o600, flag: "wx" }).catch(unlessItExists);
  const text = (await readFile(file, "utf8")).trim();
  if (/^[0-9a-f]{64,}$/.test(text)) return Buffer.from(text, "hex");
  throw new LaunchProblem(
    `${file} is damaged: restore it from a backup, or delete it and start again, which logs everybody out and makes stored secrets unreadable.`,
  );
}

function unlessItExists(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
