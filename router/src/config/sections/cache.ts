/** What is kept of the answers of subgraphs. */
import type { EntityCacheRule } from "../../caching/entity-cache.js";
import type { EntityCacheOptions } from "../../caching/open-entity-cache.js";
import { choice, named, type Schema, section, text, whole } from "../schema-parts.js";

export interface CacheConfig {
  readonly entities?: EntityCacheOptions;
}

const rule = section<EntityCacheRule>(
  { description: "How entities of this subgraph are kept." },
  {
    ttlSeconds: whole({
      description: "How long, where the subgraph sends no Cache-Control. Default: such entities are not kept.",
      minimum: 1,
    }),
    scope: choice(["public", "private"], {
      description: "public: the same for everybody who may ask for it. private: kept for each actor.",
      default: "private",
    }),
  },
);

export const cacheSchema: Schema<CacheConfig> = section<CacheConfig>(
  { description: "What is kept of the answers of subgraphs. Default: nothing." },
  {
    entities: section<EntityCacheOptions>(
      { description: "Entities, by type, key, selection and access.", required: ["subgraphs"] },
      {
        subgraphs: named(rule, {
          description: "Whose entities are kept; of subgraphs that are not named, none.",
          examples: [{ products: { ttlSeconds: 60, scope: "public" } }],
        }),
        redisUrl: text({
          description: "Shares the cache between routers. Default: it is in this process.",
          // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write into the file
          examples: ["${env.REDIS_URL:-redis://localhost:6379}"],
        }),
        maxBytes: whole({ description: "Room in this process.", default: 64 * 1024 * 1024, minimum: 1 }),
      },
    ),
  },
);
