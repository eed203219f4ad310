/** What the run left behind, read as owner of the database. */
import type { Database } from "@tessera/database";
import type { Balance } from "../subgraphs/fold.js";

export interface Movement {
  readonly tenant: string;
  readonly key: string;
  readonly version: number;
  readonly mutationId: string;
  readonly amount: number;
}

export interface Count {
  readonly tenant: string;
  readonly key: string;
  readonly events: number;
  readonly total: number;
}

export interface Entry {
  readonly tenant: string;
  readonly kind: string;
  readonly key: string;
  readonly version: number;
  readonly mutationId: string;
}

export interface KeyBalance extends Balance {
  readonly tenant: string;
  readonly key: string;
}

export interface Findings {
  readonly mutations: readonly { readonly id: string; readonly tenant: string }[];
  /** In the order of their versions. */
  readonly movements: readonly Movement[];
  readonly counts: readonly Count[];
  /** In the order in which they were written. */
  readonly entries: readonly Entry[];
  readonly live: readonly KeyBalance[];
  readonly rebuilt: readonly KeyBalance[];
  /** Events that were given up, with their last error. */
  readonly deadLetters: readonly {
    readonly consumer: string;
    readonly error: string | null;
    readonly event: unknown;
  }[];
  readonly waiting: Readonly<Record<string, number>>;
}

export async function readFindings({ admin }: Database): Promise<Findings> {
  const balances = (module: string) => admin<KeyBalance[]>`
    select tenant_id::text as tenant, key, version, balance, checksum from ${admin(`chaos_${module}`)}.balance`;
  const [waiting] = await admin<Record<string, number>[]>`
    select (select count(*)::int from kernel.outbox) as outbox,
      (select count(*)::int from kernel.parked where not dead) as parked,
      (select count(*)::int from kernel.parked where dead) as "dead letters"`;
  return {
    mutations: await admin<{ id: string; tenant: string }[]>`
      select id::text, tenant_id::text as tenant from chaos_ledger.mutation`,
    movements: await admin<Movement[]>`
      select tenant_id::text as tenant, key, version, mutation_id::text as "mutationId", amount
      from chaos_ledger.movement order by tenant_id, key, version`,
    counts: await admin<Count[]>`
      select tenant_id::text as tenant, key, events, total::int from chaos_counter.count`,
    entries: await admin<Entry[]>`
      select tenant_id::text as tenant, kind, key, version, mutation_id::text as "mutationId"
      from chaos_journal.entry order by position`,
    live: await balances("balance"),
    rebuilt: await balances("rebuilt"),
    deadLetters: await admin<Findings["deadLetters"][number][]>`
      select consumer, last_error as error, event from kernel.parked where dead`,
    waiting: waiting ?? {},
  };
}
