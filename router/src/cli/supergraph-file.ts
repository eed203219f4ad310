/** A supergraph file, looked at before anything is built from it, so that a wrong one is named for what it is. */
import { readFile } from "node:fs/promises";
import { type ConstDirectiveNode, type DocumentNode, GraphQLError, Kind, parse } from "graphql";

export interface SupergraphFile {
  readonly sdl: string;
  /** In the order of the file. */
  readonly subgraphs: readonly SupergraphMember[];
}

export interface SupergraphMember {
  readonly name: string;
  /** Where composition was told it answers; may be empty. */
  readonly url: string;
}

/** The file is no supergraph the router can serve; the message says what it is and what to do. */
export class SupergraphProblem extends Error {
  readonly code = "SUPERGRAPH_INVALID";

  constructor(file: string, message: string) {
    super(`${file} ${message}`);
    this.name = "SupergraphProblem";
  }
}

/** @throws SupergraphProblem; an error of the file system when the file cannot be read. */
export async function readSupergraph(file: string): Promise<SupergraphFile> {
  const sdl = await readFile(file, "utf8");
  return { sdl, subgraphs: membersOf(file, sdl) };
}

/** @throws SupergraphProblem */
export function membersOf(file: string, sdl: string): SupergraphMember[] {
  const document = parsed(file, sdl);
  refuseOtherSchemas(file, document);
  const members = readMembers(document);
  if (members.length === 0) throw new SupergraphProblem(file, "names no subgraph: its enum join__Graph is empty.");
  return members;
}

function parsed(file: string, sdl: string): DocumentNode {
  if (sdl.trim() === "") throw new SupergraphProblem(file, "is empty. A supergraph is what composition writes.");
  if (/^\s*\{\s*"/.test(sdl)) {
    throw new SupergraphProblem(file, "is JSON. A supergraph is GraphQL text: compose one with rover or `compose`.");
  }
  try {
    return parse(sdl, { noLocation: true });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { line, column } = error.locations?.[0] ?? { line: 1, column: 1 };
    throw new SupergraphProblem(`${file}:${line}:${column}`, `is not GraphQL: ${error.message}`);
  }
}

const howToCompose = "Compose the subgraphs first: `rover supergraph compose --config supergraph.yaml`.";

function refuseOtherSchemas(file: string, document: DocumentNode): void {
  const links = linksOf(document);
  const join = links.find((url) => /^https:\/\/specs\.apollo\.dev\/join\//.test(url));
  if (join !== undefined && !/\/join\/v0\.[12]$/.test(join)) return;
  if (join !== undefined) {
    const say =
      "is a supergraph of Federation 1. Compose its subgraphs with Federation 2: they need no change for that.";
    throw new SupergraphProblem(file, say);
  }
  if (links.some((url) => /^https:\/\/specs\.apollo\.dev\/federation\//.test(url))) {
    throw new SupergraphProblem(file, `is the schema of one subgraph, not a supergraph. ${howToCompose}`);
  }
  if (document.definitions.some(isExtensionOrKeyed)) {
    throw new SupergraphProblem(
      file,
      `is the schema of one subgraph of Federation 1, not a supergraph. ${howToCompose}`,
    );
  }
  const isExecutable = document.definitions.every(({ kind }) => /^(Operation|Fragment)Definition$/.test(kind));
  const what = isExecutable ? "holds operations" : "is a plain schema without subgraphs";
  throw new SupergraphProblem(file, `${what}, not a supergraph. ${howToCompose}`);
}

/** Addresses of the specifications a schema links, by @link (Federation 2) or @core (Federation 1). */
function linksOf({ definitions }: DocumentNode): string[] {
  const schemas = definitions.filter(({ kind }) => kind === Kind.SCHEMA_DEFINITION || kind === Kind.SCHEMA_EXTENSION);
  const directives = schemas.flatMap((schema) => ("directives" in schema ? (schema.directives ?? []) : []));
  return directives
    .filter(({ name }) => name.value === "link" || name.value === "core")
    .flatMap((directive) => argument(directive as ConstDirectiveNode, ["url", "feature"]) ?? []);
}

function isExtensionOrKeyed(definition: DocumentNode["definitions"][number]): boolean {
  const directives = "directives" in definition ? (definition.directives ?? []) : [];
  return definition.kind === Kind.OBJECT_TYPE_EXTENSION || directives.some(({ name }) => name.value === "key");
}

function readMembers({ definitions }: DocumentNode): SupergraphMember[] {
  for (const definition of definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== "join__Graph") continue;
    return (definition.values ?? []).flatMap(({ directives = [] }) => {
      const graph = directives.find(({ name }) => name.value === "join__graph");
      const name = graph && argument(graph, ["name"]);
      return graph && name !== undefined ? [{ name, url: argument(graph, ["url"]) ?? "" }] : [];
    });
  }
  return [];
}

function argument(directive: ConstDirectiveNode, names: readonly string[]): string | undefined {
  const value = directive.arguments?.find(({ name }) => names.includes(name.value))?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}
