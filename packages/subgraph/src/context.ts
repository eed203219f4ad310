/** What a resolver or a domain command has at hand for one request. */
import { type Cache, type ModuleDatabase, newId, type Scope, type TenantDb } from "@tessera/database";
import type { Events, Operations, Outbox } from "@tessera/events";
import type { ModuleProcesses } from "@tessera/processes";
import type { Actor, EventContract, EventEnvelope, RequestFacts } from "@tessera/shared-types";
import type { Log } from "@tessera/telemetry";
import type { BatchRead, SubgraphDefinition } from "./define-subgraph.js";
import { accessErrors, operationsErrors } from "./errors.js";
import { depthOf } from "./graph-client/depth.js";
import { createGraphClient, type GraphClient } from "./graph-client/graph-client.js";
import { Loaders } from "./loaders.js";
import { processesOf } from "./processes.js";
import type { Runtime } from "./runtime.js";

export interface Publication<Payload> {
  /** What the event is about; events of one aggregate keep their order. */
  readonly aggregateId: string;
  readonly payload: Payload;
}

/** A tenant transaction: a Drizzle database that can also announce what happens in it. */
export type Transaction = TenantDb & {
  /** Stored with the transaction and delivered after it commits; never, if it does not. */
  publish<Payload>(contract: EventContract<Payload>, publication: Publication<Payload>): void;
  /** What is asked here happens with the transaction, or not at all. */
  readonly processes: ModuleProcesses;
};

/** Reads one list per key, in the order of the keys. */
export type BatchReadLists<Key, Row> = (db: TenantDb, keys: readonly Key[]) => Promise<readonly (readonly Row[])[]>;

export interface Context {
  readonly actor: Actor | null;
  /** @throws CodedError `UNAUTHENTICATED` when nobody is logged in. */
  readonly tenantId: string;
  readonly request: RequestFacts;
  readonly log: Log;
  now(): Date;
  /** Reads as the actor's tenant. Statements issued in the same tick share one round trip. */
  readonly db: TenantDb;
  /** One transaction: check, write, publish. Inside a reaction it joins the reaction's own. */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /** Reads one row by key, batched with every other `load` of the same function in this request. */
  load<Key, Row>(read: BatchRead<Key, Row>, key: Key): Promise<Row | null>;
  /** Reads one list by key, batched likewise. */
  loadList<Key, Row>(read: BatchReadLists<Key, Row>, key: Key): Promise<readonly Row[]>;
  /** The tenant's events of one kind from now on, until the client leaves. */
  live<Payload>(
    contract: EventContract<Payload>,
    where?: (event: EventEnvelope<Payload>) => boolean,
  ): AsyncIterableIterator<EventEnvelope<Payload>>;
  /** Tells live listeners only: neither stored nor delivered twice. For progress, not for facts. */
  announce<Payload>(contract: EventContract<Payload>, publication: Publication<Payload>): Promise<void>;
  /** The value under `key` of this tenant, loaded and kept for `seconds` when it is not there. */
  cached<Value>(key: string, seconds: number, load: () => Promise<Value>): Promise<Value>;
  /** Drops what `cached` keeps under this key. */
  forget(key: string): Promise<void>;
  /** @throws CodedError `FORBIDDEN` unless the actor holds the scope. */
  require(scope: string): void;
  /** The same request on behalf of another tenant or person, after they proved who they are. */
  as(actor: Pick<Actor, "tenantId"> & Partial<Actor>): Context;
  /** The same outside of the transaction at hand: what is written through it stays when that one is rolled back. */
  apart(): Context;
  /** Work that belongs to no tenant: only global tables and rows that name the person are visible. */
  withoutTenant(personId?: string): Context;
  /** Asks for a `Set-Cookie` on the client's response. */
  setCookie(value: string): void;
  readonly secrets: { key(purpose: string): Buffer };
  /** The supergraph, asked as this module for this tenant. The definition has to say `operates: ["graph"]`. */
  readonly graph: GraphClient;
  /**
   * The tenant's consumers, dead letters and replays. The definition has to say `operates: ["events"]`.
   *
   * @throws CodedError `OPERATIONS_NOT_STATED`
   */
  readonly operations: Operations;
  /** The durable processes of this module and tenant. Inside a reaction or a step it joins the transaction at hand. */
  readonly processes: ModuleProcesses;
}

/** A transaction that is already open, with its event buffer: what a reaction's commands join. */
export interface OpenTransaction {
  readonly db: TenantDb;
  readonly outbox: Outbox;
}

export interface ContextParts {
  readonly module: string;
  readonly runtime: Runtime;
  readonly request: RequestFacts;
  readonly actor: Actor | null;
  /** Names the tenant and person the database is asked for; differs from `actor` only in `withoutTenant`. */
  readonly scope: Pick<Scope, "tenantId" | "actorId">;
  readonly cookies: string[];
  readonly causationId?: string;
  readonly open?: OpenTransaction;
  /** What the module's definition says it operates. */
  readonly operates?: SubgraphDefinition["operates"];
}

/** Longer than any request that loads a value to be cached. */
const longestLoadSeconds = 120;

export function createContext(parts: ContextParts): Context {
  return new RequestContext(parts);
}

class RequestContext implements Context {
  readonly #parts: ContextParts;
  readonly #database: ModuleDatabase;
  readonly #loaders: Loaders;
  readonly actor: Actor | null;
  readonly request: RequestFacts;
  #reader: TenantDb | undefined;
  #log: Log | undefined;

  constructor(parts: ContextParts) {
    this.#parts = parts;
    this.actor = parts.actor;
    this.request = parts.request;
    this.#database = parts.runtime.database.forModule(parts.module);
    this.#loaders = new Loaders(() => this.db);
  }

  get tenantId(): string {
    if (!this.actor) throw accessErrors.UNAUTHENTICATED();
    return this.actor.tenantId;
  }

  get log(): Log {
    const { module, request, runtime, scope } = this.#parts;
    this.#log ??= runtime.telemetry.log.child({ module, requestId: request.requestId, tenantId: scope.tenantId });
    return this.#log;
  }

  get secrets() {
    return this.#parts.runtime.secrets;
  }

  get operations(): Operations {
    const { module, operates = [], runtime } = this.#parts;
    if (!operates.includes("events")) throw operationsErrors.OPERATIONS_NOT_STATED({ module });
    return runtime.events.operations({ tenantId: this.tenantId, actorId: this.actor?.id ?? null });
  }

  get processes(): ModuleProcesses {
    return this.#processes(this.#parts.open?.db);
  }

  #processes(db: TenantDb | undefined): ModuleProcesses {
    return processesOf(this.#parts.runtime).of({
      ...this.#origin,
      tenantId: this.tenantId,
      signal: this.request.signal,
      db,
    });
  }

  get graph(): GraphClient {
    const { module, operates = [], request, runtime } = this.#parts;
    if (!this.actor) throw accessErrors.UNAUTHENTICATED();
    return createGraphClient({ module, operates, request, runtime, actor: this.actor });
  }

  get db(): TenantDb {
    if (this.#parts.open) return this.#parts.open.db;
    this.#reader ??= this.#database.reader(this.#scope);
    return this.#reader;
  }

  get #scope(): Scope {
    const { signal, deadline } = this.request;
    return { ...this.#parts.scope, signal, deadline };
  }

  now(): Date {
    return this.#parts.runtime.clock();
  }

  async transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    const { open } = this.#parts;
    if (open) return this.#run(open, work);
    const result = await this.#database.transaction(this.#scope, async (db) => {
      const outbox = this.#outbox();
      const value = await this.#run({ db, outbox }, work);
      // Not awaited, so that it travels with the commit, which fails when it does.
      outbox.flush(db).catch(() => {});
      return value;
    });
    this.#loaders.clear();
    return result;
  }

  async #run<Result>({ db, outbox }: OpenTransaction, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    const publish: Transaction["publish"] = (contract, publication) => outbox.publish(contract, publication);
    const tx = Object.create(db, { publish: { value: publish }, processes: { get: () => this.#processes(db) } });
    const result = await work(tx as Transaction);
    this.#loaders.clear();
    return result;
  }

  #outbox(): Outbox {
    return this.#parts.runtime.events.outbox(this.#origin);
  }

  get #origin() {
    const { module, request, scope, causationId } = this.#parts;
    return {
      module,
      tenantId: scope.tenantId,
      actorId: this.actor?.id ?? null,
      correlationId: request.requestId,
      causationId: causationId ?? null,
      depth: depthOf(this.actor),
    };
  }

  load<Key, Row>(read: BatchRead<Key, Row>, key: Key): Promise<Row | null> {
    return this.#loaders.one(read, key);
  }

  loadList<Key, Row>(read: BatchReadLists<Key, Row>, key: Key): Promise<readonly Row[]> {
    return this.#loaders.list(read, key);
  }

  live<Payload>(contract: EventContract<Payload>, where?: (event: EventEnvelope<Payload>) => boolean) {
    const { signal } = this.request;
    return this.#events.live(contract, { tenantId: this.tenantId, signal, ...(where ? { where } : {}) });
  }

  get #events(): Events {
    return this.#parts.runtime.events;
  }

  announce<Payload>(contract: EventContract<Payload>, publication: Publication<Payload>): Promise<void> {
    return this.#events.announce(this.#origin, contract, publication);
  }

  async cached<Value>(key: string, seconds: number, load: () => Promise<Value>): Promise<Value> {
    const place = this.#cacheKey(key);
    const kept = await this.#cache.get<{ value: Value }>(place);
    if (kept) return kept.value;
    const before = await this.#cache.get(`${place}#dropped`);
    const value = await load();
    await this.#cache.set(place, { value }, seconds);
    // What was dropped while it was being loaded is old already and must not stay.
    if ((await this.#cache.get(`${place}#dropped`)) !== before) await this.#cache.delete(place);
    return value;
  }

  async forget(key: string): Promise<void> {
    const place = this.#cacheKey(key);
    await this.#cache.set(`${place}#dropped`, newId(), longestLoadSeconds);
    await this.#cache.delete(place);
  }

  get #cache(): Cache {
    return this.#parts.runtime.cache;
  }

  #cacheKey(key: string): string {
    return `${this.#parts.module}:${this.#parts.scope.tenantId ?? "-"}:${key}`;
  }

  require(scope: string): void {
    if (!this.actor) throw accessErrors.UNAUTHENTICATED();
    if (!this.actor.scopes.has(scope)) throw accessErrors.FORBIDDEN({ needs: scope });
  }

  as(actor: Pick<Actor, "tenantId"> & Partial<Actor>): Context {
    const full: Actor = {
      kind: "system",
      id: this.#parts.module,
      scopes: new Set(),
      roles: [],
      attributes: {},
      ...actor,
    };
    // A module acting for itself is nobody in particular to the database.
    const scope = { tenantId: full.tenantId, actorId: actor.id ?? null };
    return createContext({ ...this.#parts, actor: full, scope });
  }

  apart(): Context {
    const { open: _, ...parts } = this.#parts;
    return createContext(parts);
  }

  withoutTenant(personId?: string): Context {
    return createContext({ ...this.#parts, actor: null, scope: { tenantId: null, actorId: personId ?? null } });
  }

  setCookie(value: string): void {
    this.#parts.cookies.push(value);
  }
}
