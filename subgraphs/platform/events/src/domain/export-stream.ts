/** A stream as NDJSON, piece by piece, so that neither side ever holds all of it. */
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { eventsAfter, matching, type StoredEventRow } from "../queries/stored-events.js";
import { filterOf, requireReadableStream } from "./read-access.js";

export interface EventExport {
  readonly ndjson: string;
  readonly count: number;
  readonly endCursor: string | null;
  readonly hasMore: boolean;
}

const largestPiece = 5_000;
/** A piece may be larger by one event. */
const piecesBytes = 4_000_000;

/** @throws STREAM_NOT_FOUND, EXPORT_SIZE_INVALID, CURSOR_INVALID */
export async function exportStream(
  ctx: Context,
  streamId: string,
  { first, after }: { readonly first: number; readonly after?: string | null | undefined },
): Promise<EventExport> {
  if (first < 1 || first > largestPiece) throw errors.EXPORT_SIZE_INVALID({ most: largestPiece });
  const stream = await requireReadableStream(ctx, streamId);
  const position = positionOf(streamId, after ?? null);
  const where = matching(filterOf(stream, ctx.now()));
  const rows = await eventsAfter(ctx.db, { position, where, limit: first + 1 });
  const lines: string[] = [];
  let bytes = 0;
  for (const row of rows.slice(0, first)) {
    const line = JSON.stringify(lineOf(row));
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > piecesBytes && lines.length > 0) break;
    lines.push(line);
  }
  const last = rows[lines.length - 1];
  return {
    ndjson: lines.map((line) => `${line}\n`).join(""),
    count: lines.length,
    endCursor: last ? cursorAt(streamId, last.position) : (after ?? null),
    hasMore: lines.length < rows.length,
  };
}

/** The envelope without its tenant: who imports it is whose it becomes. */
function lineOf({ occurredAt, erasedAt, depth, position, storedAt, importId, tenantId, ...envelope }: StoredEventRow) {
  return {
    ...envelope,
    occurredAt: occurredAt.toISOString(),
    ...(depth === null ? {} : { depth }),
    ...(erasedAt === null ? {} : { erasedAt: erasedAt.toISOString() }),
  };
}

const cursorAt = (streamId: string, position: number): string =>
  Buffer.from(`${streamId} ${position}`).toString("base64url");

function positionOf(streamId: string, cursor: string | null): number {
  if (cursor === null) return 0;
  const [stream, position] = Buffer.from(cursor, "base64url").toString("utf8").split(" ");
  if (stream !== streamId || !/^\d{1,15}$/.test(position ?? "")) throw errors.CURSOR_INVALID();
  return Number(position);
}
