/** Sections of a configuration about subgraphs that are not there. */
import type { Problem } from "./config-problem.js";
import { nearest } from "./did-you-mean.js";
import type { LoadedConfig } from "./load-config.js";

/** One problem for each; `known` are those the supergraph has. */
export function unknownSubgraphs({ config, problem }: LoadedConfig, known: readonly string[]): Problem[] {
  const sections = { subgraphs: config.subgraphs ?? {}, "headers.subgraphs": config.headers?.subgraphs ?? {} };
  return Object.entries(sections).flatMap(([section, entries]): Problem[] => {
    const unknown = Object.keys(entries).filter((name) => name !== "all" && !known.includes(name));
    return unknown.map((name) => problem([...section.split("."), name], unknownSubgraph(name, known), "key"));
  });
}

function unknownSubgraph(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const hint = meant === null ? `It has ${known.join(", ")}.` : `Did you mean "${meant}"?`;
  return `the supergraph has no such subgraph. ${hint}`;
}
