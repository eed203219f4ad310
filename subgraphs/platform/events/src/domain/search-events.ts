import type { Connection, PageArguments } from "@tessera/database";
import type { Context } from "@tessera/subgraph";
import { bothOf, findEvents, matching, pageOfEvents, type StoredEventRow } from "../queries/stored-events.js";
import type { EventStreamRow } from "../queries/streams.js";
import { checkFilter, type FilterInput } from "./check-filter.js";
import { filterOf, readableEvents } from "./read-access.js";

/** What the asker may read of what is asked for, newest first. @throws FILTER_INVALID */
export async function searchEvents(
  ctx: Context,
  filter: FilterInput | null | undefined,
  page: PageArguments,
): Promise<Connection<StoredEventRow>> {
  const asked = matching(checkFilter(filter));
  return pageOfEvents(ctx.db, bothOf(asked, await readableEvents(ctx)), page);
}

/** Events of a stream that was found to admit the asker. @throws FILTER_INVALID */
export function searchStream(
  ctx: Context,
  stream: EventStreamRow,
  filter: FilterInput | null | undefined,
  page: PageArguments,
): Promise<Connection<StoredEventRow>> {
  const asked = matching(checkFilter(filter));
  return pageOfEvents(ctx.db, bothOf(asked, matching(filterOf(stream, ctx.now()))), page);
}

type Read = (db: Context["db"], ids: readonly string[]) => Promise<(StoredEventRow | null)[]>;
const reads = new WeakMap<Context, Promise<Read>>();

/** Null when there is none, or none the asker may read. Many of one request are read together. */
export async function findStoredEvent(ctx: Context, id: string): Promise<StoredEventRow | null> {
  const known = reads.get(ctx) ?? readAs(ctx);
  reads.set(ctx, known);
  return ctx.load(await known, id);
}

async function readAs(ctx: Context): Promise<Read> {
  const readable = await readableEvents(ctx);
  return (db, ids) => findEvents(db, ids, readable);
}
