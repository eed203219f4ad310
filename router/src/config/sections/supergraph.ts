/** Which supergraph is served, and whether its file is watched. */
import { file, type Schema, section, toggle, whole } from "../schema-parts.js";

export interface SupergraphSource {
  readonly file?: string;
  readonly watch?: boolean;
  readonly pollMs?: number;
}

export const supergraphSchema: Schema<SupergraphSource> = section<SupergraphSource>(
  { description: "Which supergraph is served. --supergraph on the command line comes first." },
  {
    file: file({ description: "The supergraph schema that composition wrote.", examples: ["supergraph.graphql"] }),
    watch: toggle({
      description: "Take a changed supergraph or configuration file over without a restart.",
      default: true,
    }),
    pollMs: whole({
      description: "How often the files are looked at where the file system does not tell of changes.",
      default: 2_000,
      minimum: 100,
    }),
  },
);
