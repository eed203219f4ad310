/** Composition by Apollo's library, with errors a person can act on. */
import { type CompositionOptions, composeServices } from "@apollo/composition";
import { type ASTNode, type DocumentNode, GraphQLError, parse, Source } from "graphql";
import { coordinateAt } from "./coordinate-at.js";
import type { SubgraphSource } from "./supergraph-config.js";

/** What is wrong, and where. */
export interface CompositionProblem {
  readonly code: string;
  readonly message: string;
  /** Schema coordinate such as `Query.users`; `null` when the problem is not about one element. */
  readonly coordinate: string | null;
  readonly locations: readonly ProblemLocation[];
}

export interface ProblemLocation {
  readonly subgraph: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export interface CompositionResult {
  readonly supergraphSdl: string;
  /** What composes but deserves a look. */
  readonly hints: readonly CompositionProblem[];
}

/** Thrown with everything that is wrong; the message lists each problem with file, line and coordinate. */
export class CompositionFailed extends Error {
  readonly code = "COMPOSITION_FAILED";
  readonly problems: readonly CompositionProblem[];

  constructor(problems: readonly CompositionProblem[]) {
    super(`The subgraphs do not compose:\n${problems.map(describe).join("\n")}`);
    this.name = "CompositionFailed";
    this.problems = problems;
  }
}

/** A routing URL for subgraphs that have none: composition wants one, and it is never called. */
const nowhere = "http://localhost/graphql";

/** @throws CompositionFailed */
export function compose(subgraphs: readonly SubgraphSource[], options: CompositionOptions = {}): CompositionResult {
  const parsed = subgraphs.map(parseSource);
  const problems = parsed.flatMap((one) => ("problem" in one ? [one.problem] : []));
  if (problems.length > 0) throw new CompositionFailed(problems);
  const sources = parsed.flatMap((one) => ("document" in one ? [one] : []));

  const result = composeServices(
    sources.map(({ source, document }) => ({ name: source.name, url: source.url ?? nowhere, typeDefs: document })),
    options,
  );
  if (result.errors) throw new CompositionFailed(result.errors.map((error) => problemOf(error, sources)));
  return {
    supergraphSdl: result.supergraphSdl,
    hints: result.hints.map((hint) =>
      toProblem(hint.definition.code, hint.message, hint.nodes ?? [], sources, hint.coordinate),
    ),
  };
}

interface ParsedSource {
  readonly source: SubgraphSource;
  readonly document: DocumentNode;
}

function parseSource(source: SubgraphSource): ParsedSource | { readonly problem: CompositionProblem } {
  try {
    return { source, document: parse(new Source(source.sdl, source.file)) };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const [place = { line: 1, column: 1 }] = error.locations ?? [];
    const location = { subgraph: source.name, file: source.file, line: place.line, column: place.column };
    return { problem: { code: "INVALID_GRAPHQL", message: error.message, coordinate: null, locations: [location] } };
  }
}

function problemOf(error: GraphQLError, sources: readonly ParsedSource[]): CompositionProblem {
  const causes = (error.extensions.causes ?? []) as readonly GraphQLError[];
  const nodes = [error, ...causes].flatMap((one) => one.nodes ?? []);
  return toProblem(String(error.extensions.code ?? "INVALID_GRAPHQL"), error.message, nodes, sources);
}

function toProblem(
  code: string,
  message: string,
  nodes: readonly ASTNode[],
  sources: readonly ParsedSource[],
  coordinate?: string,
): CompositionProblem {
  const places = nodes.flatMap((node) => placeOf(node, sources));
  const found = places.find((place) => place.coordinate !== null)?.coordinate;
  return { code, message, coordinate: found ?? coordinate ?? null, locations: places.map((place) => place.location) };
}

function placeOf(node: ASTNode, sources: readonly ParsedSource[]) {
  const at = node.loc;
  const found = sources.find(({ document }) => document.loc?.source === at?.source);
  if (!at || !found) return [];
  const { line, column } = at.startToken;
  const location = { subgraph: found.source.name, file: found.source.file, line, column };
  return [{ location, coordinate: coordinateAt(found.document, at.start) }];
}

function describe(problem: CompositionProblem): string {
  const where = problem.locations.map(({ file, line, column }) => `\n      ${file}:${line}:${column}`).join("");
  const what = problem.coordinate === null ? "" : ` ${problem.coordinate}`;
  return `  ${problem.code}${what}: ${problem.message}${where}`;
}
