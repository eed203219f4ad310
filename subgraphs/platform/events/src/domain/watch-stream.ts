import { anyEvent } from "@tessera/events";
import { type EventEnvelope, platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import type { StoredEventRow } from "../queries/stored-events.js";
import { type EventStreamRow, streamsById } from "../queries/streams.js";
import { isAnnounced } from "./announced-events.js";
import { matches } from "./event-filter.js";
import { admits, filterOf } from "./read-access.js";

/** An event as it is shown; one that is watched is shown before it is stored. */
export type ShownEvent = Omit<StoredEventRow, "position" | "storedAt" | "tenantId">;

/**
 * Events of a stream from now on. The stream is read again whenever it changes, and watching ends with `STREAM_CLOSED`
 * when it is gone or admits the watcher no more.
 *
 * @throws STREAM_NOT_FOUND
 */
export async function watchStream(ctx: Context, streamId: string): Promise<AsyncIterable<ShownEvent>> {
  const watched: Watched = { stream: null, changes: 0 };
  // Listening starts before the stream is read, so that no change of it falls between the two.
  const heard = ctx.live(anyEvent, (event) => {
    if (isChange(event, streamId)) watched.changes += 1;
    // What comes after a change is judged when the changed stream has been read.
    return watched.changes > 0 || holds(ctx, watched, event);
  });
  watched.stream = await openStream(ctx, streamId);
  if (!watched.stream) {
    await heard.return?.();
    throw errors.STREAM_NOT_FOUND({ id: streamId });
  }
  return shown(ctx, watched, streamId, heard);
}

interface Watched {
  stream: EventStreamRow | null;
  /** Changes heard of and not read yet. */
  changes: number;
}

async function* shown(
  ctx: Context,
  watched: Watched,
  streamId: string,
  heard: AsyncIterable<EventEnvelope>,
): AsyncGenerator<ShownEvent> {
  for await (const event of heard) {
    if (isChange(event, streamId)) {
      watched.stream = await openStream(ctx, streamId);
      watched.changes -= 1;
      if (!watched.stream) throw errors.STREAM_CLOSED({ id: streamId });
    } else if (holds(ctx, watched, event)) {
      // Asked again: what waited here may not be in the stream any more, or never was.
      yield shownOf(event);
    }
  }
}

async function openStream(ctx: Context, id: string): Promise<EventStreamRow | null> {
  const [stream = null] = await streamsById(ctx.db, [id]).catch(() => []);
  return stream && admits(stream, ctx.actor) ? stream : null;
}

const isChange = ({ type, aggregateId }: EventEnvelope, streamId: string): boolean =>
  type === platformEvents.eventStreamChanged.type && aggregateId === streamId;

const holds = (ctx: Context, { stream }: Watched, event: EventEnvelope): boolean =>
  stream !== null && !isAnnounced(event.type) && matches(filterOf(stream, ctx.now()), event);

function shownOf({ tenantId, replay, occurredAt, depth, ...event }: EventEnvelope): ShownEvent {
  return { ...event, occurredAt: new Date(occurredAt), depth: depth ?? null, importId: null, erasedAt: null };
}
