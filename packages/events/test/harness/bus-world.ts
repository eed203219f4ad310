/** Buses of several processes over one server, below everything else of this package: no relay, no reactions. */
import { randomUUID } from "node:crypto";
import type { Database } from "@tessera/database";
import type { EventEnvelope } from "@tessera/shared-types";
import { type Bus, openBus, prepareEvents } from "../../src/index.js";
import { createDatabase, modules } from "./database.js";
import { envelopeOf, until, type WorldOptions } from "./world.js";

export interface BusWorld {
  /** As another process would open it. */
  open(): Promise<Bus>;
  /** As the relay does it; of one order per aggregate. */
  append(events: readonly EventEnvelope[]): Promise<void>;
  close(): Promise<void>;
}

/** Each world has a stream of its own, whichever the server is. */
export async function openBusWorld(driver: Pick<WorldOptions, "redisUrl" | "kafkaBrokers">): Promise<BusWorld> {
  const database = await createDatabase();
  await prepareEvents(database, modules);
  const namespace = randomUUID().slice(0, 13);
  const buses: Bus[] = [];
  const open = async (): Promise<Bus> => {
    const bus = await openBus({ database, namespace, ...driver });
    buses.push(bus);
    return bus;
  };
  const publisher = await open();
  return {
    open,
    append: (events) => (publisher.moveOutbox ? move(database, publisher, events) : publisher.append(events)),
    close: async () => {
      await Promise.all(buses.map((bus) => bus.close()));
      await database.close();
    },
  };
}

async function move(database: Database, bus: Bus, events: readonly EventEnvelope[]): Promise<void> {
  const sql = await database.admin.reserve();
  try {
    await sql`
      insert into kernel.outbox (event)
      select event from json_array_elements(${JSON.stringify(events)}::text::json) event`;
    const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    while ((await bus.moveOutbox?.(sql, row?.pid ?? 0, 500)) ?? 0);
  } finally {
    sql.release();
  }
}

export const numberOf = (event: EventEnvelope): number => (event.payload as { n: number }).n;

/** Events numbered from `from` on, dealt out to so many aggregates in turn. */
export const eventsFrom = (
  from: number,
  count: number,
  aggregates = 1,
  changes: Partial<EventEnvelope> = {},
): EventEnvelope[] =>
  Array.from({ length: count }, (_, index) =>
    envelopeOf({ aggregateId: `a${(from + index) % aggregates}`, payload: { n: from + index }, ...changes }),
  );

/** What one or several consumers of a group did, in the order they began it. */
export class Heard {
  readonly events: EventEnvelope[] = [];
  /** Aggregates of which two events were in hand at once in two different buses. */
  readonly overlaps: string[] = [];
  readonly #inHand = new Map<string, Map<string, number>>();

  /** A handler for one bus, which `work` may delay or fail. */
  by(bus: string, work: (event: EventEnvelope) => Promise<void> = async () => {}) {
    return async (event: EventEnvelope): Promise<void> => {
      this.events.push(event);
      const holders = this.#inHand.get(event.aggregateId) ?? new Map<string, number>();
      this.#inHand.set(event.aggregateId, holders);
      holders.set(bus, (holders.get(bus) ?? 0) + 1);
      if ([...holders.values()].filter((count) => count > 0).length > 1) this.overlaps.push(event.aggregateId);
      try {
        await work(event);
      } finally {
        holders.set(bus, (holders.get(bus) ?? 1) - 1);
      }
    };
  }

  numbers(aggregateId?: string): number[] {
    return this.events.filter((event) => !aggregateId || event.aggregateId === aggregateId).map(numberOf);
  }

  /** In the order of the first time each was heard. */
  distinct(aggregateId?: string): number[] {
    return [...new Set(this.numbers(aggregateId))];
  }

  has(count: number): Promise<void> {
    return until(`${count} different events were heard`, () => this.distinct().length >= count, 40_000);
  }
}

export const upTo = (count: number, step = 1): number[] => Array.from({ length: count }, (_, n) => n * step);
