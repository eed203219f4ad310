import { randomUUID } from "node:crypto";
import { platformEvents, type SubgraphResult } from "@tessera/shared-types";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createStreamOperation,
  deliverySchema,
  eventOf,
  ids,
  newPlace,
  type Place,
  registerOperation,
  searchOperation,
  start,
} from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const name = "external.supplier.delivery";
const exportOperation = /* GraphQL */ `
  query ($id: ID!, $first: Int! = 1000, $after: String) {
    exportEventStream(streamId: $id, first: $first, after: $after) { ndjson count endCursor hasMore }
  }`;
const importOperation = /* GraphQL */ `
  mutation ($ndjson: String!, $importId: ID, $complete: Boolean! = true) {
    importEvents(ndjson: $ndjson, importId: $importId, complete: $complete) {
      id lines stored known refusedCount refused { line reason } complete
    }
  }`;

async function newPlaceWithType(): Promise<Place> {
  const place = newPlace();
  await subgraph.as(place.owner).data(registerOperation, { input: { name, schema: deliverySchema } });
  return place;
}
const delivery = (place: Place, crates = 1) => eventOf(place, name, { payload: { supplier: "Holm", crates } });
const stream = async (place: Place, input: object = {}): Promise<string> =>
  (
    await subgraph
      .as(place.owner)
      .data(createStreamOperation, { input: { name: "Out", types: ["external.*"], ...input } })
  ).createEventStream.id;
const bring = async (place: Place, ndjson: string, more: object = {}) =>
  (await subgraph.as(place.owner).data(importOperation, { ndjson, ...more })).importEvents;
const stored = async (place: Place) =>
  (await subgraph.as(place.owner).data(searchOperation, { first: 200 })).storedEvents.nodes;

describe("an export", () => {
  test("is the stream line by line, oldest first, in pieces that leave nothing out", async () => {
    const place = await newPlaceWithType();
    const events = Array.from({ length: 5 }, (_, index) => ({ ...delivery(place, index + 1), aggregateId: "one" }));
    await subgraph.deliver(...events, eventOf(place, "a.b"));
    const id = await stream(place, { readerRoles: ["viewer"] });
    const lines: string[] = [];
    let after: string | null = null;
    for (let piece = 0; piece < 3; piece += 1) {
      const { exportEventStream } = await subgraph.as(place.viewer).data(exportOperation, { id, first: 2, after });
      expect(exportEventStream.hasMore).toBe(piece < 2);
      lines.push(...exportEventStream.ndjson.split("\n").filter(Boolean));
      after = exportEventStream.endCursor;
    }
    const { tenantId, ...first } = events[0] as (typeof events)[number];
    expect(ids(lines.map((line) => JSON.parse(line)))).toEqual(ids(events));
    expect(JSON.parse(lines[0] as string)).toEqual(first);
    expect(lines.join()).not.toContain(place.tenantId);
  });

  test("is for whom the stream admits, with sizes and cursors of its own", async () => {
    const place = await newPlaceWithType();
    await subgraph.deliver(delivery(place));
    const id = await stream(place);
    const owner = subgraph.as(place.owner);
    expect((await owner.data(exportOperation, { id })).exportEventStream).toMatchObject({ count: 1, hasMore: false });
    for (const person of [place.viewer, newPlace().owner])
      expect(await subgraph.as(person).error(exportOperation, { id })).toMatchObject({ code: "STREAM_NOT_FOUND" });
    expect(await owner.error(exportOperation, { id, first: 0 })).toMatchObject({ code: "EXPORT_SIZE_INVALID" });
    expect(await owner.error(exportOperation, { id, first: 5_001 })).toMatchObject({ code: "EXPORT_SIZE_INVALID" });
    expect(await owner.error(exportOperation, { id, after: "nonsense" })).toMatchObject({ code: "CURSOR_INVALID" });
    const { endCursor } = (await owner.data(exportOperation, { id })).exportEventStream;
    const other = await stream(place, { name: "Other" });
    expect(await owner.error(exportOperation, { id: other, after: endCursor })).toMatchObject({
      code: "CURSOR_INVALID",
    });
  });
});

describe("an import", () => {
  test("of what was exported stores each event once in another organization, as history", async () => {
    const [from, to] = [await newPlaceWithType(), await newPlaceWithType()];
    const events = [delivery(from, 1), delivery(from, 2)];
    await subgraph.deliver(...events);
    const { ndjson } = (await subgraph.as(from.owner).data(exportOperation, { id: await stream(from) }))
      .exportEventStream;
    expect(await bring(to, ndjson)).toMatchObject({ lines: 2, stored: 2, known: 0, refusedCount: 0, complete: true });
    expect(await bring(to, ndjson)).toMatchObject({ lines: 2, stored: 0, known: 2, refusedCount: 0 });
    const nodes = await stored(to);
    expect(ids(nodes).sort()).toEqual(ids(events).sort());
    expect(nodes.every(({ imported }: { imported: boolean }) => imported)).toBe(true);
    expect((await stored(from)).every(({ imported }: { imported: boolean }) => !imported)).toBe(true);
    const replay = 'mutation { startReplay(input: { reason: "Try" }) { id } }';
    expect(await subgraph.as(to.owner).error(replay)).toMatchObject({ code: "REPLAY_EMPTY" });
  });

  test("names each bad line by its number and why, and stores the good ones", async () => {
    const place = await newPlaceWithType();
    const { tenantId, ...good } = delivery(place);
    const line = (more: object = {}) => JSON.stringify({ ...good, id: randomUUID(), ...more });
    const { payload, ...without } = good;
    const lines = [
      line(),
      "{ not json",
      line({ id: "x" }),
      line({ type: "external.unknown.kind" }),
      line({ version: 9 }),
      line({ payload: { supplier: "Holm", crates: 0 } }),
      line({ payload: { supplier: "\u0000", crates: 1 } }),
      line({ occurredAt: "yesterday" }),
      line({ tenantId: randomUUID() }),
      line({ tenantId }),
      line({ type: "billing.subscription.updated" }),
      line({ erasedAt: new Date().toISOString(), payload: null }),
      line({ colour: "red" }),
      JSON.stringify({ ...without, id: randomUUID() }),
      "[]",
    ];
    const done = await bring(place, lines.join("\r\n"));
    expect(done).toMatchObject({ lines: 15, stored: 2, known: 0, refusedCount: 13 });
    const reasons = new Map<number, string>(
      done.refused.map(({ line, reason }: { line: number; reason: string }) => [line, reason]),
    );
    expect([...reasons.keys()]).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15]);
    expect(reasons.get(2)).toBe("it is not JSON");
    expect(reasons.get(3)).toContain("id");
    expect(reasons.get(5)).toContain("no version 9");
    expect(reasons.get(6)).toContain("payload/crates");
    expect(reasons.get(9)).toContain("another organization");
    expect(reasons.get(11)).toContain("rights");
    expect(reasons.get(14)).toContain("payload");
  });

  test("goes on piece by piece, with line numbers that go on too, until it is complete", async () => {
    const place = await newPlaceWithType();
    const lineOf = () => JSON.stringify({ ...delivery(place), tenantId: undefined });
    const first = await bring(place, `${lineOf()}\n\nbad`, { complete: false });
    expect(first).toMatchObject({ lines: 2, stored: 1, complete: false });
    const operation = "subscription ($id: ID!) { eventImportProgressed(id: $id) { lines stored complete } }";
    const watching = await subgraph.as(place.owner).subscribe(operation, { id: first.id });
    const states: unknown[] = [];
    const seen = (async () => {
      for await (const { data } of watching as AsyncIterable<SubgraphResult>) states.push(data?.eventImportProgressed);
    })();
    await bring(place, `${lineOf()}\nworse`, { importId: first.id, complete: false });
    const last = await bring(place, "", { importId: first.id });
    expect(last).toMatchObject({ id: first.id, lines: 4, stored: 2, refusedCount: 2, complete: true });
    expect(last.refused.map(({ line }: { line: number }) => line)).toEqual([2, 4]);
    await seen;
    expect(JSON.parse(JSON.stringify(states)).at(-1)).toEqual({ lines: 4, stored: 2, complete: true });
    const again = (person: Place["owner"], importId: string) =>
      subgraph.as(person).error(importOperation, { ndjson: lineOf(), importId });
    expect(await again(place.owner, first.id)).toMatchObject({ code: "IMPORT_COMPLETE" });
    expect(await again(newPlace().owner, first.id)).toMatchObject({ code: "IMPORT_NOT_FOUND" });
    expect(await again(place.viewer, first.id)).toMatchObject({ code: "FORBIDDEN" });
    const listed = await subgraph.as(place.owner).data("{ eventImports { totalCount nodes { id } } }");
    expect(listed).toEqual({ eventImports: { totalCount: 1, nodes: [{ id: first.id }] } });
    expect(await subgraph.as(newPlace().owner).entity("EventImport", first.id, "id")).toBeNull();
    expect(await subgraph.as(place.owner).entity("EventImport", first.id, "id")).toEqual({ id: first.id });
  });

  test("of too much at once is refused, and nothing is stored", async () => {
    const place = await newPlaceWithType();
    const line = JSON.stringify({ ...delivery(place), tenantId: undefined });
    const owner = subgraph.as(place.owner);
    expect(await owner.error(importOperation, { ndjson: `${line}\n`.repeat(10_001) })).toMatchObject({
      code: "IMPORT_TOO_LARGE",
    });
    expect(await owner.error(importOperation, { ndjson: " ".repeat(4_000_001) })).toMatchObject({
      code: "IMPORT_TOO_LARGE",
    });
    expect(await stored(place)).toEqual([]);
  });

  test("cannot bring back what was erased", async () => {
    const place = await newPlaceWithType();
    const userId = randomUUID();
    await subgraph.deliverTwice(
      platformEvents.memberChanged,
      { organizationId: place.tenantId, userId, change: "erased", roles: [] },
      { tenantId: place.tenantId },
    );
    const about = { ...delivery(place), tenantId: undefined, payload: { supplier: `Run by ${userId}`, crates: 1 } };
    expect(await bring(place, JSON.stringify(about))).toMatchObject({ stored: 1 });
    const [node] = (await stored(place)).filter(({ id }: { id: string }) => id === about.id);
    expect(node).toMatchObject({ payload: null, imported: true });
    expect(node.erasedAt).not.toBeNull();
  });
});
