/** Parallel where order does not matter, one after the other where it does. */
import type { EventEnvelope } from "@tessera/shared-types";

/** Events with the same lane keep their order. */
export const laneOf = (event: Pick<EventEnvelope, "tenantId" | "aggregateId">): string =>
  `${event.tenantId}\u0000${event.aggregateId}`;
