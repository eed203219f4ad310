import { randomUUID } from "node:crypto";
import { platformEvents } from "@tessera/shared-types";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { deliverySchema, eventOf, newPlace, type Place, registerOperation, start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

describe("the tree of an operation", () => {
  const operation = /* GraphQL */ `
    query ($id: String!) {
      eventTree(correlationId: $id) {
        correlationId startedAt durationMs deepest truncated
        nodes { event { id deliveries { consumer state attempts lastError handledAt } } parentId depth offsetMs afterParentMs }
      }
    }`;

  test("shows each event below its cause, how long after it, and what became of it in each consumer", async () => {
    const place = newPlace();
    const correlationId = randomUUID();
    const at = (ms: number) => new Date(Date.UTC(2026, 2, 1) + ms).toISOString();
    const a = eventOf(place, "a.a", { correlationId, occurredAt: at(0) });
    const b = eventOf(place, "a.b", { correlationId, occurredAt: at(20), causationId: a.id });
    const c = eventOf(place, "a.c", { correlationId, occurredAt: at(70), causationId: b.id });
    await subgraph.deliver(a, c, b, eventOf(place, "a.d"));
    const { eventTree } = await subgraph.as(place.owner).data(operation, { id: correlationId });
    expect(eventTree).toMatchObject({ correlationId, startedAt: at(0), durationMs: 70, deepest: 2, truncated: false });
    expect(eventTree.nodes).toMatchObject([
      { event: { id: a.id }, parentId: null, depth: 0, offsetMs: 0, afterParentMs: null },
      { event: { id: b.id }, parentId: a.id, depth: 1, offsetMs: 20, afterParentMs: 20 },
      { event: { id: c.id }, parentId: b.id, depth: 2, offsetMs: 70, afterParentMs: 50 },
    ]);
    const [delivery, ...others] = eventTree.nodes[0].event.deliveries;
    expect(others).toEqual([]);
    expect(delivery).toMatchObject({ consumer: "events", state: "HANDLED", attempts: 0, lastError: null });
    expect(Date.parse(delivery.handledAt)).toBeGreaterThan(Date.now() - 60_000);
    const { error } = await subgraph
      .as(place.viewer)
      .run(operation, { id: correlationId })
      .then(({ errors }) => ({ error: errors?.[0] }));
    expect(error ?? null).toBeNull();
  });

  test("shows deliveries to administrators only", async () => {
    const place = newPlace();
    const event = eventOf(place, "a.b");
    await subgraph.deliver(event);
    const stream = `mutation { createEventStream(input: { name: "All", readerRoles: ["viewer"] }) { id } }`;
    await subgraph.as(place.owner).data(stream);
    const read = "query ($id: ID!) { storedEvent(id: $id) { id deliveries { state } } }";
    expect(await subgraph.as(place.viewer).error(read, { id: event.id })).toMatchObject({ code: "FORBIDDEN" });
    expect(await subgraph.as(place.owner).data(read, { id: event.id })).toEqual({
      storedEvent: { id: event.id, deliveries: [{ state: "HANDLED" }] },
    });
  });
});

describe("a dead letter", () => {
  const list = /* GraphQL */ `
    query ($type: String, $first: Int, $after: String) {
      deadLetters(type: $type, first: $first, after: $after) {
        endCursor hasNextPage
        nodes { id consumer eventId type payload attempts reason stack event { id deliveries { consumer state } } decisions { decision } }
      }
    }`;
  const retry =
    "mutation ($id: ID!, $payload: JSON) { retryDeadLetter(id: $id, payload: $payload) { decision consumer eventId decidedBy } }";
  const discard =
    "mutation ($id: ID!, $reason: String!) { discardDeadLetter(id: $id, reason: $reason) { decision reason } }";
  const broken = { organizationId: "o", userId: 7, change: "nonsense", roles: [] };

  /** The module's own reaction to changes of members gives an event up whose payload is not what it says. */
  async function deadLetterOf(place: Place, payload: unknown = broken) {
    const event = eventOf(place, platformEvents.memberChanged.type, { payload });
    await subgraph.deliver(event);
    // Given up after three attempts, with time between them in which nothing is due.
    const letter = await vi.waitUntil(async () => {
      const { deadLetters } = await subgraph.as(place.owner).data(list);
      return deadLetters.nodes.find(({ eventId }: { eventId: string }) => eventId === event.id);
    }, 10_000);
    return { event, letter };
  }

  test("says what failed and why, to administrators of its organization only", async () => {
    const place = newPlace();
    const { event, letter } = await deadLetterOf(place);
    expect(letter).toMatchObject({
      consumer: "events",
      eventId: event.id,
      type: event.type,
      payload: broken,
      attempts: 3,
      decisions: [],
    });
    expect(letter.reason).toContain("EVENT_INVALID");
    expect(letter.stack).toContain("Error");
    expect(await subgraph.as(place.viewer).error(list)).toMatchObject({ code: "FORBIDDEN" });
    const stranger = subgraph.as(newPlace().owner);
    expect((await stranger.data(list)).deadLetters.nodes).toEqual([]);
    expect(await stranger.entity("DeadLetter", letter.id, "id")).toBeNull();
    expect(await subgraph.as(place.owner).entity("DeadLetter", letter.id, "id")).toEqual({ id: letter.id });
    expect(await stranger.error(retry, { id: letter.id })).toMatchObject({ code: "DEAD_LETTER_NOT_FOUND" });
    expect(await stranger.error(discard, { id: letter.id, reason: "Mine now" })).toMatchObject({
      code: "DEAD_LETTER_NOT_FOUND",
    });
  });

  test("is retried as it is, and its payload is not edited where it decides about rights", async () => {
    const place = newPlace();
    const { letter } = await deadLetterOf(place);
    const owner = subgraph.as(place.owner);
    expect(await owner.error(retry, { id: letter.id, payload: { ...broken, change: "joined" } })).toMatchObject({
      code: "PAYLOAD_PROTECTED",
    });
    expect(await owner.data(retry, { id: letter.id })).toMatchObject({
      retryDeadLetter: { decision: "RETRIED", consumer: "events", eventId: letter.eventId, decidedBy: place.owner.id },
    });
    // It fails again, and is given up after as many attempts as before.
    await expect
      .poll(async () => (await owner.data(list)).deadLetters.nodes, { timeout: 10_000 })
      .toMatchObject([{ id: letter.id, decisions: [{ decision: "RETRIED" }] }]);
  });

  test("is discarded with a reason, once", async () => {
    const place = newPlace();
    const { letter } = await deadLetterOf(place);
    const owner = subgraph.as(place.owner);
    expect(await owner.error(discard, { id: letter.id, reason: "  " })).toMatchObject({ code: "TEXT_INVALID" });
    const reason = "Sent by a test of the importer.";
    expect(await owner.data(discard, { id: letter.id, reason })).toEqual({
      discardDeadLetter: { decision: "DISCARDED", reason },
    });
    expect(await owner.error(discard, { id: letter.id, reason })).toMatchObject({ code: "DEAD_LETTER_NOT_FOUND" });
    expect(await owner.error(retry, { id: letter.id })).toMatchObject({ code: "DEAD_LETTER_NOT_FOUND" });
    expect(await owner.data(list)).toMatchObject({ deadLetters: { nodes: [] } });
    const { deadLetterDecisions } = await owner.data(
      "{ deadLetterDecisions { totalCount nodes { decision reason } } }",
    );
    expect(deadLetterDecisions).toEqual({ totalCount: 1, nodes: [{ decision: "DISCARDED", reason }] });
    expect(await subgraph.as(newPlace().owner).data("{ deadLetterDecisions { nodes { id } } }")).toEqual({
      deadLetterDecisions: { nodes: [] },
    });
  });

  test("of any other type is edited and tried again with a payload that its schema allows", async () => {
    const place = newPlace();
    const owner = subgraph.as(place.owner);
    const name = "external.crate.returned";
    await owner.data(registerOperation, { input: { name, schema: deliverySchema } });
    // Nothing of this module fails at such an event, so it is put among the dead letters as another consumer would.
    const event = eventOf(place, name, { payload: { supplier: "Holm", crates: 0 } });
    await subgraph.deliver(event);
    const { admin } = subgraph.runtime.database;
    const [row] = await admin<{ id: string }[]>`
      insert into kernel.parked (consumer, event, mark, attempts, next_attempt_at, last_error, last_stack, dead)
      values ('elsewhere', ${admin.json(event as never)}, ${event.id}, 8, now(), 'Boom', 'Error: Boom at x', true)
      returning seq::text as id`;
    const id = row?.id as string;
    const refusal = await owner.error(retry, { id, payload: { supplier: "Holm", crates: "many" } });
    expect(refusal).toMatchObject({ code: "PAYLOAD_INVALID" });
    expect(JSON.stringify(refusal.details)).toContain("/crates");
    expect((await owner.data(list, { type: name })).deadLetters.nodes[0].event.deliveries).toEqual([
      { consumer: "elsewhere", state: "DEAD" },
      { consumer: "events", state: "HANDLED" },
    ]);
    const payload = { supplier: "Holm", crates: 4 };
    expect(await owner.data(retry, { id, payload })).toMatchObject({ retryDeadLetter: { decision: "EDITED" } });
    const [parked] = await admin`select dead, event->'payload' as payload from kernel.parked where seq = ${id}`;
    expect(parked).toEqual({ dead: false, payload });
    const kept = "query ($id: ID!) { storedEvent(id: $id) { payload } }";
    expect(await owner.data(kept, { id: event.id })).toEqual({ storedEvent: { payload: event.payload } });
    await admin`delete from kernel.parked where seq = ${id}`;
  });

  test("is listed in pages, and no cursor or size of another kind is taken", async () => {
    const place = newPlace();
    for (let count = 0; count < 3; count += 1) await deadLetterOf(place);
    const owner = subgraph.as(place.owner);
    const { deadLetters: first } = await owner.data(list, { first: 2 });
    const { deadLetters: second } = await owner.data(list, { first: 2, after: first.endCursor });
    expect([first.nodes.length, first.hasNextPage, second.nodes.length, second.hasNextPage]).toEqual([
      2,
      true,
      1,
      false,
    ]);
    expect(await owner.error(list, { after: "x" })).toMatchObject({ code: "CURSOR_INVALID" });
    expect(await owner.error(list, { first: 0 })).toMatchObject({ code: "FILTER_INVALID" });
  });
});

test("consumer groups say how far they are, to administrators only", async () => {
  const place = newPlace();
  await subgraph.deliver(eventOf(place, "a.b"));
  const operation = "{ consumerGroups { id types lag oldestWaitingAt throughputPerSecond parked deadLetters } }";
  const { consumerGroups } = await subgraph.as(place.owner).data(operation);
  const own = consumerGroups.find(({ id }: { id: string }) => id === "events");
  expect(own).toMatchObject({ types: [], lag: 0, parked: 0, deadLetters: 0 });
  expect(own.throughputPerSecond).toBeGreaterThan(0);
  expect(await subgraph.as(place.owner).entity("ConsumerGroup", "events", "lag")).toEqual({ lag: 0 });
  expect(await subgraph.as(place.owner).entity("ConsumerGroup", "nobody", "lag")).toBeNull();
  expect(await subgraph.as(place.viewer).error(operation)).toMatchObject({ code: "FORBIDDEN" });
});
