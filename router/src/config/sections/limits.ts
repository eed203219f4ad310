/** How large an operation may be, and how many a client may send. */

import type { CostOptions } from "../../protection/cost/cost-control.js";
import { defaultLimits, type LimitOptions } from "../../protection/limits.js";
import type { RateLimitOptions, TierLimits } from "../../protection/rate-limiter.js";
import { choice, named, orFalse, type Schema, section, text, toggle, whole } from "../schema-parts.js";

const limit = (key: keyof LimitOptions, description: string) =>
  whole({ description, default: defaultLimits[key], minimum: 1 });

export const limitsSchema: Schema<Partial<LimitOptions>> = section<Partial<LimitOptions>>(
  { description: "How large one operation may be. More is refused before anything runs." },
  {
    bodyBytes: limit("bodyBytes", "Bytes of a request body, files apart."),
    tokens: limit("tokens", "Tokens of an operation's text."),
    depth: limit("depth", "Levels of nested fields; introspection does not count."),
    height: limit("height", "Fields of one operation, fragments expanded."),
    aliases: limit("aliases", "Aliases of one operation, fragments expanded."),
    rootFields: limit("rootFields", "Root fields of one operation, fragments expanded."),
    directives: limit("directives", "Directives of one operation, fragments expanded."),
    operationsPerSocket: limit("operationsPerSocket", "Operations that run at the same time on one WebSocket."),
    concurrentRequests: whole({
      description:
        "Operations that run at the same time, streams apart; more are refused at once (OVERLOADED). Default: any number.",
      minimum: 1,
      examples: [200],
    }),
  },
);

export const costSchema: Schema<CostOptions> = section<CostOptions>(
  { description: "Demand control by @cost and @listSize." },
  {
    mode: choice(["off", "measure", "enforce"], {
      description: "measure estimates and refuses nothing; enforce refuses what is too expensive.",
      default: "off",
    }),
    max: whole({ description: "The most one operation may be estimated to cost.", default: 1_000, minimum: 1 }),
    defaultListSize: whole({ description: "Items of a list that has no @listSize.", default: 10 }),
    budget: section<NonNullable<CostOptions["budget"]>>(
      {
        description: "What one client may spend in a window of time. Default: any amount.",
        required: ["perClient", "windowSeconds"],
      },
      {
        perClient: whole({ description: "Cost.", minimum: 1, examples: [100_000] }),
        windowSeconds: whole({ description: "Length of the window.", minimum: 1, examples: [60] }),
      },
    ),
    expose: toggle({
      description: "Tells clients in extensions.cost what their operation was estimated to cost, and what it did.",
      default: false,
    }),
  },
);

const rates = (description: string): Schema<TierLimits> =>
  section<TierLimits>(
    { description },
    {
      perHour: whole({ description: "Operations an hour. Default: as many as they like.", minimum: 1 }),
      perMinute: whole({ description: "Operations a minute. Default: as many as they like.", minimum: 1 }),
    },
  );

export const rateLimitSchema: Schema<RateLimitOptions | false> = orFalse(
  section<RateLimitOptions>(
    { description: "How many operations a tenant, a user and a network address may send. Default: any number." },
    {
      store: choice(["memory", "redis", "postgres"], {
        description: "Where is counted; memory counts for this process alone.",
        default: "memory",
      }),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write into the file
      url: text({ description: "Of Redis or PostgreSQL.", examples: ["${env.REDIS_URL:-redis://localhost:6379}"] }),
      tiers: named(rates("What all of a tenant may send together."), {
        description: "Limits of tenants, by tier. Default: free 100, pro 1,000 and enterprise 10,000 an hour.",
        examples: [{ free: { perHour: 100 }, pro: { perHour: 1_000 } }],
      }),
      tierFrom: text({ description: "The actor's attribute that names the tier of its tenant.", default: "tier" }),
      defaultTier: text({ description: "For tenants of no or an unknown tier.", default: "free" }),
      perUserPerMinute: whole({ description: "What one user or service may send.", default: 1_000, minimum: 1 }),
      anonymous: rates("What one network address may send without saying who it is. Default: as tier free."),
      failOpen: toggle({
        description: "While the store is away everybody passes; false refuses everybody (RATE_LIMIT_UNAVAILABLE).",
        default: true,
      }),
    },
  ),
  { description: "How many operations may be sent; false: any number. Default: any number." },
);
