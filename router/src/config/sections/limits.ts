/** How large an operation may be, and what it may cost. */
import { choice, type Schema, section, whole } from "../schema-parts.js";

export interface LimitsConfig {
  readonly bodyBytes?: number;
  readonly tokens?: number;
  readonly depth?: number;
  readonly height?: number;
  readonly aliases?: number;
  readonly rootFields?: number;
  readonly directives?: number;
  readonly operationsPerSocket?: number;
}

const limit = (description: string, value: number) => whole({ description, default: value, minimum: 1 });

export const limitsSchema: Schema<LimitsConfig> = section<LimitsConfig>(
  { description: "How large one operation may be. More is refused before anything runs." },
  {
    bodyBytes: limit("Bytes of a request body, files apart.", 12 * 1024 * 1024),
    tokens: limit("Tokens of an operation's text.", 10_000),
    depth: limit("Levels of nested fields; introspection does not count.", 15),
    height: limit("Fields of one operation, fragments expanded.", 10_000),
    aliases: limit("Aliases of one operation, fragments expanded.", 100),
    rootFields: limit("Root fields of one operation, fragments expanded.", 50),
    directives: limit("Directives of one operation, fragments expanded.", 200),
    operationsPerSocket: limit("Operations that run at the same time on one WebSocket.", 100),
  },
);

export interface CostConfig {
  readonly mode?: "off" | "measure" | "enforce";
  readonly max?: number;
  readonly defaultListSize?: number;
  readonly budget?: CostBudgetConfig;
}

export interface CostBudgetConfig {
  readonly perClient: number;
  readonly windowSeconds: number;
}

export const costSchema: Schema<CostConfig> = section<CostConfig>(
  { description: "Demand control by @cost and @listSize." },
  {
    mode: choice(["off", "measure", "enforce"], {
      description: "measure counts and reports; enforce also refuses.",
      default: "off",
    }),
    max: whole({ description: "The most one operation may be estimated to cost.", default: 1_000, minimum: 1 }),
    defaultListSize: whole({ description: "Items of a list that has no @listSize.", default: 10 }),
    budget: section<CostBudgetConfig>(
      { description: "What one client may spend in a window of time.", required: ["perClient", "windowSeconds"] },
      {
        perClient: whole({ description: "Cost.", minimum: 1, examples: [100_000] }),
        windowSeconds: whole({ description: "Length of the window.", minimum: 1, examples: [60] }),
      },
    ),
  },
);
