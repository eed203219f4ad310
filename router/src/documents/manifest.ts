/** The operations that were published: the manifest that `@apollo/generate-persisted-query-manifest` writes. */
import { readFile } from "node:fs/promises";
import { stripIgnoredCharacters } from "graphql";

/** Published operations by id, and their texts without white space and comments. */
export interface Manifest {
  readonly texts: ReadonlyMap<string, string>;
  readonly bare: ReadonlySet<string>;
  /** Characters of the longest text. */
  readonly longest: number;
}

export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

interface PublishedOperation {
  readonly id: string;
  readonly body: string;
}

/** @throws ManifestError when a file cannot be read, is no manifest, or two give one id to different texts. */
export async function readManifest(files: readonly string[]): Promise<Manifest> {
  const texts = new Map<string, string>();
  for (const file of files) {
    for (const { id, body } of await operationsOf(file)) {
      const known = texts.get(id);
      if (known !== undefined && known !== body) throw new ManifestError(`${file} gives the id ${id} to another text.`);
      texts.set(id, body);
    }
  }
  const bare = new Set([...texts.values()].map(stripIgnoredCharacters));
  return { texts, bare, longest: Math.max(0, ...[...texts.values()].map(({ length }) => length)) };
}

/** Whether the text of an operation is one of those published, however it is laid out. */
export function isPublished({ bare, longest }: Manifest, text: string): boolean {
  // Nobody lays out an operation so wastefully; a huge text is not worth the look.
  if (text.length > 10 * longest + 1_000) return false;
  try {
    return bare.has(stripIgnoredCharacters(text));
  } catch {
    return false;
  }
}

async function operationsOf(file: string): Promise<PublishedOperation[]> {
  const content = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new ManifestError(`The manifest ${file} cannot be read.`, { cause });
  });
  const manifest = parsed(content, file);
  if (manifest?.format !== "apollo-persisted-query-manifest" || manifest.version !== 1) {
    throw new ManifestError(`${file} is no persisted query manifest of version 1.`);
  }
  const { operations } = manifest;
  if (!Array.isArray(operations)) throw new ManifestError(`${file} has no list of operations.`);
  return operations.map((one: Partial<PublishedOperation> | null, index) => {
    const isWhole = typeof one?.id === "string" && one.id !== "" && typeof one.body === "string";
    if (!isWhole || !isLexable(one.body))
      throw new ManifestError(`Operation ${index} of ${file} lacks an id or a body.`);
    return { id: one.id as string, body: one.body as string };
  });
}

function parsed(content: string, file: string): Record<string, unknown> | null {
  try {
    return JSON.parse(content) as Record<string, unknown> | null;
  } catch (cause) {
    throw new ManifestError(`${file} is not JSON.`, { cause });
  }
}

function isLexable(body: string | undefined): boolean {
  try {
    return body !== undefined && stripIgnoredCharacters(body) !== "";
  } catch {
    return false;
  }
}
