import { randomUUID } from "node:crypto";
import type { EventEnvelope, SubgraphResult } from "@tessera/shared-types";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createStreamOperation, eventOf, ids, newPlace, type Place, start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());
beforeEach(() => {
  vi.restoreAllMocks();
});

const fields = "id state consumer reason total sent percent types since finishedAt failure";
const startOperation = `mutation ($input: ReplayInput!) { startReplay(input: $input) { ${fields} } }`;
const readOperation = `query ($id: ID!) { replay(id: $id) { ${fields} } }`;
const steer = (what: string) => `mutation ($id: ID!) { ${what}Replay(id: $id) { ${fields} } }`;

const begin = async (place: Place, input: object = {}) =>
  (await subgraph.as(place.owner).data(startOperation, { input: { reason: "Rebuild", ...input } })).startReplay;
const read = async (place: Place, id: string) => (await subgraph.as(place.owner).data(readOperation, { id })).replay;

async function until(place: Place, id: string, state: string) {
  for (let look = 0; look < 200; look += 1) {
    const replay = await read(place, id);
    if (replay.state === state) return replay;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The replay never was ${state}: ${JSON.stringify(await read(place, id))}`);
}

/** From now on pieces that are sent after so many wait until `open` is called; `reached` is there when one does. */
function holdPiecesAfter(count: number) {
  // A spy on a spy would call itself.
  vi.restoreAllMocks();
  let [reach, open, pieces] = [() => {}, () => {}, 0];
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  const operations = subgraph.runtime.events.operations.bind(subgraph.runtime.events);
  vi.spyOn(subgraph.runtime.events, "operations").mockImplementation((scope) => {
    const real = operations(scope);
    return {
      ...real,
      resend: async (...piece) => {
        pieces += 1;
        if (pieces > count) {
          reach();
          await opened;
        }
        await real.resend(...piece);
      },
    };
  });
  return { reached, open: () => open() };
}

/** Every event that was handed to the bus for this replay, in order. */
async function sentFor(id: string): Promise<EventEnvelope[]> {
  const rows = await subgraph.runtime.database.admin<{ event: EventEnvelope }[]>`
    select event from kernel.stream where event->'replay'->>'id' = ${id} order by position`;
  return rows.map(({ event }) => event);
}

describe("a replay", () => {
  test("delivers what was stored once more, in order and as it was, marked for its consumer", async () => {
    const place = newPlace();
    const events = Array.from({ length: 5 }, (_, index) =>
      eventOf(place, "ghg.emissions.calculated", { aggregateId: `c-${index % 2}`, payload: { index }, depth: 2 }),
    );
    await subgraph.deliver(...events, eventOf(place, "analytics.report.generated"));
    const replay = await begin(place, { consumer: "events", filter: { types: ["ghg.*"] } });
    expect(replay).toMatchObject({ state: "RUNNING", consumer: "events", total: 5, sent: 0, types: ["ghg.*"] });
    const done = await until(place, replay.id, "COMPLETED");
    expect(done).toMatchObject({ sent: 5, percent: 100, failure: null });
    const sent = await sentFor(replay.id);
    for (const aggregateId of ["c-0", "c-1"]) {
      const of = (all: readonly EventEnvelope[]) => ids(all.filter((event) => event.aggregateId === aggregateId));
      expect(of(sent)).toEqual(of(events));
    }
    const { replay: mark, ...envelope } = sent[0] as EventEnvelope;
    expect(mark).toEqual({ id: replay.id, consumer: "events" });
    expect(events).toContainEqual(envelope);
    await subgraph.settle();
    const [marks] = await subgraph.runtime.database.admin`
      select count(*)::int as count from events.stored_events where tenant_id = ${place.tenantId}`;
    expect(marks).toEqual({ count: 6 });
  });

  test("goes by time and stream; what was erased, imported or decides about rights is left out", async () => {
    const place = newPlace();
    const at = (hour: number) => ({ occurredAt: `2026-03-01T0${hour}:00:00.000Z` });
    const [early, wanted, late] = [
      eventOf(place, "a.b", at(1)),
      eventOf(place, "a.b", at(3)),
      eventOf(place, "a.b", at(5)),
    ];
    const rights = ["billing.subscription.updated", "security.login.success"].map((type) =>
      eventOf(place, type, at(3)),
    );
    const erased = eventOf(place, "a.b", { ...at(3), aggregateId: "person" });
    await subgraph.deliver(early, wanted, late, ...rights, erased, eventOf(place, "x.y", at(3)));
    await subgraph.runtime.database.admin`
      update events.stored_events set payload = null, erased_at = now() where id = ${erased.id}`;
    const { createEventStream: stream } = await subgraph
      .as(place.owner)
      .data(createStreamOperation, { input: { name: "S", types: ["a.*", "billing.*", "security.*"] } });
    const filter = { since: "2026-03-01T02:00:00Z", until: "2026-03-01T04:00:00Z" };
    const replay = await begin(place, { streamId: stream.id, filter });
    expect(replay).toMatchObject({ consumer: null, total: 1 });
    await until(place, replay.id, "COMPLETED");
    expect(ids(await sentFor(replay.id))).toEqual([wanted.id]);
  });

  test("is paused and goes on where it was, each event once; what is cancelled stays so", async () => {
    const place = newPlace();
    const { admin } = subgraph.runtime.database;
    await admin`
      insert into events.stored_events
        (tenant_id, id, type, version, aggregate_id, source, occurred_at, correlation_id, payload)
      select ${place.tenantId}, gen_random_uuid(), 'a.b', 1, 'a' || n % 7, 'test', now(), 'c', '{}'
      from generate_series(1, 1700) n`;
    const first = holdPiecesAfter(1);
    const replay = await begin(place);
    await first.reached;
    const paused = (await subgraph.as(place.owner).data(steer("pause"), { id: replay.id })).pauseReplay;
    expect(paused.state).toBe("PAUSED");
    first.open();
    await subgraph.settle();
    expect(await read(place, replay.id)).toMatchObject({ state: "PAUSED", sent: 500 });
    expect(await subgraph.as(place.owner).error(steer("pause"), { id: replay.id })).toMatchObject({
      code: "REPLAY_STATE",
    });
    await subgraph.as(place.owner).data(steer("resume"), { id: replay.id });
    const done = await until(place, replay.id, "COMPLETED");
    expect(done.sent).toBe(1700);
    const sent = ids(await sentFor(replay.id));
    expect(new Set(sent).size).toBe(1700);
    for (const what of ["pause", "resume", "cancel"])
      expect(await subgraph.as(place.owner).error(steer(what), { id: replay.id })).toMatchObject({
        code: "REPLAY_STATE",
      });
    const second = holdPiecesAfter(0);
    const other = await begin(place);
    await subgraph.as(place.owner).data(steer("cancel"), { id: other.id });
    second.open();
    await subgraph.settle();
    expect(await read(place, other.id)).toMatchObject({ state: "CANCELLED" });
    expect(await subgraph.as(place.owner).error(steer("resume"), { id: other.id })).toMatchObject({
      code: "REPLAY_STATE",
    });
  });

  test("that cannot send says why, and goes on when a person resumes it", async () => {
    const place = newPlace();
    await subgraph.deliver(eventOf(place, "a.b"));
    const operations = subgraph.runtime.events.operations.bind(subgraph.runtime.events);
    const spy = vi.spyOn(subgraph.runtime.events, "operations").mockImplementation((scope) => ({
      ...operations(scope),
      resend: () => Promise.reject(new Error("The bus is away.")),
    }));
    const replay = await begin(place);
    const failed = await until(place, replay.id, "FAILED");
    expect(failed.failure).toContain("The bus is away.");
    spy.mockRestore();
    await subgraph.as(place.owner).data(steer("resume"), { id: replay.id });
    expect(await until(place, replay.id, "COMPLETED")).toMatchObject({ sent: 1, failure: null });
  });

  test("is refused without events, for a consumer there is not, and beyond five at once", async () => {
    const place = newPlace();
    const owner = subgraph.as(place.owner);
    const refusal = async (input: object) =>
      (await owner.error(startOperation, { input: { reason: "Rebuild", ...input } })).code;
    expect(await refusal({})).toBe("REPLAY_EMPTY");
    await subgraph.deliver(eventOf(place, "a.b"));
    expect(await refusal({ consumer: "nobody" })).toBe("CONSUMER_UNKNOWN");
    expect(await refusal({ streamId: randomUUID() })).toBe("STREAM_NOT_FOUND");
    expect(await refusal({ reason: "" })).toBe("TEXT_INVALID");
    expect(await refusal({ filter: { types: ["identity.*"] } })).toBe("REPLAY_EMPTY");
    await subgraph.runtime.database.admin`
      insert into events.replays (tenant_id, id, filter, reason, state, total, last_position, started_at)
      select ${place.tenantId}, gen_random_uuid(), '{}', 'test', 'RUNNING', 1, 1, now() from generate_series(1, 5)`;
    expect(await refusal({})).toBe("REPLAYS_TOO_MANY");
  });

  test("is started, steered and seen by administrators of its organization only", async () => {
    const place = newPlace();
    await subgraph.deliver(eventOf(place, "a.b"));
    const { id } = await begin(place);
    await until(place, id, "COMPLETED");
    const stranger = subgraph.as(newPlace().owner);
    for (const what of ["pause", "resume", "cancel"])
      expect(await stranger.error(steer(what), { id })).toMatchObject({ code: "REPLAY_NOT_FOUND" });
    expect(await stranger.data(readOperation, { id })).toEqual({ replay: null });
    expect(await stranger.entity("Replay", id, "id")).toBeNull();
    expect(await subgraph.as(place.viewer).error(readOperation, { id })).toMatchObject({ code: "FORBIDDEN" });
    expect(await subgraph.as(place.viewer).error(startOperation, { input: { reason: "Mine" } })).toMatchObject({
      code: "FORBIDDEN",
    });
    const { replays } = await subgraph.as(place.owner).data("{ replays { totalCount nodes { id state } } }");
    expect(replays).toEqual({ totalCount: 1, nodes: [{ id, state: "COMPLETED" }] });
  });

  test("tells its progress to who watches, up to its end", async () => {
    const place = newPlace();
    await subgraph.deliver(eventOf(place, "a.b"), eventOf(place, "a.c"));
    const { id } = await begin(place);
    const operation = "subscription ($id: ID!) { replayProgressed(id: $id) { state sent percent } }";
    const watching = await subgraph.as(place.owner).subscribe(operation, { id });
    const states: { state: string; sent: number }[] = [];
    for await (const result of watching as AsyncIterable<SubgraphResult>)
      states.push((result.data as { replayProgressed: { state: string; sent: number } }).replayProgressed);
    expect(states.at(-1)).toMatchObject({ state: "COMPLETED", sent: 2, percent: 100 });
    const refused = (person: Place["owner"]) =>
      subgraph
        .as(person)
        .subscribe(operation, { id })
        .then(
          () => "open",
          (error: { extensions?: { code?: string } }) => error.extensions?.code,
        );
    expect(await refused(newPlace().owner)).toBe("REPLAY_NOT_FOUND");
    expect(await refused(place.viewer)).toBe("FORBIDDEN");
  });
});
