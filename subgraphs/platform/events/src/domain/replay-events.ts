/**
 * Replays: events of the past delivered once more. A replay is a row that says how far it is; whatever sends its events
 * asks the row before each piece, so pausing and cancelling take effect within one piece, and a restart within none.
 */
import { type EventEnvelope, platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { addReplay, changeReplay, countRunning, lockReplay, type ReplayRow, replaysById } from "../queries/replays.js";
import { bothOf, eventsAfter, extentOf, matching, repeatable, type StoredEventRow } from "../queries/stored-events.js";
import type { ReplayState } from "../tables.js";
import { checkFilter, type FilterInput } from "./check-filter.js";
import type { EventFilter } from "./event-filter.js";
import { protectedFamilies } from "./protected-events.js";
import { filterOf, requireReadableStream } from "./read-access.js";
import { checkText, uuidOf } from "./text-checks.js";

export interface ReplayInput {
  readonly consumer?: string | null | undefined;
  readonly streamId?: string | null | undefined;
  readonly filter?: FilterInput | null | undefined;
  readonly reason: string;
}

const mostRunning = 5;

/**
 * Sets it going with what is stored at this moment.
 *
 * @throws TEXT_INVALID, FILTER_INVALID, STREAM_NOT_FOUND, CONSUMER_UNKNOWN, REPLAY_EMPTY, REPLAYS_TOO_MANY
 */
export async function startReplay(ctx: Context, input: ReplayInput, set: SetGoing): Promise<ReplayRow> {
  const { consumer = null, streamId = null } = input;
  const reason = checkText("reason", input.reason, 1_000);
  const asked = checkFilter(input.filter);
  const filter = streamId === null ? asked : narrowed(asked, await streamFilter(ctx, streamId));
  if (consumer !== null) await requireConsumer(ctx, consumer);
  return ctx.transaction(async (tx) => {
    if ((await countRunning(tx)) >= mostRunning) throw errors.REPLAYS_TOO_MANY({ running: mostRunning });
    const { total, last: lastPosition } = await extentOf(tx, whereOf(filter));
    if (total === 0) throw errors.REPLAY_EMPTY();
    const facts = { consumer, filter, reason, total, lastPosition };
    const who = { startedBy: uuidOf(ctx.actor?.id), startedAt: ctx.now() };
    const replay = await addReplay(tx, { ...facts, ...who, state: "RUNNING" });
    await set(tx, replay);
    return replay;
  });
}

/** Has the replay's pieces sent from now on, durably; called within the transaction that sets it going. */
export type SetGoing = (tx: Transaction, replay: ReplayRow) => Promise<void>;

/** @throws REPLAY_NOT_FOUND, REPLAY_STATE */
export const pauseReplay = (ctx: Context, id: string): Promise<ReplayRow> => move(ctx, id, ["RUNNING"], "PAUSED");

/** @throws REPLAY_NOT_FOUND, REPLAY_STATE */
export const cancelReplay = (ctx: Context, id: string): Promise<ReplayRow> =>
  move(ctx, id, ["RUNNING", "PAUSED", "FAILED"], "CANCELLED");

/** @throws REPLAY_NOT_FOUND, REPLAY_STATE, REPLAYS_TOO_MANY */
export const resumeReplay = (ctx: Context, id: string, set: SetGoing): Promise<ReplayRow> =>
  move(ctx, id, ["PAUSED", "FAILED"], "RUNNING", set);

async function move(
  ctx: Context,
  id: string,
  from: readonly ReplayState[],
  to: ReplayState,
  set?: SetGoing,
): Promise<ReplayRow> {
  const moved = await ctx.transaction(async (tx) => {
    const replay = await lockReplay(tx, id);
    if (!replay) throw errors.REPLAY_NOT_FOUND({ id });
    if (!from.includes(replay.state)) throw errors.REPLAY_STATE({ state: replay.state, wanted: from.join(" or ") });
    if (set && (await countRunning(tx)) >= mostRunning) throw errors.REPLAYS_TOO_MANY({ running: mostRunning });
    const finishedAt = to === "CANCELLED" ? ctx.now() : null;
    const next = await changeReplay(tx, id, { state: to, round: replay.round + 1, finishedAt, failure: null });
    await set?.(tx, next);
    return next;
  });
  await tell(ctx, id);
  return moved;
}

export const tell = (ctx: Context, replayId: string): Promise<void> =>
  ctx.announce(platformEvents.replayProgressed, { aggregateId: replayId, payload: { replayId } });

const pieceSize = 500;

/**
 * Sends the next piece of a replay that is still in this round. Sending the same piece twice harms nobody: within one
 * replay a consumer takes each event once.
 *
 * @returns false when there is nothing more to do.
 */
export async function advanceReplay(ctx: Context, id: string, round: number): Promise<boolean> {
  const [replay] = await replaysById(ctx.db, [id]);
  if (replay?.state !== "RUNNING" || replay.round !== round) return false;
  // Of the piece before: what this one does is seen by others only after it.
  await tell(ctx, id);
  const { position, lastPosition: until, consumer, filter } = replay;
  const rows = await eventsAfter(ctx.db, { position, until, where: whereOf(filter), limit: pieceSize });
  await ctx.operations.resend(rows.map(envelopeOf), { id, consumer });
  const done = rows.length < pieceSize;
  return ctx.transaction(async (tx) => {
    const now = await lockReplay(tx, id);
    if (now?.round !== round) return false;
    await changeReplay(tx, id, {
      sent: replay.sent + rows.length,
      position: rows.at(-1)?.position ?? position,
      ...(done ? { state: "COMPLETED" as const, finishedAt: ctx.now() } : {}),
    });
    return !done;
  });
}

/** Says why it stopped, so that a person can resume it. */
export async function failReplay(ctx: Context, id: string, round: number, error: unknown): Promise<void> {
  const failure = (error instanceof Error ? error.message : String(error)).slice(0, 1_000);
  await ctx.transaction(async (tx) => {
    const replay = await lockReplay(tx, id);
    if (replay?.round === round) await changeReplay(tx, id, { state: "FAILED", failure });
  });
}

const whereOf = (filter: EventFilter) => bothOf(matching(filter), repeatable(protectedFamilies));

function envelopeOf({
  occurredAt,
  depth,
  position,
  storedAt,
  erasedAt,
  importId,
  ...rest
}: StoredEventRow): EventEnvelope {
  return { ...rest, occurredAt: occurredAt.toISOString(), ...(depth === null ? {} : { depth }) };
}

async function streamFilter(ctx: Context, streamId: string): Promise<EventFilter> {
  return filterOf(await requireReadableStream(ctx, streamId), ctx.now());
}

/** What both filters mean. @throws FILTER_INVALID where that cannot be said in one */
function narrowed(asked: EventFilter, stream: EventFilter): EventFilter {
  const later = [asked.since, stream.since].filter((since) => since !== undefined).sort();
  const since = later.at(-1);
  return {
    ...asked,
    types: narrowedList("types", asked.types, stream.types),
    sources: narrowedList("sources", asked.sources, stream.sources),
    aggregateIds: narrowedList("aggregateIds", asked.aggregateIds, stream.aggregateIds),
    ...(since === undefined ? {} : { since }),
  };
}

function narrowedList(name: string, asked: readonly string[] = [], stream: readonly string[] = []): readonly string[] {
  if (asked.length > 0 && stream.length > 0)
    throw errors.FILTER_INVALID({ reason: `the stream names ${name} already, so the filter cannot` });
  return asked.length > 0 ? asked : stream;
}

async function requireConsumer(ctx: Context, consumer: string): Promise<void> {
  const known = await ctx.operations.consumers();
  if (!known.some(({ module }) => module === consumer)) throw errors.CONSUMER_UNKNOWN({ consumer });
}
