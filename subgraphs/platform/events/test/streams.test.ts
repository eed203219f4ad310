import type { SubgraphResult } from "@tessera/shared-types";
import type { Person, TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createStreamOperation, eventOf, ids, newPlace, type Place, searchOperation, start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const createStream = async (place: Place, input: object): Promise<string> =>
  (await subgraph.as(place.owner).data(createStreamOperation, { input: { name: "Reports", ...input } }))
    .createEventStream.id;
const found = async (person: Person, filter: object = {}) =>
  ids((await subgraph.as(person).data(searchOperation, { filter })).storedEvents.nodes);
const withScope = (place: Place, ...scopes: string[]): Person => ({ ...place.viewer, roles: [], scopes });

describe("a stream", () => {
  test("shows whom it admits what it holds, in the stream, the search, by id and in the tree, and nothing else", async () => {
    const place = newPlace();
    const held = eventOf(place, "analytics.report.generated");
    const other = eventOf(place, "security.login.failure", { correlationId: held.correlationId, causationId: held.id });
    const below = eventOf(place, "analytics.report.sent", { correlationId: held.correlationId, causationId: other.id });
    await subgraph.deliver(held, other, below);
    expect(await found(place.viewer)).toEqual([]);
    const id = await createStream(place, { types: ["analytics.*"], readerRoles: ["viewer"] });
    const viewer = subgraph.as(place.viewer);
    expect((await found(place.viewer)).sort()).toEqual([held.id, below.id].sort());
    expect(await found(place.viewer, { types: ["security.*"] })).toEqual([]);
    const read = "query ($id: ID!) { storedEvent(id: $id) { type } }";
    expect(await viewer.data(read, { id: held.id })).toEqual({ storedEvent: { type: held.type } });
    expect(await viewer.data(read, { id: other.id })).toEqual({ storedEvent: null });
    expect(await viewer.entity("StoredEvent", held.id, "type")).toEqual({ type: held.type });
    expect(await viewer.entity("StoredEvent", other.id, "type")).toBeNull();
    const stream = "query ($id: ID!) { eventStream(id: $id) { name events(first: 10) { nodes { id } } } }";
    expect((await viewer.data(stream, { id })).eventStream.events.nodes).toHaveLength(2);
    expect(await viewer.entity("EventStream", id, "name")).toEqual({ name: "Reports" });
    const tree = "query ($id: String!) { eventTree(correlationId: $id) { nodes { event { id } parentId depth } } }";
    const { eventTree } = await viewer.data(tree, { id: held.correlationId });
    expect(eventTree.nodes).toEqual(
      expect.arrayContaining([
        { event: { id: held.id }, parentId: null, depth: 0 },
        { event: { id: below.id }, parentId: null, depth: 0 },
      ]),
    );
    expect(eventTree.nodes).toHaveLength(2);
    expect((await found(place.owner)).sort()).toEqual([held.id, other.id, below.id].sort());
  });

  test("admits by any of its scopes, and looks like none to whom it does not admit", async () => {
    const place = newPlace();
    const event = eventOf(place, "ghg.emissions.calculated", { source: "ghg-calculator" });
    await subgraph.deliver(event, eventOf(place, "ghg.emissions.calculated", { source: "elsewhere" }));
    const id = await createStream(place, {
      sources: ["ghg-calculator"],
      readerScopes: ["ghg-calculator:approve", "x:read"],
    });
    const admitted = withScope(place, "events:read", "ghg-calculator:approve");
    expect(await found(admitted)).toEqual([event.id]);
    const read = "query ($id: ID!) { eventStream(id: $id) { id } eventStreams { nodes { id } } }";
    expect(await subgraph.as(admitted).data(read, { id })).toEqual({
      eventStream: { id },
      eventStreams: { nodes: [{ id }] },
    });
    for (const stranger of [place.viewer, withScope(place, "events:read"), newPlace().owner]) {
      expect(await found(stranger)).toEqual([]);
      expect(await subgraph.as(stranger).data(read, { id })).toEqual({
        eventStream: null,
        eventStreams: { nodes: [] },
      });
      expect(await subgraph.as(stranger).entity("EventStream", id, "id")).toBeNull();
    }
    expect(await subgraph.as(withScope(place, "ghg-calculator:approve")).error(read, { id })).toMatchObject({
      code: "FORBIDDEN",
    });
  });

  test("shows nothing older than it retains; that is removed once no other stream holds it", async () => {
    const place = newPlace();
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    const old = eventOf(place, "a.b", { occurredAt: daysAgo(20) });
    const held = eventOf(place, "a.c", { occurredAt: daysAgo(20) });
    const loose = eventOf(place, "x.y", { occurredAt: daysAgo(400) });
    const fresh = eventOf(place, "a.b", { occurredAt: daysAgo(1) });
    await subgraph.deliver(old, held, loose, fresh);
    await createStream(place, { types: ["a.*"], retentionDays: 7, readerRoles: ["viewer"] });
    await createStream(place, { name: "Long", types: ["a.c"], retentionDays: 30 });
    expect(await found(place.viewer)).toEqual([fresh.id]);
    expect(await found(place.owner)).toHaveLength(4);
    subgraph.clock.advance({ hours: 2 });
    await subgraph.deliver(eventOf(place, "x.z"));
    const left = await found(place.owner);
    expect(left).not.toContain(old.id);
    expect(left).toEqual(expect.arrayContaining([held.id, loose.id, fresh.id]));
  });

  test("is kept by administrators only, under a name of its own and with content that says something", async () => {
    const place = newPlace();
    const input = { name: "Mine", types: ["a.b"] };
    for (const person of [place.viewer, place.producer])
      expect(await subgraph.as(person).error(createStreamOperation, { input })).toMatchObject({ code: "FORBIDDEN" });
    const id = await createStream(place, input);
    const owner = subgraph.as(place.owner);
    const refusal = async (more: object) =>
      (await owner.error(createStreamOperation, { input: { name: "Other", ...more } })).code;
    expect(await refusal({ name: "Mine" })).toBe("STREAM_NAME_TAKEN");
    expect(await refusal({ name: "  " })).toBe("TEXT_INVALID");
    expect(await refusal({ types: ["nonsense"] })).toBe("STREAM_INVALID");
    expect(await refusal({ retentionDays: 0 })).toBe("STREAM_INVALID");
    expect(await refusal({ readerRoles: [""] })).toBe("STREAM_INVALID");
    const second = await createStream(place, { name: "Second" });
    const update =
      "mutation ($id: ID!, $input: EventStreamInput!) { updateEventStream(id: $id, input: $input) { name types description } }";
    expect(await owner.error(update, { id: second, input })).toMatchObject({ code: "STREAM_NAME_TAKEN" });
    expect(await owner.data(update, { id, input: { name: "Mine", description: "All." } })).toEqual({
      updateEventStream: { name: "Mine", types: [], description: "All." },
    });
    const remove = "mutation ($id: ID!) { deleteEventStream(id: $id) }";
    expect(await subgraph.as(newPlace().owner).error(remove, { id })).toMatchObject({ code: "STREAM_NOT_FOUND" });
    expect(await subgraph.as(newPlace().owner).error(update, { id, input })).toMatchObject({
      code: "STREAM_NOT_FOUND",
    });
    expect(await owner.data(remove, { id })).toEqual({ deleteEventStream: id });
    expect(await owner.error(remove, { id })).toMatchObject({ code: "STREAM_NOT_FOUND" });
    expect(await owner.error(remove, { id: "no id" })).toMatchObject({ code: "BAD_USER_INPUT" });
  });
});

describe("whoever listens to a stream", () => {
  const operation = "subscription ($id: ID!) { eventStreamed(streamId: $id) { id type payload source } }";
  const next = async (heard: AsyncIterator<SubgraphResult>) => {
    const { value } = await heard.next();
    return JSON.parse(JSON.stringify(value));
  };

  test("hears its events as they happen, of every type, and none of the others", async () => {
    const [place, other] = [newPlace(), newPlace()];
    const id = await createStream(place, { types: ["analytics.*", "care.*"], readerRoles: ["viewer"] });
    const heard = await subgraph.as(place.viewer).subscribe(operation, { id });
    const events = [
      eventOf(place, "security.login.failure"),
      eventOf(other, "analytics.report.generated"),
      eventOf(place, "analytics.report.generated"),
      eventOf(place, "care.note.recorded", { version: 3 }),
    ];
    await subgraph.deliver(...events);
    const { id: first, type, payload, source } = events[2] as (typeof events)[number];
    expect((await next(heard)).data.eventStreamed).toEqual({ id: first, type, payload, source });
    expect((await next(heard)).data.eventStreamed).toMatchObject({ id: events[3]?.id });
    await heard.return?.();
  });

  test("hears by the new rule when the stream changes, and is cut off when it does not admit them any more", async () => {
    const place = newPlace();
    const input = { name: "Live", types: ["a.*"], readerRoles: ["viewer"] };
    const id = await createStream(place, input);
    const heard = await subgraph.as(place.viewer).subscribe(operation, { id });
    const update =
      "mutation ($id: ID!, $input: EventStreamInput!) { updateEventStream(id: $id, input: $input) { id } }";
    await subgraph.as(place.owner).data(update, { id, input: { ...input, types: ["b.*"] } });
    const wanted = eventOf(place, "b.c");
    await subgraph.deliver(eventOf(place, "a.c"), wanted);
    expect((await next(heard)).data.eventStreamed.id).toBe(wanted.id);
    await subgraph.as(place.owner).data(update, { id, input: { ...input, readerRoles: ["analyst"] } });
    await subgraph.deliver(eventOf(place, "a.c"));
    const end = await next(heard).catch((error: unknown) => error);
    expect(JSON.stringify(end)).toContain("STREAM_CLOSED");
  });

  test("is refused a stream that does not admit them, as if it were not there", async () => {
    const place = newPlace();
    const id = await createStream(place, { types: ["a.*"] });
    const refused = async (person: Person, of: string) =>
      subgraph
        .as(person)
        .subscribe(operation, { id: of })
        .then(
          () => "open",
          (error: { extensions?: { code?: string } }) => error.extensions?.code,
        );
    expect(await refused(place.viewer, id)).toBe("STREAM_NOT_FOUND");
    expect(await refused(newPlace().owner, id)).toBe("STREAM_NOT_FOUND");
    expect(await refused(place.owner, "nonsense")).toBe("STREAM_NOT_FOUND");
    expect(await refused(place.producer, id)).toBe("FORBIDDEN");
    expect(await refused(place.owner, id)).toBe("open");
  });
});
