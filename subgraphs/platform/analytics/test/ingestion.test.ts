import { randomUUID } from "node:crypto";
import { esgEvents } from "@tessera/shared-types";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { at, emissionsEvent, emissionsPayload, newPlace, type Place, seriesOperation, start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

/** The yearly sums of a metric from 2020 to 2029. */
async function years(place: Place, key: string, dimensions: { name: string; value: string }[] = []) {
  const variables = { key, from: at("2020-01-01"), to: at("2030-01-01"), interval: "YEAR", dimensions };
  const { metricSeries } = await subgraph.as(place.viewer).data(seriesOperation, variables);
  return metricSeries.points.map((point: { at: string; value: string; count: number }) => [
    point.at.slice(0, 4),
    point.value,
    point.count,
  ]);
}

describe("a calculated inventory", () => {
  test("becomes points of every scope, though its event arrives twice", async () => {
    const place = newPlace();
    await subgraph.deliverTwice(esgEvents.emissionsCalculated, emissionsPayload(), { tenantId: place.tenantId });
    expect(await years(place, "ghg.scope1")).toEqual([["2024", "120.5", 1]]);
    expect(await years(place, "ghg.scope2.location")).toEqual([["2024", "207.05", 1]]);
    expect(await years(place, "ghg.scope2.market")).toEqual([["2024", "180", 1]]);
    expect(await years(place, "ghg.scope3.category", [{ name: "category", value: "6" }])).toEqual([
      ["2024", "12.25", 1],
    ]);
    expect(await years(place, "ghg.total", [{ name: "scope2", value: "location" }])).toEqual([["2024", "339.8", 1]]);
    expect(await years(place, "ghg.biogenic")).toEqual([["2024", "3.1", 1]]);
  });

  test("that is recalculated replaces its earlier points instead of adding to them", async () => {
    const place = newPlace();
    const calculationId = randomUUID();
    const categories = [
      { category: 1, tonnes: "5" },
      { category: 6, tonnes: "7" },
    ];
    await subgraph.deliver(
      emissionsEvent(place, { calculationId, version: 1, scope1: "100", categories }),
      emissionsEvent(place, { calculationId, version: 2, scope1: "90.25", categories: categories.slice(0, 1) }),
    );
    expect(await years(place, "ghg.scope1")).toEqual([["2024", "90.25", 1]]);
    expect(await years(place, "ghg.scope3.category")).toEqual([["2024", "5", 1]]);
  });

  test("keeps its newest version when an older one arrives late", async () => {
    const place = newPlace();
    const calculationId = randomUUID();
    await subgraph.deliver(
      emissionsEvent(place, { calculationId, version: 3, scope1: "70" }),
      emissionsEvent(place, { calculationId, version: 2, scope1: "80" }),
      emissionsEvent(place, { calculationId, version: 1, scope1: "90" }),
    );
    expect(await years(place, "ghg.scope1")).toEqual([["2024", "70", 1]]);
  });

  test("takes a later status of the same version, and not an earlier one that comes late", async () => {
    const place = newPlace();
    const calculationId = randomUUID();
    const [noon, one] = [new Date("2025-02-01T12:00:00Z"), new Date("2025-02-01T13:00:00Z")];
    await subgraph.deliver(
      emissionsEvent(place, { calculationId, status: "approved" }, one),
      emissionsEvent(place, { calculationId, status: "draft" }, noon),
    );
    expect(await years(place, "ghg.scope1", [{ name: "status", value: "approved" }])).toEqual([["2024", "120.5", 1]]);
    expect(await years(place, "ghg.scope1", [{ name: "status", value: "draft" }])).toEqual([]);
  });

  test("moves to another year when its period does", async () => {
    const place = newPlace();
    const calculationId = randomUUID();
    await subgraph.deliver(
      emissionsEvent(place, { calculationId, version: 1, year: 2023 }),
      emissionsEvent(place, { calculationId, version: 2, year: 2025 }),
    );
    expect(await years(place, "ghg.scope1")).toEqual([["2025", "120.5", 1]]);
  });

  test("stands beside another calculation of the same year", async () => {
    const place = newPlace();
    await subgraph.deliver(emissionsEvent(place, { scope1: "1.1" }), emissionsEvent(place, { scope1: "2.2" }));
    expect(await years(place, "ghg.scope1")).toEqual([["2024", "3.3", 2]]);
  });

  test("of one organization is not measured in another", async () => {
    const [one, other] = [newPlace(), newPlace()];
    await subgraph.deliver(emissionsEvent(one, { scope1: "11" }), emissionsEvent(other, { scope1: "22" }));
    expect(await years(one, "ghg.scope1")).toEqual([["2024", "11", 1]]);
    expect(await years(other, "ghg.scope1")).toEqual([["2024", "22", 1]]);
  });

  test("keeps digits that a binary number would lose", async () => {
    const place = newPlace();
    const scope1 = "9007199254740993.000000000000000001";
    await subgraph.deliver(emissionsEvent(place, { scope1 }));
    expect(await years(place, "ghg.scope1")).toEqual([["2024", scope1, 1]]);
  });
});
