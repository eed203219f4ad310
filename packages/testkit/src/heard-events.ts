/** Every event that comes over the bus from now on, for a test to look at. */
import type { Database } from "@tessera/database";
import type { Bus } from "@tessera/events";
import type { EventEnvelope } from "@tessera/shared-types";

export interface HeardEvents {
  /** Oldest first. */
  readonly seen: readonly EventEnvelope[];
  /** Waits until everything the bus holds by now is among them: the tail hears of it a moment after it is stored. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

export async function hearEvents({ admin }: Database, bus: Bus): Promise<HeardEvents> {
  const seen: EventEnvelope[] = [];
  const tail = bus.tail((event) => seen.push(event));
  const [head] = await admin<{ position: string }[]>`
    select coalesce(max(position), 0)::text as position from kernel.stream`;
  return {
    seen,
    caughtUp: async () => {
      const [last] = await admin<{ id: string }[]>`
        select event->>'id' as id from kernel.stream
        where position > ${head?.position ?? "0"}::bigint and event->'replay' is null and event->>'id' is not null
        order by position desc limit 1`;
      while (last && !seen.some(({ id }) => id === last.id)) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    close: () => tail.close(),
  };
}
