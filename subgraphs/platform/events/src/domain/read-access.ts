/**
 * Who reads which events. Events carry the data of every module, so a scope alone opens nothing: whoever administers the
 * events reads all of them, everybody else what is in a stream that admits them.
 */
import type { Connection, PageArguments } from "@tessera/database";
import type { Actor } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { matchingAny } from "../queries/stored-events.js";
import { type EventStreamRow, listStreams, pageOfStreams, streamsById } from "../queries/streams.js";
import type { EventFilter } from "./event-filter.js";

export type EventCondition = ReturnType<typeof matchingAny>;
type Admission = Pick<EventStreamRow, "readerRoles" | "readerScopes">;

export const administers = (actor: Actor | null): boolean => actor?.scopes.has("events:admin") ?? false;

export function admits({ readerRoles, readerScopes }: Admission, actor: Actor | null): boolean {
  if (!actor) return false;
  return (
    administers(actor) ||
    readerRoles.some((role) => actor.roles.includes(role)) ||
    readerScopes.some((scope) => actor.scopes.has(scope))
  );
}

const dayMs = 86_400_000;

/** What is in a stream at this moment: nothing older than it retains. */
export function filterOf(
  { types, sources, aggregateIds, retentionDays }: Omit<EventStreamRow, "id" | "tenantId" | "name">,
  now: Date,
): EventFilter {
  const since = retentionDays === null ? {} : { since: new Date(now.getTime() - retentionDays * dayMs).toISOString() };
  return { types, sources, aggregateIds, ...since };
}

/** The condition that every read of events on somebody's behalf carries. */
export async function readableEvents(ctx: Context): Promise<EventCondition> {
  if (administers(ctx.actor)) return undefined;
  const streams = await readableStreams(ctx);
  return matchingAny(streams.map((stream) => filterOf(stream, ctx.now())));
}

async function readableStreams(ctx: Context): Promise<EventStreamRow[]> {
  const streams = await listStreams(ctx.db);
  return streams.filter((stream) => admits(stream, ctx.actor));
}

/** By name. */
export function listReadableStreams(ctx: Context, page: PageArguments): Promise<Connection<EventStreamRow>> {
  const { actor } = ctx;
  const reader = administers(actor) ? null : { roles: actor?.roles ?? [], scopes: [...(actor?.scopes ?? [])] };
  return pageOfStreams(ctx.db, reader, page);
}

/** Null when there is none, or it does not admit the asker: the two look the same. */
export async function findReadableStream(ctx: Context, id: string): Promise<EventStreamRow | null> {
  const stream = await ctx.load(streamsById, id);
  return stream && admits(stream, ctx.actor) ? stream : null;
}

/** @throws STREAM_NOT_FOUND */
export async function requireReadableStream(ctx: Context, id: string): Promise<EventStreamRow> {
  const stream = await findReadableStream(ctx, id);
  if (!stream) throw errors.STREAM_NOT_FOUND({ id });
  return stream;
}
