import { findReadableStream } from "../domain/read-access.js";
import { readDeliveries } from "../domain/read-deliveries.js";
import { findStoredEvent, searchStream } from "../domain/search-events.js";
import type {
  EventDeliveryResolvers,
  EventDeliveryState,
  EventStreamResolvers,
  StoredEventResolvers,
} from "../generated/types.js";

export const EventStream: EventStreamResolvers = {
  // Streams and events are reached through other modules too, and admit the same people there.
  __resolveReference: ({ id }, ctx) => findReadableStream(ctx, id),
  events: (stream, { filter, ...page }, ctx) => searchStream(ctx, stream, filter, page),
};

export const StoredEvent: StoredEventResolvers = {
  __resolveReference: ({ id }, ctx) => findStoredEvent(ctx, id),
  imported: ({ importId }) => importId !== null,
  deliveries: (event, _, ctx) => readDeliveries(ctx, event),
};

export const EventDelivery: EventDeliveryResolvers = {
  state: ({ state }) => state.toUpperCase() as EventDeliveryState,
};
