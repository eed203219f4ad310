/** The secret all keys of an installation are derived from: made once, kept beside the data, readable by its owner only. */
import { randomBytes } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LaunchProblem } from "./problem.js";

const bytes = 32;

export async function installationSecret(dataDir: string): Promise<Buffer> {
  const file = join(dataDir, "secret");
  await createOnce(file);
  const text = (await readFile(file, "utf8")).trim();
  if (/^[0-9a-f]{64,}$/.test(text)) return Buffer.from(text, "hex");
  throw new LaunchProblem(
    `${file} is damaged: restore it from a backup, or delete it and start again, which logs everybody out and makes stored secrets unreadable.`,
  );
}

/** Whole or not at all, and by one of two starts at the same moment: a link appears at once and never replaces a file. */
async function createOnce(file: string): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, `${randomBytes(bytes).toString("hex")}\n`, { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
