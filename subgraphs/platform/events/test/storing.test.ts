import { randomUUID } from "node:crypto";
import { esgEvents, platformEvents } from "@tessera/shared-types";
import { envelopeOf, type TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventOf, ids, newPlace, searchOperation, start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const stored = async (place: ReturnType<typeof newPlace>, filter: object = {}, page: object = {}) =>
  (await subgraph.as(place.owner).data(searchOperation, { filter, ...page })).storedEvents;

describe("an event", () => {
  test("of any type is stored once, as it was, though it is delivered twice", async () => {
    const place = newPlace();
    const known = await subgraph.deliverTwice(
      esgEvents.activityImportRequested,
      { importId: "i", calculationId: "c" },
      { tenantId: place.tenantId, aggregateId: "calculation-1" },
    );
    const strange = eventOf(place, "care.note.recorded", {
      actorId: randomUUID(),
      causationId: known.id,
      payload: { b: 1, a: ["ünïcode", 1.5, null] },
    });
    await subgraph.deliver(strange, strange);
    const { nodes, totalCount } = await stored(place);
    expect(totalCount).toBe(2);
    const { tenantId, ...shown } = strange;
    expect(nodes[0]).toEqual({ ...shown, imported: false, erasedAt: null });
    expect(nodes[1]).toMatchObject({ id: known.id, payload: { importId: "i", calculationId: "c" } });
  });

  test("that is repeated by a replay is not stored again", async () => {
    const place = newPlace();
    const event = eventOf(place, "ghg.emissions.calculated");
    await subgraph.deliver(event, { ...event, replay: { id: randomUUID(), consumer: null } });
    expect((await stored(place)).totalCount).toBe(1);
  });

  test("of nobody in particular is not stored, and holds up nothing", async () => {
    const place = newPlace();
    await subgraph.deliver(eventOf(place, "registry.service.registered", { tenantId: "" }), eventOf(place, "a.b"));
    expect((await stored(place)).totalCount).toBe(1);
    const [row] = await subgraph.runtime.database.admin`select count(*)::int as parked from kernel.parked`;
    expect(row).toEqual({ parked: 0 });
  });

  test("cannot be changed, not even by the module itself, while it can be removed", async () => {
    const place = newPlace();
    await subgraph.deliver(eventOf(place, "a.b"));
    const db = subgraph.runtime.database.forModule("events");
    const change = (statement: string) =>
      db.transaction({ tenantId: place.tenantId }, (tx) => tx.execute(statement).then(() => undefined));
    await expect(change("update events.stored_events set type = 'other'")).rejects.toMatchObject({
      details: { sqlState: "23001" },
    });
    await expect(change("update events.stored_events set payload = null")).rejects.toThrow();
    await change("delete from events.stored_events");
    expect((await stored(place)).totalCount).toBe(0);
  });
});

describe("a search", () => {
  test("finds events by type, family, source, aggregate, actor, operation and time", async () => {
    const place = newPlace();
    const [actorId, correlationId] = [randomUUID(), randomUUID()];
    const at = (hour: number) => `2026-03-01T${String(hour).padStart(2, "0")}:00:00.000Z`;
    const a = eventOf(place, "ghg.emissions.calculated", { occurredAt: at(1), actorId });
    const b = eventOf(place, "ghg.import.requested", { occurredAt: at(2), source: "ghg-calculator", correlationId });
    const c = eventOf(place, "analytics.report.generated", {
      occurredAt: at(3),
      aggregateId: "report-7",
      correlationId,
    });
    await subgraph.deliver(a, b, c);
    const found = async (filter: object) => ids((await stored(place, filter)).nodes);
    expect(await found({})).toEqual([c.id, b.id, a.id]);
    expect(await found({ types: ["ghg.emissions.calculated"] })).toEqual([a.id]);
    expect(await found({ types: ["ghg.*"] })).toEqual([b.id, a.id]);
    expect(await found({ types: ["ghg.import.requested", "analytics.*"] })).toEqual([c.id, b.id]);
    expect(await found({ sources: ["ghg-calculator"] })).toEqual([b.id]);
    expect(await found({ aggregateIds: ["report-7"] })).toEqual([c.id]);
    expect(await found({ actorId })).toEqual([a.id]);
    expect(await found({ correlationId })).toEqual([c.id, b.id]);
    expect(await found({ since: at(2) })).toEqual([c.id, b.id]);
    expect(await found({ until: at(2) })).toEqual([a.id]);
    expect(await found({ types: ["ghg.*"], correlationId, since: at(1), until: at(4) })).toEqual([b.id]);
  });

  test("is refused by what is wrong with it", async () => {
    const owner = subgraph.as(newPlace().owner);
    const refusal = async (filter: object) => (await owner.error(searchOperation, { filter })).code;
    expect(await refusal({ types: ["Not A Type"] })).toBe("FILTER_INVALID");
    expect(await refusal({ types: ["*"] })).toBe("FILTER_INVALID");
    expect(await refusal({ aggregateIds: Array(101).fill("a") })).toBe("FILTER_INVALID");
    expect(await refusal({ correlationId: "" })).toBe("FILTER_INVALID");
    expect(await refusal({ since: "2026-02-01T00:00:00Z", until: "2026-01-01T00:00:00Z" })).toBe("FILTER_INVALID");
    expect((await owner.data(searchOperation, { filter: { types: ["a.*"] } })).storedEvents.nodes).toEqual([]);
  });

  test("is read in pages, forward and back, without a gap while new events arrive", async () => {
    const place = newPlace();
    const events = Array.from({ length: 7 }, (_, index) =>
      eventOf(place, "a.b", { occurredAt: `2026-03-01T00:00:00.00${index}Z` }),
    );
    await subgraph.deliver(...events);
    const expected = ids(events).reverse();
    const first = await stored(place, {}, { first: 3 });
    await subgraph.deliver(eventOf(place, "a.b"));
    const second = await stored(place, {}, { first: 3, after: first.pageInfo.endCursor });
    const third = await stored(place, {}, { first: 3, after: second.pageInfo.endCursor });
    expect([...ids(first.nodes), ...ids(second.nodes), ...ids(third.nodes)]).toEqual(expected);
    expect([second.pageInfo.hasNextPage, third.pageInfo.hasNextPage]).toEqual([true, false]);
    const back = await stored(place, {}, { last: 2, before: third.pageInfo.startCursor });
    expect(ids(back.nodes)).toEqual(expected.slice(4, 6));
    expect(await subgraph.as(place.owner).error(searchOperation, { after: "nonsense" })).toMatchObject({
      code: "INVALID_CURSOR",
    });
  });

  test("never finds what belongs to another organization, not even past the module's own conditions", async () => {
    const [place, other] = [newPlace(), newPlace()];
    const event = eventOf(place, "a.b");
    await subgraph.deliver(event);
    const read = "query ($id: ID!) { storedEvent(id: $id) { id } }";
    const tree = "query ($id: String!) { eventTree(correlationId: $id) { correlationId } }";
    expect(await subgraph.as(place.owner).data(read, { id: event.id })).toEqual({ storedEvent: { id: event.id } });
    expect(await subgraph.as(other.owner).data(read, { id: event.id })).toEqual({ storedEvent: null });
    expect(await subgraph.as(other.owner).entity("StoredEvent", event.id, "id")).toBeNull();
    expect(await subgraph.as(other.owner).data(tree, { id: event.correlationId })).toEqual({ eventTree: null });
    expect((await stored(other)).totalCount).toBe(0);
    const db = subgraph.runtime.database.forModule("events");
    const rows = (tenantId: string | null) =>
      db.transaction({ tenantId }, (tx) => tx.execute(`select 1 from events.stored_events where id = '${event.id}'`));
    expect([(await rows(place.tenantId)).length, (await rows(other.tenantId)).length]).toEqual([1, 0]);
    expect((await rows(null)).length).toBe(0);
  });

  test("uses an index for each way to ask when there are many events", async () => {
    const place = newPlace();
    const { admin } = subgraph.runtime.database;
    await admin`
      insert into events.stored_events
        (tenant_id, id, type, version, aggregate_id, source, occurred_at, actor_id, correlation_id, payload)
      select ${place.tenantId}, gen_random_uuid(), 'kind.' || n % 50, 1, 'aggregate ' || n % 997, 'test',
        now() - n * interval '1 second', 'actor ' || n % 499, 'operation ' || n % 4999, '{}'
      from generate_series(1, 20000) n`;
    await admin`analyze events.stored_events`;
    const db = subgraph.runtime.database.forModule("events");
    const plan = (condition: string, order: string) =>
      db.transaction({ tenantId: place.tenantId }, async (tx) => {
        const rows = await tx.execute(
          `explain select * from events.stored_events where ${condition} ${order} limit 50`,
        );
        return JSON.stringify(rows);
      });
    const newest = "order by occurred_at desc, id desc";
    expect(await plan("true", newest)).toContain("stored_events_time");
    expect(await plan("type = 'kind.7'", newest)).toContain("stored_events_type");
    expect(await plan("aggregate_id = 'aggregate 7'", newest)).toContain("stored_events_aggregate");
    expect(await plan("actor_id = 'actor 7'", newest)).toContain("stored_events_actor");
    expect(await plan("correlation_id = 'operation 7'", "")).toContain("stored_events_correlation");
    expect(await plan("position > 5", "order by position")).toContain("stored_events_position");
  });
});

describe("a person who was erased", () => {
  const erased = (place: ReturnType<typeof newPlace>, userId: string) =>
    subgraph.deliverTwice(
      platformEvents.memberChanged,
      { organizationId: place.tenantId, userId, change: "erased", roles: [] },
      { tenantId: place.tenantId },
    );

  test("is gone from payloads, while what happened and what concerns others stays", async () => {
    const [place, other] = [newPlace(), newPlace()];
    const userId = randomUUID();
    const about = eventOf(place, "care.note.recorded", { aggregateId: userId, payload: { text: "private" } });
    const naming = eventOf(place, "collab.comment.added", { payload: { by: { userId }, text: "private too" } });
    const unrelated = eventOf(place, "a.b", { actorId: userId });
    const elsewhere = eventOf(other, "a.b", { aggregateId: userId });
    await subgraph.deliver(about, naming, unrelated, elsewhere);
    const notice = await erased(place, userId);
    const { nodes } = await stored(place);
    const byId = Object.fromEntries(nodes.map((node: { id: string }) => [node.id, node]));
    expect(byId[about.id]).toMatchObject({ payload: null, erasedAt: notice.occurredAt, type: about.type });
    expect(byId[naming.id]).toMatchObject({ payload: null, erasedAt: notice.occurredAt });
    expect(byId[unrelated.id]).toMatchObject({ payload: unrelated.payload, erasedAt: null });
    expect(byId[notice.id]).toMatchObject({ payload: notice.payload, erasedAt: null });
    expect((await stored(other)).nodes[0]).toMatchObject({ payload: elsewhere.payload });
  });

  test("does not come back with an event that was delayed", async () => {
    const place = newPlace();
    const userId = randomUUID();
    const late = envelopeOf(
      platformEvents.loginSucceeded,
      { userId, sessionId: "s", clientAddress: "192.0.2.7" },
      { tenantId: place.tenantId },
    );
    await erased(place, userId);
    await subgraph.deliver(late);
    const [node] = (await stored(place, { types: ["security.*"] })).nodes;
    expect(node).toMatchObject({ id: late.id, payload: null });
    expect(node.erasedAt).not.toBeNull();
  });
});
