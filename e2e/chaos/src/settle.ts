/** Waits until everything that was committed has had its effects, or nothing moves any more. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@tessera/database";

export interface Backlog {
  readonly changes: number;
  /** Effects each consumer still owes. */
  readonly owed: Readonly<Record<string, number>>;
  readonly outbox: number;
  readonly parked: number;
  readonly deadLetters: number;
}

const lookMs = 300;
/** Longer than the longest wait between two attempts at an event that chaos lets fail. */
const patienceMs = 120_000;
/** When nothing is left that could still be tried. */
const shortPatienceMs = 15_000;

export async function settle(database: Database, say: (backlog: Backlog) => void): Promise<boolean> {
  return untilQuiet(() => readBacklog(database), isSettled, say);
}

/** The same for the read model that is rebuilt. */
export async function settleRebuild(database: Database, say: (backlog: Backlog) => void): Promise<boolean> {
  return untilQuiet(() => readRebuild(database), isSettled, say);
}

const isSettled = ({ owed, outbox, parked }: Backlog): boolean =>
  outbox === 0 && parked === 0 && Object.values(owed).every((count) => count <= 0);

async function untilQuiet(
  look: () => Promise<Backlog>,
  isDone: (backlog: Backlog) => boolean,
  say: (backlog: Backlog) => void,
): Promise<boolean> {
  let seen = "";
  let movedAt = Date.now();
  for (;;) {
    const backlog = await look();
    say(backlog);
    const now = JSON.stringify(backlog);
    if (now !== seen) movedAt = Date.now();
    // Two equal looks: what is handled twice would still be moving.
    if (isDone(backlog) && now === seen) return true;
    const hopeless = backlog.outbox === 0 && backlog.parked === 0;
    if (Date.now() - movedAt > (hopeless ? shortPatienceMs : patienceMs)) return false;
    seen = now;
    await sleep(lookMs);
  }
}

interface Numbers {
  readonly changes: number;
  readonly counted: number;
  readonly moved: number;
  readonly balanced: number;
  readonly live: number;
  readonly outbox: number;
  readonly parked: number;
  readonly dead: number;
}

async function readBacklog({ admin }: Database): Promise<Backlog> {
  const [row] = await admin<Numbers[]>`
    select (select count(*)::int from chaos_ledger.movement) as changes,
      (select coalesce(sum(events), 0)::int from chaos_counter.count) as counted,
      (select count(*)::int from chaos_journal.entry where kind = 'moved') as moved,
      (select count(*)::int from chaos_journal.entry where kind = 'balanced') as balanced,
      (select coalesce(sum(version), 0)::int from chaos_balance.balance) as live,
      (select count(*)::int from kernel.outbox) as outbox,
      (select count(*)::int from kernel.parked where not dead) as parked,
      (select count(*)::int from kernel.parked where dead) as dead`;
  if (!row) throw new Error("PostgreSQL gave no answer to a question that has one.");
  const { changes, counted, moved, balanced, live, outbox, parked, dead } = row;
  const owed = {
    counter: changes - counted,
    journal: changes - moved,
    "journal of the read model": changes - balanced,
    "read model": changes - live,
  };
  return { changes, owed, outbox, parked, deadLetters: dead };
}

async function readRebuild({ admin }: Database): Promise<Backlog> {
  const [row] = await admin<{ changes: number; rebuilt: number; parked: number; dead: number }[]>`
    select (select count(*)::int from chaos_ledger.movement) as changes,
      (select coalesce(sum(version), 0)::int from chaos_rebuilt.balance) as rebuilt,
      (select count(*)::int from kernel.parked where not dead) as parked,
      (select count(*)::int from kernel.parked where dead) as dead`;
  const { changes = 0, rebuilt = 0, parked = 0, dead = 0 } = row ?? {};
  return { changes, owed: { "rebuilt read model": changes - rebuilt }, outbox: 0, parked, deadLetters: dead };
}
