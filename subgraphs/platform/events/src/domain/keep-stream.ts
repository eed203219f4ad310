/** Streams: which events they hold, for how long, and who reads them. */
import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import {
  addStream,
  changeStream,
  type EventStreamContent,
  type EventStreamRow,
  listStreams,
  removeStream,
} from "../queries/streams.js";
import { listProblem } from "./check-filter.js";
import { checkText } from "./text-checks.js";

/** Lists that are left out are empty. */
export interface StreamInput {
  readonly name: string;
  readonly description?: string;
  readonly types?: readonly string[];
  readonly sources?: readonly string[];
  readonly aggregateIds?: readonly string[];
  readonly retentionDays?: number | null | undefined;
  readonly readerRoles?: readonly string[];
  readonly readerScopes?: readonly string[];
}

const mostStreams = 200;
const longestName = 100;
const longestDescription = 2_000;
const longestRetention = 36_500;
const mostReaders = 50;

/** @throws TEXT_INVALID, STREAM_INVALID, STREAM_NAME_TAKEN */
export function createEventStream(ctx: Context, input: StreamInput): Promise<EventStreamRow> {
  const content = checkContent(input);
  return ctx.transaction(async (tx) => {
    if ((await listStreams(tx)).length >= mostStreams)
      throw errors.STREAM_INVALID({ reason: `an organization has ${mostStreams} streams at most` });
    const stream = await addStream(tx, content, ctx.now());
    if (!stream) throw errors.STREAM_NAME_TAKEN({ name: content.name });
    return stream;
  });
}

/** Whoever listens to it is judged anew. @throws TEXT_INVALID, STREAM_INVALID, STREAM_NAME_TAKEN, STREAM_NOT_FOUND */
export async function updateEventStream(ctx: Context, id: string, input: StreamInput): Promise<EventStreamRow> {
  const content = checkContent(input);
  const changed = await ctx.transaction(async (tx) => {
    const twin = (await listStreams(tx)).find(({ name }) => name === content.name);
    if (twin && twin.id !== id) throw errors.STREAM_NAME_TAKEN({ name: content.name });
    const stream = await changeStream(tx, id, content, ctx.now());
    if (!stream) throw errors.STREAM_NOT_FOUND({ id });
    return stream;
  });
  await tellListeners(ctx, id);
  return changed;
}

/** @throws STREAM_NOT_FOUND */
export async function deleteEventStream(ctx: Context, id: string): Promise<string> {
  await ctx.transaction(async (tx) => {
    if (!(await removeStream(tx, id))) throw errors.STREAM_NOT_FOUND({ id });
  });
  await tellListeners(ctx, id);
  return id;
}

const tellListeners = (ctx: Context, streamId: string): Promise<void> =>
  ctx.announce(platformEvents.eventStreamChanged, { aggregateId: streamId, payload: { streamId } });

function checkContent(input: StreamInput): EventStreamContent {
  const { types = [], sources = [], aggregateIds = [], readerRoles = [], readerScopes = [] } = input;
  const { description = "", retentionDays = null } = input;
  const name = checkText("name", input.name, longestName);
  const reason =
    listProblem(types, sources, aggregateIds) ??
    readerProblem([...readerRoles, ...readerScopes]) ??
    (description.length > longestDescription ? `a description has ${longestDescription} characters at most` : null) ??
    retentionProblem(retentionDays);
  if (reason) throw errors.STREAM_INVALID({ reason });
  return {
    name,
    description,
    types: [...types],
    sources: [...sources],
    aggregateIds: [...aggregateIds],
    retentionDays,
    readerRoles: [...readerRoles],
    readerScopes: [...readerScopes],
  };
}

function readerProblem(readers: readonly string[]): string | null {
  if (readers.length > mostReaders) return `it has ${mostReaders} readers at most`;
  return readers.some((reader) => reader === "" || reader.length > 100) ? "a reader has 1 to 100 characters" : null;
}

function retentionProblem(days: number | null): string | null {
  return days !== null && (days < 1 || days > longestRetention)
    ? `events are kept for 1 to ${longestRetention} days, or without a limit`
    : null;
}
