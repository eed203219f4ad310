import { findDeadLetter } from "../domain/decide-dead-letter.js";
import { failedAt } from "../domain/read-deliveries.js";
import { findStoredEvent } from "../domain/search-events.js";
import type { ConsumerGroupResolvers, DeadLetterResolvers, ReplayResolvers } from "../generated/types.js";
import { decisionsOfEvents } from "../queries/decisions.js";

export const DeadLetter: DeadLetterResolvers = {
  __resolveReference: ({ id }, ctx) => findDeadLetter(ctx, id),
  consumer: ({ module }) => module,
  eventId: ({ event }) => event.id,
  type: ({ event }) => event.type,
  version: ({ event }) => event.version,
  aggregateId: ({ event }) => event.aggregateId,
  occurredAt: ({ event }) => event.occurredAt,
  correlationId: ({ event }) => event.correlationId,
  payload: ({ event }) => event.payload,
  reason: ({ lastError }) => lastError ?? "",
  stack: ({ lastStack }) => lastStack,
  failedAt,
  event: ({ event }, _, ctx) => findStoredEvent(ctx, event.id),
  decisions: async ({ event, module }, _, ctx) => {
    const all = await ctx.loadList(decisionsOfEvents, event.id);
    return all.filter(({ consumer }) => consumer === module);
  },
};

export const Replay: ReplayResolvers = {
  types: ({ filter }) => filter.types ?? [],
  sources: ({ filter }) => filter.sources ?? [],
  aggregateIds: ({ filter }) => filter.aggregateIds ?? [],
  correlationId: ({ filter }) => filter.correlationId ?? null,
  since: ({ filter }) => filter.since ?? null,
  until: ({ filter }) => filter.until ?? null,
  percent: ({ state, sent, total }) => (state === "COMPLETED" ? 100 : Math.min(99, Math.floor((sent * 100) / total))),
};

export const ConsumerGroup: ConsumerGroupResolvers = {
  __resolveReference: async ({ id }, ctx) => {
    const all = await ctx.operations.consumers();
    return all.find(({ module }) => module === id) ?? null;
  },
  id: ({ module }) => module,
  types: ({ types }) => types.filter((type) => type !== "*"),
  throughputPerSecond: ({ handledPerSecond }) => handledPerSecond,
};
