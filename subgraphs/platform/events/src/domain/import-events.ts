/** History from a file: each line judged for itself, stored once however often it is sent. */
import { type EventEnvelope, platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { typesByName, versionsOfTypes } from "../queries/event-types.js";
import { addImport, changeImport, type EventImportRow, lockImport } from "../queries/imports.js";
import { addEvents } from "../queries/stored-events.js";
import type { RefusedLine } from "../tables.js";
import { readLine } from "./import-line.js";
import { isProtected } from "./protected-events.js";
import { payloadProblems } from "./publish-event.js";
import { uuidOf } from "./text-checks.js";

export interface ImportPiece {
  readonly ndjson: string;
  readonly importId?: string | null | undefined;
  /** There will be no other piece. */
  readonly complete: boolean;
}

const mostLines = 10_000;
const mostBytes = 4_000_000;
const mostRefusedKept = 1_000;

/** @throws IMPORT_TOO_LARGE, IMPORT_NOT_FOUND, IMPORT_COMPLETE */
export async function importEvents(ctx: Context, { ndjson, importId, complete }: ImportPiece): Promise<EventImportRow> {
  const lines = ndjson.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length > mostLines || Buffer.byteLength(ndjson) > mostBytes)
    throw errors.IMPORT_TOO_LARGE({ mostLines, mostBytes });
  const now = ctx.now();
  const moved = await ctx.transaction(async (tx) => {
    const before = importId == null ? await addImport(tx, uuidOf(ctx.actor?.id), now) : await resumed(tx, importId);
    const { events, refused } = await judge(tx, lines, { tenantId: ctx.tenantId, firstLine: before.lines + 1 });
    const stored = await addEvents(tx, events, before.id);
    return changeImport(tx, before.id, {
      lines: before.lines + lines.length,
      stored: before.stored + stored,
      known: before.known + events.length - stored,
      refused: [...before.refused, ...refused].slice(0, mostRefusedKept),
      refusedCount: before.refusedCount + refused.length,
      complete,
      updatedAt: now,
    });
  });
  await ctx.announce(platformEvents.eventImportProgressed, { aggregateId: moved.id, payload: { importId: moved.id } });
  return moved;
}

async function resumed(tx: Transaction, id: string): Promise<EventImportRow> {
  const found = await lockImport(tx, id);
  if (!found) throw errors.IMPORT_NOT_FOUND({ id });
  if (found.complete) throw errors.IMPORT_COMPLETE({ id });
  return found;
}

interface Judged {
  readonly events: readonly EventEnvelope[];
  readonly refused: readonly RefusedLine[];
}

async function judge(
  tx: Transaction,
  lines: readonly string[],
  { tenantId, firstLine }: { tenantId: string; firstLine: number },
): Promise<Judged> {
  const read = lines.map((line, index) => ({ line: firstLine + index, ...readLine(line, tenantId) }));
  const schemas = await schemasFor(
    tx,
    read.flatMap((one) => (one.ok ? [one.event.type] : [])),
  );
  const events: EventEnvelope[] = [];
  const refused: RefusedLine[] = [];
  for (const one of read) {
    const reason = one.ok ? problemOf(one.event, schemas) : one.reason;
    if (one.ok && reason === null) events.push(one.event);
    else refused.push({ line: one.line, reason: reason ?? "" });
  }
  return { events, refused };
}

type Schemas = ReadonlyMap<string, Readonly<Record<string, unknown>>>;
const nameOf = ({ type, version }: { type: string; version: number }): string => `${type}@${version}`;

async function schemasFor(tx: Transaction, names: readonly string[]): Promise<Schemas> {
  const types = (await typesByName(tx, [...new Set(names)])).filter((type) => type !== null);
  const versions = await versionsOfTypes(
    tx,
    types.map(({ id }) => id),
  );
  const named = types.flatMap(({ name }, index) =>
    (versions[index] ?? []).map(({ version, schema }) => [nameOf({ type: name, version }), schema] as const),
  );
  return new Map(named);
}

function problemOf(event: EventEnvelope, schemas: Schemas): string | null {
  if (isProtected(event.type)) return `${event.type} decides about rights or money and is not imported`;
  const schema = schemas.get(nameOf(event));
  if (!schema) return `${event.type} has no version ${event.version} here`;
  const problems = payloadProblems(schema, event.payload).slice(0, 3);
  return problems.map(({ pointer, message }) => `payload${pointer}: ${message}`).join("; ") || null;
}
