/**
 * One subgraph in this process, on a throw-away database, with the real event bus. Tests speak GraphQL to it as
 * whoever they like, deliver events to it, and see what it published.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { createVerifier } from "@tessera/access";
import { openCache } from "@tessera/database";
import { createTestDatabase } from "@tessera/database/testing";
import { openBus, openEvents, prepareEvents } from "@tessera/events";
import { openProcesses, prepareProcesses } from "@tessera/processes";
import type { Router } from "@tessera/router";
import type { EventContract, EventEnvelope, SubgraphConnection } from "@tessera/shared-types";
import {
  createRuntime,
  createStage,
  type DemoStage,
  hostInProcess,
  moduleTables,
  type Runtime,
  type Subgraph,
  startProcesses,
  startReactions,
  trustModules,
} from "@tessera/subgraph";
import { createTelemetry } from "@tessera/telemetry";
import { Client, type Person } from "./client.js";
import { Clock } from "./clock.js";
import { hearEvents } from "./heard-events.js";
import { type LateDoor, lateDoor, openRouter } from "./test-router.js";

export interface EventTarget {
  readonly tenantId: string;
  readonly aggregateId?: string;
}

export interface TestSubgraph {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly stage: DemoStage;
  /** A client that sends operations as this person; `null` is somebody who did not log in. */
  as(person: Person | null): Client;
  /** Events published so far, oldest first, of one contract or of all. */
  published<Payload>(contract?: EventContract<Payload>): EventEnvelope<Payload>[];
  /** Puts the same event on the bus twice and waits until the reactions are done. Returns the envelope. */
  deliverTwice<Payload>(
    contract: EventContract<Payload>,
    payload: Payload,
    target: EventTarget,
  ): Promise<EventEnvelope<Payload>>;
  /** Puts envelopes on the bus as they are, in this order, and waits. */
  deliver(...envelopes: EventEnvelope[]): Promise<void>;
  /** Waits until every event published so far has been reacted to, and no process has anything to do now. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface TestSubgraphOptions {
  /** Modules it asks through the supergraph: they stand behind a real router together with it. Without any, it has none to ask. */
  readonly beside?: readonly Subgraph[];
}

export async function startSubgraph(
  subgraph: Subgraph,
  { beside = [] }: TestSubgraphOptions = {},
): Promise<TestSubgraph> {
  const parts = await openParts([subgraph, ...beside], beside.length > 0 ? lateDoor() : null);
  const { database, bus, events, processes, cache, clock, runtime } = parts;
  await (await subgraph.reference?.())?.default(database.admin);
  const heard = await hearEvents(database, bus);
  const { seen } = heard;
  const running = [heard, events.startRelay(), startReactions(subgraph, runtime), startProcesses(subgraph, runtime)];
  const connection: SubgraphConnection = hostInProcess(subgraph, runtime);
  const router = parts.door ? await openDoor(parts.door, [subgraph, ...beside], parts) : null;

  const settle = async () => {
    // A process may publish what somebody reacts to, and a reaction may start or wake a process.
    for (let before = -1; before !== seen.length; ) {
      before = seen.length;
      await events.idle();
      await processes.idle();
      await events.idle();
      await heard.caughtUp();
    }
  };
  const deliver = async (...envelopes: EventEnvelope[]) => {
    const rows = envelopes.map((envelope) => ({ event: JSON.stringify(envelope) }));
    await database.admin`
      insert into kernel.outbox (event)
      select event::json from jsonb_to_recordset(${database.admin.json(rows)}) as row (event text)`;
    await database.admin`select pg_notify('tessera_outbox', '')`;
    await settle();
  };
  return {
    runtime,
    clock,
    stage: createStage(subgraph, runtime),
    as: (person) => new Client(connection, person),
    published: (contract) => seen.filter((event) => !contract || event.type === contract.type) as never,
    deliver,
    deliverTwice: async (contract, payload, target) => {
      const envelope = envelopeOf(contract, payload, target);
      await deliver(envelope, envelope);
      return envelope;
    },
    settle,
    close: async () => {
      await router?.close();
      await Promise.all(running.map((part) => part.close()));
      await processes.close();
      await events.close();
      await bus.close();
      await cache.close();
      await database.close();
    },
  };
}

/** Whoever asks through the door is let in by the token that modules act with. */
async function openDoor(
  door: LateDoor,
  subgraphs: readonly Subgraph[],
  { runtime, secret, telemetry }: Awaited<ReturnType<typeof openParts>>,
): Promise<Router> {
  const connections = subgraphs.map((subgraph) => hostInProcess(subgraph, runtime));
  const verifier = createVerifier({ issuers: [trustModules(secret)] });
  const router = await openRouter(subgraphs, { connections, verifier, telemetry });
  door.open(router);
  return router;
}

async function openParts(subgraphs: readonly Subgraph[], door: LateDoor | null) {
  const database = await createTestDatabase(subgraphs.map(moduleTables));
  await prepareEvents(database, [...subgraphs]);
  await prepareProcesses(database, [...subgraphs]);
  const telemetry = createTelemetry({
    service: "test",
    level: process.env.TESSERA_TEST_LOG === undefined ? "silent" : "debug",
  });
  const bus = await openBus({ database });
  const events = openEvents({ database, bus, log: telemetry.log, retry: { baseMs: 5, capMs: 20, attempts: 3 } });
  const cache = await openCache({ database });
  const verifier = { verify: () => Promise.reject(new Error("In process, the router has verified the token.")) };
  const clock = new Clock();
  const now = () => clock.now();
  const { log } = telemetry;
  const processes = openProcesses({ database, bus, events, log, clock: now, retry: { baseMs: 5, capMs: 20 } });
  const secret = randomBytes(32);
  const parts = { database, events, processes, cache, telemetry, verifier, secret, clock: now };
  const runtime = createRuntime(door ? { ...parts, graph: door } : parts);
  return { ...parts, bus, clock, runtime, door };
}

/** An event as if another module had published it just now. */
export function envelopeOf<Payload>(
  contract: EventContract<Payload>,
  payload: Payload,
  target: EventTarget,
): EventEnvelope<Payload> {
  return {
    id: randomUUID(),
    type: contract.type,
    version: contract.version,
    tenantId: target.tenantId,
    aggregateId: target.aggregateId ?? target.tenantId,
    source: "test",
    occurredAt: new Date().toISOString(),
    actorId: null,
    correlationId: randomUUID(),
    causationId: null,
    payload,
  };
}
