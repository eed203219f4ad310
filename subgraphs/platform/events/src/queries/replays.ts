import { type Connection, newId, type PageArguments, paginate, readById, type TenantDb } from "@tessera/database";
import { count, eq } from "drizzle-orm";
import { replays } from "../tables.js";

export type ReplayRow = typeof replays.$inferSelect;

export const replaysById = readById(replays);

/** Newest first. */
export function pageOfReplays(db: TenantDb, page: PageArguments): Promise<Connection<ReplayRow>> {
  return paginate(db, { from: replays, orderBy: [{ column: replays.startedAt, direction: "desc" }], page });
}

export async function countRunning(db: TenantDb): Promise<number> {
  const [row] = await db.select({ all: count() }).from(replays).where(eq(replays.state, "RUNNING"));
  return row?.all ?? 0;
}

export async function addReplay(
  db: TenantDb,
  replay: Pick<
    ReplayRow,
    "consumer" | "filter" | "reason" | "state" | "total" | "lastPosition" | "startedBy" | "startedAt"
  >,
): Promise<ReplayRow> {
  const [added] = await db
    .insert(replays)
    .values({ id: newId(), ...replay })
    .returning();
  return added as ReplayRow;
}

/** Locks it until the transaction ends, so that it is moved by one at a time. */
export async function lockReplay(db: TenantDb, id: string): Promise<ReplayRow | null> {
  const [row] = await db.select().from(replays).where(eq(replays.id, id)).for("update");
  return row ?? null;
}

export async function changeReplay(
  db: TenantDb,
  id: string,
  change: Partial<Pick<ReplayRow, "state" | "round" | "sent" | "position" | "failure" | "finishedAt">>,
): Promise<ReplayRow> {
  const [changed] = await db.update(replays).set(change).where(eq(replays.id, id)).returning();
  return changed as ReplayRow;
}
