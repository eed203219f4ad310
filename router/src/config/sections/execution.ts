/** How operations are planned and run. */
import { either, number, type Schema, section, text, toggle, whole } from "../schema-parts.js";

export interface ExecutionConfig {
  readonly mergeFetches?: boolean;
  readonly shareInbound?: boolean;
  readonly shareOutbound?: boolean;
  readonly planning?: PlanningConfig;
}

export interface PlanningConfig {
  readonly workers?: number;
  readonly timeoutMs?: number;
  readonly cacheSize?: number;
  readonly maxEvaluatedPlans?: number;
  readonly warmUp?: number;
}

export const executionSchema: Schema<ExecutionConfig> = section<ExecutionConfig>(
  { description: "How operations are planned and run." },
  {
    mergeFetches: toggle({
      description: "Send the entity fetches of one wave to one subgraph as one request.",
      default: true,
    }),
    shareInbound: toggle({
      description: "Run queries once that are equal in everything that counts, and are in flight at the same time.",
      default: false,
    }),
    shareOutbound: toggle({
      description: "Send equal queries to a subgraph once while one is in flight.",
      default: true,
    }),
    planning: section<PlanningConfig>(
      { description: "Query planning, in threads of its own." },
      {
        workers: whole({ description: "Threads.", default: 1, minimum: 1, maximum: 64 }),
        timeoutMs: whole({ description: "Longest time one plan may take.", default: 10_000, minimum: 1 }),
        cacheSize: whole({ description: "Plans that are kept.", default: 1_000, minimum: 1 }),
        maxEvaluatedPlans: whole({ description: "Plans that are compared for one operation.", default: 10_000 }),
        warmUp: whole({
          description: "Operations that are planned before a new supergraph takes over, the most used first.",
          default: 100,
        }),
      },
    ),
  },
);

const override = either(
  [toggle({ description: "Always or never." }), number({ description: "Percent of requests.", maximum: 100 })],
  { description: "true, false, or the percentage of requests it is on for.", examples: [true, 25] },
);

export const overridesSchema: Schema<Readonly<Record<string, boolean | number>>> = {
  type: "object",
  description: "Labels of @override(label:), and when they are on.",
  additionalProperties: override,
  examples: [{ "new-reviews": 25 }],
};

export const hooksSchema: Schema<string> = {
  ...text({
    description: "A module that default-exports RouterHooks, or a list of them.",
    examples: ["router-hooks.mjs"],
  }),
  isFile: true,
};
