import { randomUUID } from "node:crypto";
import type { SubgraphResult } from "@tessera/shared-types";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  at,
  createDashboardOperation,
  createWidgetOperation,
  emissionsEvent,
  newPlace,
  type Place,
  start,
} from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const operation = /* GraphQL */ `
  subscription ($id: ID!) {
    dashboardUpdated(dashboardId: $id) {
      changedMetrics at reason
      organization { id }
      dashboard { id name widgets { data { points { value } } } }
    }
  }`;
const query = { metricKey: "ghg.scope1", interval: "YEAR", from: at("2020-01-01"), to: at("2026-01-01") };

async function newDashboard(place: Place): Promise<string> {
  const client = subgraph.as(place.manager);
  const { createDashboard } = await client.data(createDashboardOperation, { name: "Live" });
  await client.data(createWidgetOperation, {
    dashboardId: createDashboard.id,
    input: { kind: "NUMBER", title: "S1", query },
  });
  await subgraph.settle();
  return createDashboard.id;
}

async function next(updates: AsyncIterator<SubgraphResult>) {
  const { value } = await updates.next();
  return JSON.parse(JSON.stringify(value.data ?? value)).dashboardUpdated;
}

const shown = (update: { dashboard: { widgets: { data: { points: { value: string }[] }[] }[] } }) =>
  update.dashboard.widgets[0]?.data[0]?.points[0]?.value;

describe("whoever watches a dashboard", () => {
  test("gets its new figures, with the organization other modules add their fields to", async () => {
    const place = newPlace();
    const id = await newDashboard(place);
    const updates = await subgraph.as(place.viewer).subscribe(operation, { id });
    await subgraph.deliver(emissionsEvent(place, { scope1: "42.5" }));
    const update = await next(updates);
    expect(update).toMatchObject({
      reason: "ghg.emissions.calculated",
      organization: { id: place.tenantId },
      dashboard: { id, name: "Live" },
    });
    expect(update.changedMetrics).toContain("ghg.scope1");
    expect(shown(update)).toBe("42.5");
  });

  test("gets a burst as few updates, of which the last one shows the last state", async () => {
    const place = newPlace();
    const id = await newDashboard(place);
    const updates = await subgraph.as(place.viewer).subscribe(operation, { id });
    const calculationId = randomUUID();
    const burst = Array.from({ length: 20 }, (_, version) =>
      emissionsEvent(place, { calculationId, version: version + 1, scope1: String(version + 1) }),
    );
    await subgraph.deliver(...burst);
    let count = 0;
    for (let last = ""; last !== "20"; count++) last = shown(await next(updates)) ?? "";
    expect(count).toBeLessThan(20);
  });

  test("is told when the dashboard itself is edited", async () => {
    const place = newPlace();
    const id = await newDashboard(place);
    const updates = await subgraph.as(place.viewer).subscribe(operation, { id });
    await subgraph
      .as(place.manager)
      .data('mutation ($id: ID!) { updateDashboard(id: $id, name: "Renamed") { id } }', { id });
    expect(await next(updates)).toMatchObject({
      changedMetrics: [],
      reason: "dashboard.updated",
      dashboard: { name: "Renamed" },
    });
  });

  test("is not told what happens to other dashboards, or in other organizations", async () => {
    const [place, other] = [newPlace(), newPlace()];
    const [id, otherId] = [await newDashboard(place), await newDashboard(place)];
    const updates = await subgraph.as(place.viewer).subscribe(operation, { id });
    await subgraph
      .as(place.manager)
      .data('mutation ($id: ID!) { updateDashboard(id: $id, name: "Other") { id } }', { id: otherId });
    await newDashboard(other);
    await subgraph.deliver(emissionsEvent(other));
    await subgraph.deliver(emissionsEvent(place, { scope1: "7" }));
    expect(shown(await next(updates))).toBe("7");
  });

  test("must be able to see it: a stranger is told that there is none, one without scope that it is forbidden", async () => {
    const place = newPlace();
    const id = await newDashboard(place);
    await expect(subgraph.as(newPlace().viewer).subscribe(operation, { id })).rejects.toMatchObject({
      extensions: { code: "DASHBOARD_NOT_FOUND" },
    });
    const powerless = { ...place.viewer, roles: [] };
    await expect(subgraph.as(powerless).subscribe(operation, { id })).rejects.toMatchObject({
      extensions: { code: "FORBIDDEN" },
    });
    await expect(subgraph.as(place.viewer).subscribe(operation, { id })).resolves.toBeDefined();
  });
});
