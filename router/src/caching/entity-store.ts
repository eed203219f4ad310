/** Where kept entities live. */

export interface KeptEntity {
  /** JSON of the selected fields. */
  readonly json: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** All that is kept of one subgraph for one tenant, and goes together when something of it changes. */
export interface EntityGroup {
  readonly subgraph: string;
  /** `null` for anonymous clients and for data that is the same for everybody. */
  readonly tenantId: string | null;
}

export interface Lookup {
  /** One for each key. */
  readonly found: readonly (KeptEntity | undefined)[];
  /** Hand it to `keep`, so that what was read before an invalidation is not kept after it. */
  readonly version: string;
}

export interface EntityStore {
  get(group: EntityGroup, keys: readonly string[]): Lookup | Promise<Lookup>;
  keep(group: EntityGroup, version: string, entities: ReadonlyMap<string, KeptEntity>): void | Promise<void>;
  /** From now on nothing of the group is found. Without a tenant: nothing of the subgraph, whoever's it is. */
  invalidate(group: EntityGroup): void | Promise<void>;
  close(): Promise<void>;
}
