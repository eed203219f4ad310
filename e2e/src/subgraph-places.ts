/** A supergraph.yaml of one's own: the repository's subgraphs, at ports that are free and known. */
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type DocumentNode, Kind, parse } from "graphql";

export interface SubgraphPlace {
  readonly name: string;
  /** Where its process answers in the distributed topology; the router need not be asked. */
  readonly url: string;
  /** Its schema.graphql. */
  readonly file: string;
  readonly sdl: DocumentNode;
  /** Types that carry a `@key` there and can be asked for by it. */
  readonly keyed: readonly string[];
}

const config = fileURLToPath(new URL("../../supergraph.yaml", import.meta.url));

/** Writes the file into `folder`. */
export async function placeSubgraphs(folder: string): Promise<SubgraphPlace[]> {
  const places: SubgraphPlace[] = [];
  const text = await readFile(config, "utf8");
  const entry = /^ {2}([\w-]+):\n {4}routing_url: (\S+)\n {4}schema:\n {6}file: (\S+)$/gm;
  for (const [, name = "", , file = ""] of text.matchAll(entry)) {
    const path = resolve(dirname(config), file);
    const sdl = parse(await readFile(path, "utf8"));
    const url = `http://127.0.0.1:${await freePort()}/graphql`;
    places.push({ name, url, file: path, sdl, keyed: keyedTypes(sdl) });
  }
  const entries = places.map(
    ({ name, url, file }) => `  ${name}:\n    routing_url: ${url}\n    schema:\n      file: ${JSON.stringify(file)}\n`,
  );
  const head = text.split("subgraphs:\n")[0];
  await writeFile(join(folder, "supergraph.yaml"), `${head}subgraphs:\n${entries.join("")}`);
  return places;
}

function keyedTypes({ definitions }: DocumentNode): string[] {
  return definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return [];
    const keys = definition.directives?.filter(({ name }) => name.value === "key") ?? [];
    const unresolvable = keys.every((key) =>
      key.arguments?.some(
        ({ name, value }) => name.value === "resolvable" && "value" in value && value.value === false,
      ),
    );
    return keys.length > 0 && !unresolvable ? [definition.name.value] : [];
  });
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolvePort(typeof address === "object" && address ? address.port : 0));
    });
  });
}
