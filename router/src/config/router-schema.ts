/** The JSON Schema of router.yaml. `router.schema.json` is printed from it: `npm run router -- --print-schema`. */
import type { RouterConfig } from "./router-config.js";
import { choice, type Schema, section, toggle } from "./schema-parts.js";
import { cacheSchema } from "./sections/cache.js";
import { executionSchema, hooksSchema, overridesSchema, persistedDocumentsSchema } from "./sections/execution.js";
import { headersSchema } from "./sections/headers.js";
import { authenticationSchema, authorizationSchema } from "./sections/identity.js";
import { costSchema, limitsSchema, rateLimitSchema } from "./sections/limits.js";
import { serverSchema } from "./sections/server.js";
import { subgraphsSchema } from "./sections/subgraphs.js";
import { subscriptionsSchema } from "./sections/subscriptions.js";
import { supergraphSchema } from "./sections/supergraph.js";
import { telemetrySchema } from "./sections/telemetry.js";
import {
  batchingSchema,
  corsSchema,
  csrfSchema,
  explorerSchema,
  introspectionSchema,
  planEndpointSchema,
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
      planEndpoint: planEndpointSchema,
      explorer: explorerSchema,
      cors: corsSchema,
      csrf: csrfSchema,
      batching: batchingSchema,
      uploads: uploadsSchema,
      limits: limitsSchema,
      cost: costSchema,
      rateLimit: rateLimitSchema,
      authentication: authenticationSchema,
      authorization: authorizationSchema,
      persistedDocuments: persistedDocumentsSchema,
      headers: headersSchema,
      subgraphs: subgraphsSchema,
      execution: executionSchema,
      overrides: overridesSchema,
      subscriptions: subscriptionsSchema,
      cache: cacheSchema,
      telemetry: telemetrySchema,
      errors: choice(["asGiven", "uniform"], {
        description:
          "Errors of subgraphs as they came, or each with code, module, requestId, timestamp and details, and those " +
          "without a code masked and logged.",
        default: "asGiven",
      }),
      hooks: hooksSchema,
    },
  ),
};

/** The text of router.schema.json. */
export function printSchema(): string {
  return `${JSON.stringify(routerSchema, null, 2)}\n`;
}
