/**
 * Keeps entities that subgraphs answered with, by type, key, selection, variables and the rights of whoever asked. A
 * layer around the calls of the executor: what is kept is not asked for again, and the answer looks as if it had been.
 */
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { toJson } from "../request/json-text.js";
import type { CachePolicy, RequestContext } from "../request/request-context.js";
import type { CallSubgraph, SubgraphAnswer, SubgraphCall } from "../subgraphs/subgraph-call.js";
import { TextList } from "../subgraphs/text-list.js";
import { type Body, readBody } from "./entity-body.js";
import type { EntityGroup, EntityStore, KeptEntity, Lookup } from "./entity-store.js";
import { notePolicy } from "./settle-policy.js";

/** How entities of one subgraph are kept. */
export interface EntityCacheRule {
  /** How long entities are kept when the subgraph sends no `Cache-Control`. Without it such entities are not kept. */
  readonly ttlSeconds?: number;
  /** `public`: the same for everybody who may ask for it. Default `private`: kept for each actor. */
  readonly scope?: "public" | "private";
}

export interface EntityCacheParts {
  readonly store: EntityStore;
  readonly rules: ReadonlyMap<string, EntityCacheRule>;
  /** Everything an answer to this actor may depend on, or of public entities, to anybody. */
  readonly rightsOf: (context: RequestContext, subgraph: string, scope: "public" | "private") => string;
  /** Counts lookups. */
  readonly onLookup?: (subgraph: string, hits: number, misses: number) => void;
}

/** A mutation outdates what is kept of its subgraph for the same tenant, also when it fails: it may have done something. */
export function withEntityCache(call: CallSubgraph, parts: EntityCacheParts): CallSubgraph {
  return (asked) => {
    const { entities, kind, subgraph } = asked.operation;
    const rule = parts.rules.get(subgraph);
    if (!rule || kind === "subscription") return call(asked);
    if (kind === "mutation") return mutate(asked, rule, { call, store: parts.store });
    return entities.length > 0 ? new CachedCall(asked, rule, parts).run(call) : call(asked);
  };
}

async function mutate(
  asked: SubgraphCall,
  rule: EntityCacheRule,
  { call, store }: { readonly call: CallSubgraph; readonly store: EntityStore },
): Promise<SubgraphAnswer> {
  try {
    return await call(asked);
  } finally {
    await store.invalidate(groupOf(asked, rule));
  }
}

/** What is the same for everybody belongs to no tenant. */
function groupOf({ operation: { subgraph }, context }: SubgraphCall, { scope }: EntityCacheRule): EntityGroup {
  return { subgraph, tenantId: scope === "public" ? null : (context.facts.actor?.tenantId ?? null) };
}

/** Where one representation of the call gets its entity from. */
interface Slot {
  readonly key: string;
  readonly kept: KeptEntity | undefined;
}

class CachedCall {
  readonly #asked: SubgraphCall;
  /** Of each `_entities` field the representations, one by one. */
  readonly #single: readonly (readonly unknown[])[];
  readonly #rule: EntityCacheRule;
  readonly #parts: EntityCacheParts;
  readonly #group: EntityGroup;

  constructor(asked: SubgraphCall, rule: EntityCacheRule, parts: EntityCacheParts) {
    this.#asked = asked;
    this.#single = asked.representations.map((one) => (one instanceof TextList ? one.toArray() : one));
    this.#rule = rule;
    this.#parts = parts;
    this.#group = groupOf(asked, rule);
  }

  async run(call: CallSubgraph): Promise<SubgraphAnswer> {
    const { store, onLookup } = this.#parts;
    const keys = this.#keys();
    const all = keys.flat();
    const lookup = await store.get(this.#group, all);
    const slots = slotsOf(keys, lookup.found);
    const missing = this.#single.map((one, group) => one.filter((_, at) => !slots[group]?.[at]?.kept));
    const misses = missing.reduce((sum, { length }) => sum + length, 0);
    onLookup?.(this.#group.subgraph, all.length - misses, misses);
    this.#rememberPolicy(lookup.found);
    const areTexts = this.#asked.representations.some((one) => one instanceof TextList);
    const form = areTexts ? "text" : "value";
    if (misses === 0) return writeAnswer(form, mergeAnswers(slots, this.#asked, { data: {} }));
    const representations = areTexts ? missing.map((texts) => TextList.of(texts as string[])) : missing;
    const answer = await call({ ...this.#asked, representations });
    const body = readBody(answer, this.#asked.operation, missing);
    if (!body) return answer;
    if (answer.form === "text") answer.onRead?.((body.errors?.length ?? 0) > 0);
    if (!body.errors?.length) await this.#keep(slots, body, answer.cachePolicy ?? null, lookup.version);
    return writeAnswer(answer.form, mergeAnswers(slots, this.#asked, body));
  }

  /** One key for each representation: everything the entity depends on. */
  #keys(): string[][] {
    const { operation, variables, context } = this.#asked;
    const rights = this.#parts.rightsOf(context, operation.subgraph, this.#rule.scope ?? "private");
    const common = JSON.stringify([operation.subgraph, rights, variables]);
    return operation.entities.map(({ selection }, group) =>
      (this.#single[group] ?? []).map(
        (one) => `${common}${selection}${typeof one === "string" ? one : JSON.stringify(one)}`,
      ),
    );
  }

  async #keep(slots: Slot[][], body: Body, policy: CachePolicy | null, version: string): Promise<void> {
    const seconds = policy ? policy.maxAgeSeconds : (this.#rule.ttlSeconds ?? 0);
    const isOthers = policy?.scope === "private" && this.#rule.scope === "public";
    if (seconds <= 0 || isOthers) return;
    const until = Date.now() + seconds * 1_000;
    const entities = new Map<string, KeptEntity>();
    this.#asked.operation.entities.forEach(({ alias }, group) => {
      const fetched = (slots[group] ?? []).filter(({ kept }) => !kept);
      fetched.forEach(({ key }, at) => {
        const entity = body.data?.[alias]?.[at];
        // An entity that is not there may come to be at any moment.
        if (entity) entities.set(key, { json: JSON.stringify(entity), until });
      });
    });
    await this.#parts.store.keep(this.#group, version, entities);
  }

  /** The answer may be kept only as long as the oldest entity in it. */
  #rememberPolicy(found: Lookup["found"]): void {
    const { head } = this.#asked.context;
    const kept = found.filter((one) => one !== undefined);
    if (kept.length === 0) return;
    const left = Math.floor((Math.min(...kept.map(({ until }) => until)) - Date.now()) / 1_000);
    const policy: CachePolicy = { maxAgeSeconds: Math.max(left, 0), scope: this.#rule.scope ?? "private" };
    notePolicy(head, policy);
  }
}

function slotsOf(keys: readonly (readonly string[])[], found: Lookup["found"]): Slot[][] {
  let at = 0;
  return keys.map((group) => group.map((key) => ({ key, kept: found[at++] })));
}

/** Fetched entities between the kept ones, each at the place of its representation; errors point to those places. */
function mergeAnswers(slots: readonly Slot[][], { operation }: SubgraphCall, fetched: Body): Body {
  const data: Record<string, unknown[]> = {};
  const placeOf = new Map<string, number[]>();
  operation.entities.forEach(({ alias }, group) => {
    const places: number[] = [];
    data[alias] = (slots[group] ?? []).map(({ kept }, place) => {
      if (kept) return JSON.parse(kept.json);
      places.push(place);
      return fetched.data?.[alias]?.[places.length - 1] ?? null;
    });
    placeOf.set(alias, places);
  });
  const errors = fetched.errors?.map((error) => movedError(error, placeOf));
  return { data, ...(errors?.length ? { errors } : {}) };
}

function movedError(
  error: GraphQLError | GraphQLFormattedError,
  placeOf: ReadonlyMap<string, readonly number[]>,
): GraphQLError {
  const [alias, index, ...further] = error.path ?? [];
  const place = typeof index === "number" ? placeOf.get(String(alias))?.[index] : undefined;
  const path = place === undefined ? error.path : [String(alias), place, ...further];
  return new GraphQLError(error.message, { ...(path ? { path } : {}), extensions: error.extensions ?? {} });
}

function writeAnswer(form: SubgraphAnswer["form"], body: Body): SubgraphAnswer {
  if (form === "text") return { form, text: toJson(body) };
  return {
    form,
    data: body.data as Record<string, unknown>,
    ...(body.errors ? { errors: body.errors as GraphQLError[] } : {}),
  };
}
