import { platformEvents } from "@tessera/shared-types";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { at, createMetricOperation, emissionsEvent, newPlace, type Place, recordOperation, start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const createOperation =
  "mutation ($i: ThresholdInput!) { createThreshold(input: $i) { id exceeded lastValue clearLimit } }";
const key = "energy.electricity";
const monthly = { name: "Meter", metricKey: key, direction: "ABOVE", limit: "100", interval: "MONTH" };

async function watched(input: object = {}): Promise<{ place: Place; id: string }> {
  const place = newPlace();
  const client = subgraph.as(place.manager);
  await client.data(createMetricOperation, { key });
  const { createThreshold } = await client.data(createOperation, { i: { ...monthly, ...input } });
  return { place, id: createThreshold.id };
}

const record = (place: Place, when: string, value: string, dimensions: object[] = []) =>
  subgraph.as(place.manager).data(recordOperation, { key, points: [{ at: at(when), value, dimensions }] });

/** Values that were announced for a threshold. */
async function announced(id: string): Promise<string[]> {
  await subgraph.settle();
  const events = subgraph.published(platformEvents.thresholdExceeded).filter(({ aggregateId }) => aggregateId === id);
  return events.map(({ payload }) => payload.value);
}

describe("a threshold", () => {
  test("announces a crossing once, and again only after the value was back", async () => {
    const { place, id } = await watched();
    await record(place, "2024-03-01", "60");
    await record(place, "2024-03-02", "50");
    await record(place, "2024-03-03", "30");
    expect(await announced(id)).toEqual(["110"]);
    await record(place, "2024-04-01", "90");
    await record(place, "2024-04-02", "11");
    expect(await announced(id)).toEqual(["110", "101"]);
  });

  test("announces one crossing once, though many record at the same time", async () => {
    const { place, id } = await watched();
    const site = (value: number) => [{ name: "site", value: String(value) }];
    await Promise.all(Array.from({ length: 8 }, (_, index) => record(place, "2024-03-01", "30", site(index))));
    expect(await announced(id)).toEqual(["120"]);
  });

  test("says which metric went how far beyond which limit, for its own organization", async () => {
    const { place, id } = await watched();
    await record(place, "2024-03-01", "100.000000000000000001");
    await announced(id);
    const event = subgraph.published(platformEvents.thresholdExceeded).find(({ aggregateId }) => aggregateId === id);
    expect(event).toMatchObject({
      tenantId: place.tenantId,
      payload: { thresholdId: id, metricKey: key, value: "100.000000000000000001", limit: "100", direction: "above" },
    });
  });

  test("is not announced when the points that crossed it were refused", async () => {
    const { place, id } = await watched();
    const point = { at: at("2024-03-01"), value: "500" };
    await subgraph.as(place.manager).error(recordOperation, { key, points: [point, point] });
    expect(await announced(id)).toEqual([]);
  });

  test("looks at the newest bucket only: what is recorded late about an older one is no alarm", async () => {
    const { place, id } = await watched();
    await record(place, "2024-06-01", "10");
    await record(place, "2023-06-01", "999");
    expect(await announced(id)).toEqual([]);
  });

  test("watches the dimensions it names", async () => {
    const site = (value: string) => [{ name: "site", value }];
    const { place, id } = await watched({ dimensions: site("Leeds") });
    await record(place, "2024-03-01", "500", site("Bristol"));
    expect(await announced(id)).toEqual([]);
    await record(place, "2024-03-01", "101", site("Leeds"));
    expect(await announced(id)).toEqual(["101"]);
  });

  test("with hysteresis and cool-down stays quiet around its limit", async () => {
    const { place, id } = await watched({ clearLimit: "90", coolDownSeconds: 3600, aggregation: "LAST" });
    for (const value of ["101", "99", "102"]) await record(place, "2024-03-01", value);
    expect(await announced(id)).toEqual(["101"]);
    await record(place, "2024-03-01", "80");
    await record(place, "2024-03-01", "103");
    expect(await announced(id)).toEqual(["101"]);
    subgraph.clock.advance({ hours: 2 });
    await record(place, "2024-03-01", "104");
    expect(await announced(id)).toEqual(["101", "104"]);
  });

  test("below its limit is announced by an event that arrives twice only once", async () => {
    const place = newPlace();
    const input = { name: "Low", metricKey: "ghg.scope1", direction: "BELOW", limit: "100", interval: "YEAR" };
    const { createThreshold } = await subgraph.as(place.manager).data(createOperation, { i: input });
    const event = emissionsEvent(place, { scope1: "99.5" });
    await subgraph.deliver(event, event);
    expect(await announced(createThreshold.id)).toEqual(["99.5"]);
  });

  test("that is switched off announces nothing", async () => {
    const { place, id } = await watched({ enabled: false });
    await record(place, "2024-03-01", "500");
    expect(await announced(id)).toEqual([]);
  });

  test("shows its state, starts anew when it is changed, and can be deleted", async () => {
    const { place, id } = await watched();
    await record(place, "2024-03-01", "500");
    const client = subgraph.as(place.manager);
    const list = "{ thresholds { id exceeded lastValue limit } }";
    expect(await client.data(list)).toEqual({ thresholds: [{ id, exceeded: true, lastValue: "500", limit: "100" }] });
    const change = "mutation ($id: ID!, $i: ThresholdInput!) { updateThreshold(id: $id, input: $i) { id } }";
    await client.data(change, { id, i: { ...monthly, limit: "600" } });
    expect(await client.data(list)).toEqual({ thresholds: [{ id, exceeded: false, lastValue: null, limit: "600" }] });
    await client.data("mutation ($id: ID!) { deleteThreshold(id: $id) }", { id });
    expect(await client.data(list)).toEqual({ thresholds: [] });
    expect(await client.error(change, { id, i: monthly })).toMatchObject({ code: "THRESHOLD_NOT_FOUND" });
  });

  test("whose clearing limit lies beyond its limit is refused", async () => {
    const client = subgraph.as((await watched()).place.manager);
    expect(await client.error(createOperation, { i: { ...monthly, clearLimit: "101" } })).toMatchObject({
      code: "THRESHOLD_INVALID",
    });
    expect(await client.error(createOperation, { i: { ...monthly, metricKey: "nothing" } })).toMatchObject({
      code: "METRIC_UNKNOWN",
    });
  });

  test("is set by a manager, read but not set by a viewer, and unknown to another organization", async () => {
    const { place, id } = await watched();
    expect(await subgraph.as(place.viewer).error(createOperation, { i: monthly })).toMatchObject({ code: "FORBIDDEN" });
    expect(await subgraph.as(place.viewer).entity("Threshold", id, "name")).toEqual({ name: "Meter" });
    const stranger = subgraph.as(newPlace().manager);
    expect(await stranger.entity("Threshold", id, "name")).toBeNull();
    expect(await stranger.error("mutation ($id: ID!) { deleteThreshold(id: $id) }", { id })).toMatchObject({
      code: "THRESHOLD_NOT_FOUND",
    });
  });
});
