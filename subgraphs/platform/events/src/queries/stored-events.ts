/** The store of events: how they come in, and how they are found again. */
import { type Connection, inKeyOrder, type PageArguments, paginate, type TenantDb } from "@tessera/database";
import type { EventEnvelope } from "@tessera/shared-types";
import { and, asc, count, eq, gt, gte, isNull, lt, lte, max, ne, notLike, or, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { type EventFilter, splitPatterns } from "../domain/event-filter.js";
import { erasedPeople, storedEvents } from "../tables.js";

export type StoredEventRow = typeof storedEvents.$inferSelect;

const anyOf = (column: PgColumn, values: readonly string[]): SQL => sql`${column} = any(${sql.param(values)}::text[])`;

/** The condition of a filter; undefined when it excludes nothing. */
export function matching(filter: EventFilter): SQL | undefined {
  const { types = [], sources = [], aggregateIds = [], correlationId, actorId, since, until } = filter;
  return and(
    types.length > 0 ? ofTypes(types) : undefined,
    sources.length > 0 ? anyOf(storedEvents.source, sources) : undefined,
    aggregateIds.length > 0 ? anyOf(storedEvents.aggregateId, aggregateIds) : undefined,
    correlationId === undefined ? undefined : eq(storedEvents.correlationId, correlationId),
    actorId === undefined ? undefined : eq(storedEvents.actorId, actorId),
    since === undefined ? undefined : gte(storedEvents.occurredAt, new Date(since)),
    until === undefined ? undefined : lt(storedEvents.occurredAt, new Date(until)),
  );
}

function ofTypes(types: readonly string[]): SQL | undefined {
  const { exact, prefixes } = splitPatterns(types);
  return or(
    exact.length > 0 ? anyOf(storedEvents.type, exact) : undefined,
    ...prefixes.map((prefix) => sql`starts_with(${storedEvents.type}, ${prefix})`),
  );
}

/** What meets any of the filters; nothing when there is none. */
export function matchingAny(filters: readonly EventFilter[]): SQL | undefined {
  if (filters.length === 0) return sql`false`;
  const conditions = filters.map(matching);
  return conditions.some((condition) => condition === undefined) ? undefined : or(...conditions);
}

/** Newest first. */
export function pageOfEvents(
  db: TenantDb,
  where: SQL | undefined,
  page: PageArguments,
): Promise<Connection<StoredEventRow>> {
  return paginate(db, {
    from: storedEvents,
    where,
    orderBy: [{ column: storedEvents.occurredAt, direction: "desc" }],
    page,
  });
}

/** In the order of the ids; null for what is not there or does not meet the condition. */
export async function findEvents(
  db: TenantDb,
  ids: readonly string[],
  where?: SQL | undefined,
): Promise<(StoredEventRow | null)[]> {
  const rows = await db
    .select()
    .from(storedEvents)
    .where(and(sql`${storedEvents.id} = any(${sql.param(ids)}::uuid[])`, where));
  return inKeyOrder(ids, rows, ({ id }) => id);
}

export const eventsById = (db: TenantDb, ids: readonly string[]) => findEvents(db, ids);

/** Events of one operation, earliest first, one more than `limit` if there are more. */
export function eventsOfOperation(
  db: TenantDb,
  correlationId: string,
  where: SQL | undefined,
  limit: number,
): Promise<StoredEventRow[]> {
  return db
    .select()
    .from(storedEvents)
    .where(and(eq(storedEvents.correlationId, correlationId), where))
    .orderBy(asc(storedEvents.occurredAt), asc(storedEvents.position))
    .limit(limit + 1);
}

/** In the order of delivery, after one position. */
export function eventsAfter(
  db: TenantDb,
  { position, until, where, limit }: { position: number; until?: number; where: SQL | undefined; limit: number },
): Promise<StoredEventRow[]> {
  const upTo = until === undefined ? undefined : lte(storedEvents.position, until);
  return db
    .select()
    .from(storedEvents)
    .where(and(gt(storedEvents.position, position), upTo, where))
    .orderBy(asc(storedEvents.position))
    .limit(limit);
}

/** How many there are, and the newest position among them. */
export async function extentOf(db: TenantDb, where: SQL | undefined): Promise<{ total: number; last: number }> {
  const [row] = await db
    .select({ total: count(), last: max(storedEvents.position) })
    .from(storedEvents)
    .where(where);
  return { total: row?.total ?? 0, last: row?.last ?? 0 };
}

/** What may be delivered once more: events that happened here, whose payload is still there, of no protected family. */
export function repeatable(protectedFamilies: readonly string[]): SQL | undefined {
  return and(
    isNull(storedEvents.importId),
    isNull(storedEvents.erasedAt),
    ...protectedFamilies.map((family) => notLike(storedEvents.type, `${family}.%`)),
  );
}

/**
 * Adds events in their order, in one statement however many; those that are there stay as they are. What mentions an
 * erased person comes in without its payload. Returns how many are new.
 */
export async function addEvents(
  db: TenantDb,
  events: readonly EventEnvelope[],
  importId: string | null = null,
): Promise<number> {
  const rows = await db.execute(sql`
    insert into ${storedEvents} (id, type, version, aggregate_id, source, occurred_at, actor_id, correlation_id,
      causation_id, depth, payload, erased_at, import_id)
    select e.id, e.type, e.version, e."aggregateId", e.source, e."occurredAt", e."actorId", e."correlationId",
      e."causationId", e.depth, case when gone then null else e.payload end, case when gone then now() end, ${importId}::uuid
    from json_to_recordset(${JSON.stringify(events)}::text::json) as e (id uuid, type text, version int,
      "aggregateId" text, source text, "occurredAt" timestamptz, "actorId" text, "correlationId" text,
      "causationId" text, depth int, payload json)
    cross join lateral (select exists (
      select from ${erasedPeople} p
      where e."aggregateId" = p.user_id or strpos(e.payload::text, p.user_id) > 0) as gone) as erased
    on conflict (tenant_id, id) do nothing
    returning 1`);
  return rows.length;
}

/** Removes the payloads of all that is about a person, but of the event that says so; what comes later is caught by `addEvents`. */
export async function eraseMentions(
  db: TenantDb,
  { userId, at, exceptId }: { userId: string; at: Date; exceptId: string },
): Promise<number> {
  await db.insert(erasedPeople).values({ userId, erasedAt: at }).onConflictDoNothing();
  const about = or(eq(storedEvents.aggregateId, userId), sql`strpos(${storedEvents.payload}::text, ${userId}) > 0`);
  const erased = await db
    .update(storedEvents)
    .set({ payload: null, erasedAt: at })
    .where(and(about, isNull(storedEvents.erasedAt), ne(storedEvents.id, exceptId)))
    .returning({ id: storedEvents.id });
  return erased.length;
}

/** Removes up to `limit` events that some filter of `expired` names and none of `held` does. */
export async function removeExpired(
  db: TenantDb,
  { expired, held, limit }: { expired: readonly EventFilter[]; held: readonly EventFilter[]; limit: number },
): Promise<number> {
  if (expired.length === 0) return 0;
  const kept = held.length > 0 ? sql`not coalesce(${matchingAny(held) ?? sql`true`}, false)` : undefined;
  const removed = await db.execute(sql`
    delete from ${storedEvents} where (tenant_id, id) in (
      select tenant_id, id from ${storedEvents} where ${and(matchingAny(expired), kept)}
      order by ${storedEvents.occurredAt} limit ${limit})
    returning 1`);
  return removed.length;
}

/** What meets two conditions, of which each may ask for nothing. */
export function bothOf(one: SQL | undefined, other: SQL | undefined): SQL | undefined {
  return and(one, other);
}
