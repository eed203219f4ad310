import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { type EventImportRow, importsById } from "../queries/imports.js";
import { type ReplayRow, replaysById } from "../queries/replays.js";

/** The replay now, and each time it has moved, until it is over. @throws REPLAY_NOT_FOUND */
export function watchReplay(ctx: Context, id: string): Promise<AsyncIterable<ReplayRow>> {
  const moves = ctx.live(platformEvents.replayProgressed, ({ aggregateId }) => aggregateId === id);
  const read = async () => (await replaysById(ctx.db, [id]).catch(() => []))[0] ?? null;
  const isOver = ({ state }: ReplayRow) => state === "COMPLETED" || state === "CANCELLED";
  return watch(moves, { read, isOver, missing: () => errors.REPLAY_NOT_FOUND({ id }) });
}

/** The import now, and after each piece, until it is complete. @throws IMPORT_NOT_FOUND */
export function watchImport(ctx: Context, id: string): Promise<AsyncIterable<EventImportRow>> {
  const moves = ctx.live(platformEvents.eventImportProgressed, ({ aggregateId }) => aggregateId === id);
  const read = async () => (await importsById(ctx.db, [id]).catch(() => []))[0] ?? null;
  return watch(moves, { read, isOver: ({ complete }) => complete, missing: () => errors.IMPORT_NOT_FOUND({ id }) });
}

interface Watching<Row> {
  read(): Promise<Row | null>;
  isOver(row: Row): boolean;
  missing(): Error;
}

/** Listening has begun already, so no move falls between the first look and the next one. */
async function watch<Row>(moves: AsyncIterableIterator<unknown>, watching: Watching<Row>): Promise<AsyncIterable<Row>> {
  const first = await watching.read();
  if (first) return states(first, moves, watching);
  await moves.return?.();
  throw watching.missing();
}

async function* states<Row>(
  first: Row,
  moves: AsyncIterableIterator<unknown>,
  { read, isOver }: Watching<Row>,
): AsyncGenerator<Row> {
  try {
    yield first;
    if (isOver(first)) return;
    for await (const _ of moves) {
      const row = await read();
      if (!row) return;
      yield row;
      if (isOver(row)) return;
    }
  } finally {
    await moves.return?.();
  }
}
