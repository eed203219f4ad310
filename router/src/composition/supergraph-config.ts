/**
 * `supergraph.yaml` in the format of rover's `supergraph compose`, so that Apollo's tools read the same file:
 * https://www.apollographql.com/docs/rover/commands/supergraphs#yaml-configuration-file
 */
import { readFile, writeFile } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { parseDocument, stringify } from "yaml";

/** One subgraph schema and where it came from. */
export interface SubgraphSource {
  readonly name: string;
  readonly sdl: string;
  /** Absolute path of the SDL file; errors name it. */
  readonly file: string;
  /** Where the subgraph answers when it runs in a process of its own. */
  readonly url?: string;
}

export interface SupergraphConfig {
  /** Such as `=2.14.4`; `null` when the file does not say. */
  readonly federationVersion: string | null;
  readonly subgraphs: readonly SubgraphSource[];
}

/** Thrown for a file that cannot be read as a supergraph config; says where and what to write instead. */
export class SupergraphConfigError extends Error {
  readonly code = "SUPERGRAPH_CONFIG_INVALID";

  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.name = "SupergraphConfigError";
  }
}

/** Reads the config and every schema file it names; their paths are relative to the config. */
export async function readSupergraphConfig(path: string): Promise<SupergraphConfig> {
  const document = parseDocument(await readFile(path, "utf8"));
  const [broken] = document.errors;
  if (broken) throw new SupergraphConfigError(path, broken.message);
  const content: unknown = document.toJS();
  if (!isRecord(content) || !isRecord(content.subgraphs)) {
    throw new SupergraphConfigError(path, "it has no `subgraphs:` with one entry per subgraph");
  }
  const entries = Object.entries(content.subgraphs);
  const subgraphs = await Promise.all(entries.map(([name, entry]) => readEntry(path, name, entry)));
  return { federationVersion: text(content.federation_version) ?? null, subgraphs };
}

async function readEntry(path: string, name: string, entry: unknown): Promise<SubgraphSource> {
  const schema = isRecord(entry) && isRecord(entry.schema) ? entry.schema : {};
  const url = isRecord(entry) ? text(entry.routing_url) : undefined;
  const from = text(schema.file);
  const inline = text(schema.sdl);
  if (inline !== undefined) return { name, sdl: inline, file: path, ...(url ? { url } : {}) };
  if (from === undefined) {
    throw new SupergraphConfigError(path, `subgraph ${name} needs \`schema: { file: … }\` or \`schema: { sdl: … }\``);
  }
  const file = resolve(dirname(path), from);
  const sdl = await readFile(file, "utf8").catch(() => {
    throw new SupergraphConfigError(path, `the schema of subgraph ${name} is not at ${file}`);
  });
  return { name, sdl, file, ...(url ? { url } : {}) };
}

/**
 * Writes the config with subgraphs in the order of their names. `changed` tells whether the file differed; with
 * `check` it is only compared, never written.
 */
export async function writeSupergraphConfig(
  path: string,
  config: {
    readonly federationVersion: string;
    readonly subgraphs: readonly Pick<SubgraphSource, "name" | "file" | "url">[];
  },
  options: { readonly check?: boolean; readonly comment?: string } = {},
): Promise<{ readonly changed: boolean }> {
  const inOrder = [...config.subgraphs].sort((a, b) => (a.name < b.name ? -1 : 1));
  const subgraphs = Object.fromEntries(
    inOrder.map(({ name, file, url }) => [
      name,
      { ...(url ? { routing_url: url } : {}), schema: { file: pathFrom(dirname(path), file) } },
    ]),
  );
  const comment = options.comment ? `# ${options.comment}\n` : "";
  const wanted = comment + stringify({ federation_version: config.federationVersion, subgraphs });
  const present = await readFile(path, "utf8").catch(() => null);
  if (present !== wanted && !options.check) await writeFile(path, wanted);
  return { changed: present !== wanted };
}

function pathFrom(folder: string, file: string): string {
  return `./${relative(folder, resolve(file)).split(sep).join("/")}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
