/** Joins outbox, relay, reactions, live and operations over one database and one bus. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@tessera/database";
import type { EventEnvelope } from "@tessera/shared-types";
import { backlog } from "./backlog.js";
import type { Bus, Subscription } from "./bus.js";
import type { Consumer } from "./consumer.js";
import { consumerStates } from "./consumers.js";
import { deadLetters } from "./dead-letters.js";
import { deliveryStates } from "./deliveries.js";
import type { Events, EventsOptions, Log, RetryPolicy } from "./events.js";
import { LiveEvents } from "./live.js";
import type { Operations, OperatorScope } from "./operations.js";
import { createOutbox, envelope, parsePayload } from "./outbox.js";
import { ParkedEvents } from "./parked.js";
import { Reactions } from "./reactions.js";
import { startRelay } from "./relay.js";
import { resend } from "./resend.js";

const defaultRetry: RetryPolicy = { attempts: 8, baseMs: 1000, capMs: 300_000 };
const silent: Log = { info() {}, warn() {}, error() {} };
const week = 7 * 24 * 3600 * 1000;

/** Joins a database and a bus. Nothing runs until `startRelay` or `startReactions`. */
export function openEvents(options: EventsOptions): Events {
  const { database, bus, log = silent, retentionMs = week } = options;
  const reactions = new Reactions({
    parked: new ParkedEvents(database.admin),
    bus,
    log,
    retry: { ...defaultRetry, ...options.retry },
    parallel: reactionsAtOnce(database),
  });
  const live = new LiveEvents(bus, options.liveBuffer ?? 1000);
  const running = new Set<Subscription>();

  return {
    outbox: (origin) => createOutbox(origin),
    startRelay: () => tracked(running, startRelay({ admin: database.admin, bus, log, retentionMs })),
    startReactions: (module, declared, run) =>
      tracked(running, reactions.start({ module, reactions: declared, run } as Omit<Consumer, "pace">)),
    live: (contract, liveOptions) => live.subscribe(contract, liveOptions),
    announce: (origin, contract, publication) => bus.announce(envelope(origin, contract, publication)),
    operations: (scope) => operationsOf(database, bus, reactions, scope),
    stats: () => backlog(database.admin),
    idle: () => idle(database, bus, reactions),
    close: async () => {
      await Promise.all([...running].map((subscription) => subscription.close()));
      await Promise.all([reactions.close(), live.close()]);
    },
  };
}

function operationsOf({ admin }: Database, bus: Bus, reactions: Reactions, scope: OperatorScope): Operations {
  const check = (event: EventEnvelope): void => {
    const contract = reactions.contractOf(event);
    if (contract) parsePayload(contract, event.payload);
  };
  return {
    consumers: () => consumerStates(admin, bus, scope),
    deliveries: (eventIds) => deliveryStates(admin, scope, eventIds),
    deadLetters: deadLetters({ sql: admin, scope, check, retryNow: () => reactions.retryNow() }),
    resend: (events, replay) => resend(admin, bus, scope, events, replay),
  };
}

/** Half of the connections stay free for requests. */
function reactionsAtOnce(database: Database): number {
  return Math.max(1, Math.floor(database.stats().size / 2));
}

function tracked(running: Set<Subscription>, subscription: Subscription): Subscription {
  const entry: Subscription = {
    close: async () => {
      running.delete(entry);
      await subscription.close();
    },
  };
  running.add(entry);
  return entry;
}

/** Two looks without any reaction in between: what one publishes could be on its way behind the back of a single look. */
async function idle(database: Database, bus: Bus, reactions: Reactions): Promise<void> {
  for (;;) {
    const before = reactions.handled;
    const quiet =
      (await outboxIsEmpty(database)) &&
      (await bus.settled()) &&
      !(await reactions.hasDue()) &&
      (await outboxIsEmpty(database)) &&
      (await bus.settled());
    if (quiet && reactions.handled === before) return;
    await sleep(10);
  }
}

async function outboxIsEmpty(database: Database): Promise<boolean> {
  const [row] = await database.admin<{ empty: boolean }[]>`
    select not exists (select from kernel.outbox) as empty`;
  return row?.empty ?? true;
}
