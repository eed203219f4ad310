/** The folder a run leaves behind. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Evidence {
  readonly folder: string;
  /** One more line of `<name>.ndjson`. */
  note(name: string, facts: object): void;
  /** The whole of a file. */
  write(name: string, text: string): void;
}

export function openEvidence(parent: string, name: string): Evidence {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  return {
    folder,
    note: (file, facts) => appendFileSync(join(folder, `${file}.ndjson`), `${JSON.stringify(facts)}\n`),
    write: (file, text) => writeFileSync(join(folder, file), text),
  };
}
