/** The JSON Schema of router.yaml. `router.schema.json` is printed from it: `npm run router -- --print-schema`. */
import type { RouterConfig } from "./router-config.js";
import { type Schema, section, toggle } from "./schema-parts.js";
import { executionSchema, hooksSchema, overridesSchema } from "./sections/execution.js";
import { headersSchema } from "./sections/headers.js";
import { costSchema, limitsSchema } from "./sections/limits.js";
import { serverSchema } from "./sections/server.js";
import { subgraphsSchema } from "./sections/subgraphs.js";
import { supergraphSchema } from "./sections/supergraph.js";
import {
  batchingSchema,
  corsSchema,
  csrfSchema,
  explorerSchema,
  introspectionSchema,
  uploadsSchema,
} from "./sections/web.js";

export const routerSchema: Schema<RouterConfig> = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Configuration of the Tessera router",
  ...section<RouterConfig>(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write into the file
    { description: "router.yaml. Every key may be left out; ${env.NAME} and ${env.NAME:-default} expand in values." },
    {
      server: serverSchema,
      supergraph: supergraphSchema,
      development: toggle({
        description: "Introspection, the explorer, and cross-origin requests from Apollo Studio and localhost.",
        default: false,
      }),
      introspection: introspectionSchema,
      explorer: explorerSchema,
      cors: corsSchema,
      csrf: csrfSchema,
      batching: batchingSchema,
      uploads: uploadsSchema,
      limits: limitsSchema,
      cost: costSchema,
      headers: headersSchema,
      subgraphs: subgraphsSchema,
      execution: executionSchema,
      overrides: overridesSchema,
      hooks: hooksSchema,
    },
  ),
};

/** The text of router.schema.json. */
export function printSchema(): string {
  return `${JSON.stringify(routerSchema, null, 2)}\n`;
}
