/** How operations are named, planned and run. */
import type { PersistedDocumentOptions } from "../../documents/persisted-documents.js";
import type { OverrideConfig } from "../../planning/overrides.js";
import type { ExecutionOptions, PlanStoreOptions, WarmUpOptions } from "../../supergraph/start-generation.js";
import {
  choice,
  either,
  file,
  list,
  named,
  number,
  type Schema,
  section,
  text,
  toggle,
  whole,
} from "../schema-parts.js";

type Planning = NonNullable<ExecutionOptions["planning"]>;

const planning = section<Planning>(
  { description: "Query planning, in threads of its own." },
  {
    workers: whole({ description: "Threads; 0 plans on the thread that answers requests.", default: 1, maximum: 64 }),
    timeoutMs: whole({ description: "Longest time one plan may take.", default: 10_000, minimum: 1 }),
    maxEvaluatedPlans: whole({ description: "Plans that are compared for one operation.", default: 1_000, minimum: 1 }),
    enableDefer: toggle({ description: "Answer @defer in parts.", default: true }),
    typeConditionedFetching: toggle({
      description: "Fetch for fragments on an interface apart by object type, where that saves fetches.",
      default: false,
    }),
    memoryMb: whole({
      description: "Memory of one thread; an operation that takes more fails.",
      default: 1_024,
      minimum: 64,
    }),
    maxWaiting: whole({ description: "Operations that may wait for a thread.", default: 1_000 }),
    cacheSize: whole({ description: "Plans this process keeps.", default: 1_000, minimum: 1 }),
    store: section<PlanStoreOptions>(
      {
        description:
          "Keeps plans for other routers and the next start. Whoever may write there decides what subgraphs are asked.",
        required: ["redisUrl"],
      },
      {
        redisUrl: text({
          description: "Where plans are kept.",
          // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write into the file
          examples: ["${env.REDIS_URL:-redis://localhost:6379}"],
        }),
        ttlSeconds: whole({
          description: "How long a plan is kept that nobody asks for.",
          default: 604_800,
          minimum: 1,
        }),
      },
    ),
    warmUp: section<WarmUpOptions>(
      { description: "What is planned and compiled before a supergraph serves." },
      {
        operations: whole({ description: "How many of the operations asked most.", default: 200 }),
        budgetMs: whole({ description: "Longest time that may take.", default: 20_000 }),
        published: toggle({
          description: "Also the operations of persistedDocuments.manifest, and at the start.",
          default: false,
        }),
      },
    ),
  },
);

export const executionSchema: Schema<ExecutionOptions> = section<ExecutionOptions>(
  { description: "How operations are planned and run." },
  {
    mergeFetches: toggle({ description: "Fetches of one moment from one subgraph travel together.", default: true }),
    shareInbound: toggle({
      description: "Equal queries of the same sender that run at the same moment are executed once.",
      default: true,
    }),
    recordingBytes: whole({
      description: "Memory for answers that need not be worked out again while subgraphs say the same; 0: none.",
      default: 16_777_216,
    }),
    planning,
  },
);

export const overridesSchema: Schema<OverrideConfig> = named(
  either([toggle({ description: "Always or never." }), number({ description: "Percent of requests.", maximum: 100 })], {
    description: "true, false, or the percentage of requests it is on for.",
    examples: [true, 25],
  }),
  {
    description: "Labels of @override(label:), and when they are on. Default: those of percent(…) say it.",
    examples: [{ "new-reviews": 25 }],
  },
);

export const persistedDocumentsSchema: Schema<PersistedDocumentOptions> = section<PersistedDocumentOptions>(
  { description: "Operations that a request only names." },
  {
    automatic: toggle({ description: "Clients may register texts under their SHA-256 (APQ).", default: true }),
    redisUrl: text({
      description: "Shares registered texts between routers. Default: each has its own.",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write into the file
      examples: ["${env.REDIS_URL:-redis://localhost:6379}"],
    }),
    ttlSeconds: whole({ description: "How long registered texts are kept.", default: 86_400, minimum: 1 }),
    manifest: either(
      [
        file({ description: "One file." }),
        list(file({ description: "A file." }), { description: "Several files.", minItems: 1 }),
      ],
      {
        description: "Published operations, as @apollo/generate-persisted-query-manifest writes them. Default: none.",
        examples: ["persisted-query-manifest.json"],
      },
    ),
    manifestPollMs: whole({ description: "How often these files are looked at; 0: never again.", default: 2_000 }),
    mode: choice(["off", "log", "prefer", "require"], {
      description:
        "off runs every text; log also logs each that was not published; prefer refuses those; require runs only ids.",
      default: "off",
    }),
    allowFreeForRoles: list(text({ description: "A role." }), {
      description: "Who may send any text in any mode. Default: nobody.",
      examples: [["developer"]],
    }),
  },
);

export const hooksSchema: Schema<string> = file({
  description: "A JavaScript module that default-exports RouterHooks, or a list of them.",
  examples: ["router-hooks.mjs"],
});
