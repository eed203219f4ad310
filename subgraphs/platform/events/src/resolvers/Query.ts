import { findDeadLetter } from "../domain/decide-dead-letter.js";
import { exportStream } from "../domain/export-stream.js";
import { listDeadLetters } from "../domain/list-dead-letters.js";
import { findReadableStream, listReadableStreams } from "../domain/read-access.js";
import { readEventTree } from "../domain/read-event-tree.js";
import { checkEventSchema } from "../domain/register-event-type.js";
import { findStoredEvent, searchEvents } from "../domain/search-events.js";
import type { QueryResolvers } from "../generated/types.js";
import { pageOfDecisions } from "../queries/decisions.js";
import { pageOfTypes, typesByName } from "../queries/event-types.js";
import { importsById, pageOfImports } from "../queries/imports.js";
import { pageOfReplays, replaysById } from "../queries/replays.js";

export const Query: QueryResolvers = {
  eventTypes: (_, { origin, ...page }, ctx) => pageOfTypes(ctx.db, origin == null ? null : origin === "EXTERNAL", page),
  eventType: (_, { name }, ctx) => ctx.load(typesByName, name),
  checkEventSchema: (_, { name, schema }, ctx) => checkEventSchema(ctx, name, schema),
  eventStreams: (_, page, ctx) => listReadableStreams(ctx, page),
  eventStream: (_, { id }, ctx) => findReadableStream(ctx, id),
  storedEvents: (_, { filter, ...page }, ctx) => searchEvents(ctx, filter, page),
  storedEvent: (_, { id }, ctx) => findStoredEvent(ctx, id),
  eventTree: (_, { correlationId }, ctx) => readEventTree(ctx, correlationId),
  deadLetters: (_, question, ctx) => listDeadLetters(ctx, question),
  deadLetter: (_, { id }, ctx) => findDeadLetter(ctx, id),
  deadLetterDecisions: (_, page, ctx) => pageOfDecisions(ctx.db, page),
  replays: (_, page, ctx) => pageOfReplays(ctx.db, page),
  replay: (_, { id }, ctx) => ctx.load(replaysById, id),
  consumerGroups: (_, __, ctx) => ctx.operations.consumers(),
  exportEventStream: (_, { streamId, ...piece }, ctx) => exportStream(ctx, streamId, piece),
  eventImports: (_, page, ctx) => pageOfImports(ctx.db, page),
  eventImport: (_, { id }, ctx) => ctx.load(importsById, id),
};
