/** What is open beside the supergraph. A new configuration opens anew what it changes, and takes over everything else. */
import { isDeepStrictEqual } from "node:util";
import { type EntityCache, openEntityCache } from "../caching/open-entity-cache.js";
import { createPersistedDocuments, type PersistedDocuments } from "../documents/persisted-documents.js";
import { createObserver, type RouterObserver } from "../observability/observer.js";
import type { RouterReadings } from "../observability/router-metrics.js";
import type { RouterOptions } from "../options.js";
import { openStore } from "../protection/rate-limiter.js";
import type { WindowStore } from "../protection/windows.js";

export interface GraphParts {
  readonly observer: RouterObserver;
  readonly documents: PersistedDocuments;
  readonly entityCache: EntityCache | null;
  /** Where requests are counted; `null` when nobody is counted. */
  readonly counters: WindowStore | null;
  /** What clients have spent; `null` when they may spend anything. */
  readonly budgets: WindowStore | null;
}

type Closable = { close(): unknown };
type KeptName = Exclude<keyof GraphParts, "observer">;

/** Everything a part is made of: where this is equal, the part goes on with what it knows. */
const madeOf: { readonly [Name in KeptName]: (options: RouterOptions) => unknown } = {
  documents: ({ persistedDocuments = {} }) => persistedDocuments,
  entityCache: ({ entityCache }) => entityCache,
  counters: ({ rateLimit }) => rateLimit && [rateLimit.store, rateLimit.url],
  budgets: ({ cost, rateLimit }) => cost?.budget && [cost.budget, rateLimit?.store, rateLimit?.url],
};

export interface PartsBefore {
  readonly options: RouterOptions;
  readonly parts: GraphParts;
}

/** @throws what is wrong with a section; nothing is left open then. */
export async function openParts(
  options: RouterOptions,
  readings: RouterReadings,
  before?: PartsBefore,
): Promise<GraphParts> {
  const { telemetry, supergraphSdl, persistedDocuments = {}, entityCache, rateLimit, cost } = options;
  const { log } = telemetry;
  const opened: Closable[] = [];

  async function part<Name extends KeptName>(
    name: Name,
    open: () => GraphParts[Name] | Promise<GraphParts[Name]>,
  ): Promise<GraphParts[Name]> {
    if (before && isDeepStrictEqual(madeOf[name](before.options), madeOf[name](options))) return before.parts[name];
    const part = await open();
    if (part) opened.push(part);
    return part;
  }

  try {
    return {
      documents: await part("documents", () => createPersistedDocuments(persistedDocuments, { log })),
      entityCache: await part("entityCache", () => (entityCache ? openEntityCache(entityCache, { log }) : null)),
      counters: await part("counters", () => (rateLimit ? openStore(rateLimit) : null)),
      budgets: await part("budgets", () => (cost?.budget ? openStore(rateLimit ?? {}) : null)),
      // The last one: it begins to report.
      observer: await createObserver({
        ...{ config: options.observability ?? {}, telemetry, supergraphSdl, readings },
        before: before?.parts.observer,
      }),
    };
  } catch (error) {
    await Promise.allSettled(opened.map((part) => part.close()));
    throw error;
  }
}

/** Closes what the others have not taken over. Without others: everything. */
export async function closeParts(parts: GraphParts, others?: GraphParts): Promise<void> {
  const { observer, ...kept } = parts;
  const left = (Object.keys(kept) as KeptName[]).map((name) => (others?.[name] === kept[name] ? null : kept[name]));
  await Promise.all([
    others ? observer.closeBefore(others.observer) : observer.close(),
    ...left.map((part) => part?.close()),
  ]);
}
