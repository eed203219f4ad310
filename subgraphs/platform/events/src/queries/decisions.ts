import { type Connection, groupByKey, newId, type PageArguments, paginate, type TenantDb } from "@tessera/database";
import { desc, inArray } from "drizzle-orm";
import { deadLetterDecisions } from "../tables.js";

export type DeadLetterDecisionRow = typeof deadLetterDecisions.$inferSelect;

/** Newest first. */
export function pageOfDecisions(db: TenantDb, page: PageArguments): Promise<Connection<DeadLetterDecisionRow>> {
  const { decidedAt } = deadLetterDecisions;
  return paginate(db, { from: deadLetterDecisions, orderBy: [{ column: decidedAt, direction: "desc" }], page });
}

/** What was decided about each event in any consumer, newest first. */
export async function decisionsOfEvents(db: TenantDb, ids: readonly string[]): Promise<DeadLetterDecisionRow[][]> {
  const rows = await db
    .select()
    .from(deadLetterDecisions)
    .where(inArray(deadLetterDecisions.eventId, [...ids]))
    .orderBy(desc(deadLetterDecisions.decidedAt));
  return groupByKey(ids, rows, ({ eventId }) => eventId);
}

export async function addDecision(
  db: TenantDb,
  decision: Omit<DeadLetterDecisionRow, "id" | "tenantId">,
): Promise<DeadLetterDecisionRow> {
  const [added] = await db
    .insert(deadLetterDecisions)
    .values({ id: newId(), ...decision })
    .returning();
  return added as DeadLetterDecisionRow;
}
