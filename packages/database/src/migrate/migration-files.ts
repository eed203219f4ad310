/** Migration files of a module: `NNNN_<name>.sql`, applied in order, frozen once applied anywhere. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export interface Migration {
  /** File name without ".sql". */
  readonly name: string;
  readonly checksum: string;
  readonly statements: readonly string[];
}

export const breakpoint = "--> statement-breakpoint";
export const migrationFile = /^\d{4}_[a-z0-9][a-z0-9_-]*\.sql$/;

/** The migrations in a folder, oldest first; none when there is no such folder. */
export async function readMigrations(folder: URL | string): Promise<Migration[]> {
  const path = folder instanceof URL ? fileURLToPath(folder) : folder;
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return Promise.all(
    names
      .filter((name) => migrationFile.test(name))
      .sort()
      .map((name) => read(path, name)),
  );
}

async function read(folder: string, file: string): Promise<Migration> {
  // Git may check files out with other line ends; that does not change what they do.
  const text = (await readFile(`${folder}/${file}`, "utf8")).replaceAll("\r\n", "\n");
  return {
    name: file.slice(0, -".sql".length),
    checksum: createHash("sha256").update(text).digest("hex"),
    statements: text.split(breakpoint).filter((statement) => statement.trim() !== ""),
  };
}
