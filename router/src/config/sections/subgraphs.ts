/** How subgraphs are reached, and how much of the router one of them may hold up. */
import { orFalse, type Schema, section, sectionWithNames, url, whole } from "../schema-parts.js";

export interface SubgraphConfig {
  readonly url?: string;
  readonly timeoutMs?: number;
  readonly retry?: RetryConfig | false;
}

export interface RetryConfig {
  readonly attempts?: number;
}

export interface SubgraphsConfig {
  readonly all?: SubgraphConfig;
  readonly [name: string]: SubgraphConfig | undefined;
}

const address = url({
  description: "Where the subgraph answers. Default: what composition wrote into the supergraph.",
  examples: ["http://users:4001/graphql"],
});

const subgraph = section<SubgraphConfig>(
  { description: "One subgraph." },
  {
    url: address,
    timeoutMs: whole({ description: "Longest time one request to it may take.", default: 10_000, minimum: 1 }),
    retry: orFalse(
      section<RetryConfig>(
        { description: "Repeats of queries that failed on the way." },
        { attempts: whole({ description: "Repeats of one query.", default: 1 }) },
      ),
      { description: "Repeats of queries that failed on the way; false: none." },
    ),
  },
);

export const subgraphsSchema: Schema<SubgraphsConfig> = sectionWithNames<SubgraphsConfig, SubgraphConfig>(
  { description: "How subgraphs are reached, by their names; what stands under all holds for each of them." },
  { all: subgraph },
  subgraph,
);
