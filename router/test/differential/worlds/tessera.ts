/** Tessera's own subgraphs, as supergraph.yaml names them, without who may see what. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Kind, parse, print, visit } from "graphql";
import { parse as parseYaml } from "yaml";
import type { WorldSource } from "../world.js";

const file = fileURLToPath(new URL("../../../../supergraph.yaml", import.meta.url));
const config = parseYaml(readFileSync(file, "utf8")) as { subgraphs: Record<string, { schema: { file: string } }> };

const access = new Set(["authenticated", "requiresScopes", "policy", "public"]);

function withoutAccess(sdl: string): string {
  const document = visit(parse(sdl), {
    Directive: (node) => (access.has(node.name.value) ? null : undefined),
    // Every world links federation by itself.
    SchemaExtension: () => null,
    ObjectTypeDefinition: (node) =>
      node.name.value === "Subscription" || node.name.value === "Mutation" ? null : undefined,
    ObjectTypeExtension: (node) =>
      node.name.value === "Subscription" || node.name.value === "Mutation" ? null : undefined,
  });
  return print({ kind: Kind.DOCUMENT, definitions: document.definitions });
}

const read = (path: string) => withoutAccess(readFileSync(resolve(dirname(file), path), "utf8"));

export const tessera: WorldSource = {
  name: "Tessera's own subgraphs",
  subgraphs: Object.fromEntries(
    Object.entries(config.subgraphs).map(([name, { schema }]) => [name, read(schema.file)]),
  ),
};
