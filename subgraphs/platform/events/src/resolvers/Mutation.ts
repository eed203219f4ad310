import { discardDeadLetter, retryDeadLetter } from "../domain/decide-dead-letter.js";
import { importEvents } from "../domain/import-events.js";
import { createEventStream, deleteEventStream, updateEventStream } from "../domain/keep-stream.js";
import { publishEvent } from "../domain/publish-event.js";
import {
  changeEventTypeCompatibility,
  registerEventType,
  registerEventTypeVersion,
} from "../domain/register-event-type.js";
import { cancelReplay, pauseReplay, resumeReplay, startReplay } from "../domain/replay-events.js";
import { watchImport, watchReplay } from "../domain/watch-progress.js";
import { type ShownEvent, watchStream } from "../domain/watch-stream.js";
import type { MutationResolvers, SubscriptionResolvers } from "../generated/types.js";
import { setGoing } from "../processes/send-replay.js";
import type { EventImportRow } from "../queries/imports.js";
import type { ReplayRow } from "../queries/replays.js";

export const Mutation: MutationResolvers = {
  registerEventType: (_, { input }, ctx) => registerEventType(ctx, input),
  registerEventTypeVersion: (_, { name, schema }, ctx) => registerEventTypeVersion(ctx, name, schema),
  changeEventTypeCompatibility: (_, { name, compatibility }, ctx) =>
    changeEventTypeCompatibility(ctx, name, compatibility),
  publishEvent: (_, { input }, ctx) => publishEvent(ctx, input),
  createEventStream: (_, { input }, ctx) => createEventStream(ctx, input),
  updateEventStream: (_, { id, input }, ctx) => updateEventStream(ctx, id, input),
  deleteEventStream: (_, { id }, ctx) => deleteEventStream(ctx, id),
  retryDeadLetter: (_, { id, payload }, ctx) => retryDeadLetter(ctx, id, payload),
  discardDeadLetter: (_, { id, reason }, ctx) => discardDeadLetter(ctx, id, reason),
  startReplay: (_, { input }, ctx) => startReplay(ctx, input, setGoing),
  pauseReplay: (_, { id }, ctx) => pauseReplay(ctx, id),
  resumeReplay: (_, { id }, ctx) => resumeReplay(ctx, id, setGoing),
  cancelReplay: (_, { id }, ctx) => cancelReplay(ctx, id),
  importEvents: (_, piece, ctx) => importEvents(ctx, piece),
};

export const Subscription: SubscriptionResolvers = {
  eventStreamed: {
    subscribe: (_, { streamId }, ctx) => watchStream(ctx, streamId),
    resolve: (event: ShownEvent) => event,
  },
  replayProgressed: {
    subscribe: (_, { id }, ctx) => watchReplay(ctx, id),
    resolve: (replay: ReplayRow) => replay,
  },
  eventImportProgressed: {
    subscribe: (_, { id }, ctx) => watchImport(ctx, id),
    resolve: (imported: EventImportRow) => imported,
  },
};
