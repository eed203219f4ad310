import { randomUUID } from "node:crypto";
import { platformEvents } from "@tessera/shared-types";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  at,
  createDashboardOperation,
  createMetricOperation,
  createWidgetOperation,
  emissionsEvent,
  newPlace,
  type Place,
  recordOperation,
  start,
} from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

async function newDashboard(place: Place, name = "Carbon"): Promise<string> {
  return (await subgraph.as(place.manager).data(createDashboardOperation, { name })).createDashboard.id;
}
const total = { metricKey: "ghg.total", interval: "YEAR", from: at("2020-01-01"), to: at("2026-01-01") };
const widget = (more: object = {}) => ({ kind: "BAR", title: "Total", query: total, ...more });
const titles = `query ($id: ID!) { dashboard(id: $id) { widgets { id title position } } }`;

describe("a dashboard", () => {
  test("is announced when it is created, changed and listed", async () => {
    const place = newPlace();
    const id = await newDashboard(place, "Łódź");
    await subgraph.settle();
    expect(subgraph.published(platformEvents.dashboardCreated)).toContainEqual(
      expect.objectContaining({
        aggregateId: id,
        tenantId: place.tenantId,
        payload: { dashboardId: id, name: "Łódź" },
      }),
    );
    await subgraph
      .as(place.manager)
      .data(`mutation ($id: ID!) { updateDashboard(id: $id, description: "Yearly") { id } }`, { id });
    const { dashboards } = await subgraph
      .as(place.viewer)
      .data("{ dashboards(first: 5) { totalCount nodes { name description } } }");
    expect(dashboards).toEqual({ totalCount: 1, nodes: [{ name: "Łódź", description: "Yearly" }] });
  });

  test("goes with its widgets when it is deleted", async () => {
    const place = newPlace();
    const id = await newDashboard(place);
    const { createWidget } = await subgraph
      .as(place.manager)
      .data(createWidgetOperation, { dashboardId: id, input: widget() });
    expect(await subgraph.as(place.manager).data("mutation ($id: ID!) { deleteDashboard(id: $id) }", { id })).toEqual({
      deleteDashboard: id,
    });
    expect(await subgraph.as(place.viewer).entity("Widget", createWidget.id, "title")).toBeNull();
  });

  test("is kept by a manager, and not by a viewer", async () => {
    const place = newPlace();
    const id = await newDashboard(place);
    const viewer = subgraph.as(place.viewer);
    expect(await viewer.error(createDashboardOperation, { name: "Mine" })).toMatchObject({ code: "FORBIDDEN" });
    expect(await viewer.error(createWidgetOperation, { dashboardId: id, input: widget() })).toMatchObject({
      code: "FORBIDDEN",
    });
    expect(await viewer.error("mutation ($id: ID!) { deleteDashboard(id: $id) }", { id })).toMatchObject({
      code: "FORBIDDEN",
    });
    expect(await viewer.data("query ($id: ID!) { dashboard(id: $id) { name } }", { id })).toEqual({
      dashboard: { name: "Carbon" },
    });
  });

  test("needs a name", async () => {
    expect(await subgraph.as(newPlace().manager).error(createDashboardOperation, { name: " " })).toMatchObject({
      code: "NAME_INVALID",
    });
  });

  test("of another organization does not exist, to read or to change", async () => {
    const [place, other] = [newPlace(), newPlace()];
    const id = await newDashboard(place);
    const stranger = subgraph.as(other.manager);
    expect(await stranger.data("query ($id: ID!) { dashboard(id: $id) { name } }", { id })).toEqual({
      dashboard: null,
    });
    expect(await stranger.entity("Dashboard", id, "name")).toBeNull();
    expect(await stranger.error("mutation ($id: ID!) { deleteDashboard(id: $id) }", { id })).toMatchObject({
      code: "DASHBOARD_NOT_FOUND",
    });
    expect(await stranger.error(createWidgetOperation, { dashboardId: id, input: widget() })).toMatchObject({
      code: "DASHBOARD_NOT_FOUND",
    });
    const own =
      "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Organization { dashboards { nodes { id } } } } }";
    const asked = (tenantId: string) => ({ r: [{ __typename: "Organization", id: tenantId }] });
    expect(await stranger.data(own, asked(place.tenantId))).toEqual({ _entities: [null] });
    expect(await subgraph.as(place.viewer).data(own, asked(place.tenantId))).toEqual({
      _entities: [{ dashboards: { nodes: [{ id }] } }],
    });
  });
});

describe("a widget", () => {
  test("stands below the ones before it, until they are put into another order", async () => {
    const place = newPlace();
    const dashboardId = await newDashboard(place);
    const client = subgraph.as(place.manager);
    const ids: string[] = [];
    for (const title of ["A", "B", "C"]) {
      const { createWidget } = await client.data(createWidgetOperation, { dashboardId, input: widget({ title }) });
      ids.push(createWidget.id);
    }
    const order =
      "mutation ($d: ID!, $w: [ID!]!) { reorderWidgets(dashboardId: $d, widgetIds: $w) { widgets { title position } } }";
    const turned = { d: dashboardId, w: [ids[2], ids[0], ids[1]] };
    expect(await client.data(order, turned)).toEqual({
      reorderWidgets: {
        widgets: [
          { title: "C", position: 0 },
          { title: "A", position: 1 },
          { title: "B", position: 2 },
        ],
      },
    });
    expect(await client.error(order, { d: dashboardId, w: ids.slice(1) })).toMatchObject({
      code: "WIDGET_ORDER_INVALID",
    });
    expect(await client.error(order, { d: dashboardId, w: [ids[0], ids[0], ids[1]] })).toMatchObject({
      code: "WIDGET_ORDER_INVALID",
    });
    await client.data("mutation ($id: ID!) { deleteWidget(id: $id) }", { id: ids[0] });
    const { dashboard } = await client.data(titles, { id: dashboardId });
    expect(dashboard.widgets.map(({ title }: { title: string }) => title)).toEqual(["C", "B"]);
  });

  test("shows its series, one per value of the dimension it groups by", async () => {
    const place = newPlace();
    const dashboardId = await newDashboard(place);
    const categories = [
      { category: 1, tonnes: "5" },
      { category: 6, tonnes: "7.5" },
    ];
    await subgraph.deliver(emissionsEvent(place, { categories }));
    const query = { ...total, metricKey: "ghg.scope3.category", groupBy: "category" };
    await subgraph
      .as(place.manager)
      .data(createWidgetOperation, { dashboardId, input: widget({ kind: "PIE", query }) });
    await subgraph.as(place.manager).data(createWidgetOperation, { dashboardId, input: widget() });
    const data = await subgraph
      .as(place.viewer)
      .data("query ($id: ID!) { dashboard(id: $id) { widgets { data { group metric { unit } points { value } } } } }", {
        id: dashboardId,
      });
    expect(data.dashboard.widgets).toEqual([
      {
        data: [
          { group: "1", metric: { unit: "t CO2e" }, points: [{ value: "5" }] },
          { group: "6", metric: { unit: "t CO2e" }, points: [{ value: "7.5" }] },
        ],
      },
      { data: [{ group: null, metric: { unit: "t CO2e" }, points: [{ value: "339.8" }] }] },
    ]);
  });

  test("may show a metric that events will feed, before the first event", async () => {
    const place = newPlace();
    const dashboardId = await newDashboard(place);
    const client = subgraph.as(place.manager);
    const { createWidget } = await client.data(createWidgetOperation, { dashboardId, input: widget() });
    expect(await client.entity("Widget", createWidget.id, "data { points { value } }")).toEqual({
      data: [{ points: [] }],
    });
  });

  test("of a metric nobody knows, without question or with two ranges is refused", async () => {
    const place = newPlace();
    const dashboardId = await newDashboard(place);
    const refused = (input: object) => subgraph.as(place.manager).error(createWidgetOperation, { dashboardId, input });
    expect(await refused(widget({ query: { ...total, metricKey: "nothing" } }))).toMatchObject({
      code: "METRIC_UNKNOWN",
    });
    expect(await refused({ kind: "LINE", title: "L" })).toMatchObject({ code: "WIDGET_INVALID" });
    expect(await refused(widget({ query: { ...total, lastIntervals: 3 } }))).toMatchObject({ code: "WIDGET_INVALID" });
  });

  test("is changed as a whole", async () => {
    const place = newPlace();
    const dashboardId = await newDashboard(place);
    const client = subgraph.as(place.manager);
    const { createWidget } = await client.data(createWidgetOperation, { dashboardId, input: widget() });
    const change =
      "mutation ($id: ID!, $i: WidgetInput!) { updateWidget(id: $id, input: $i) { kind title text query { metricKey } data { group } } }";
    const { updateWidget } = await client.data(change, {
      id: createWidget.id,
      i: { kind: "TEXT", title: "Note", text: "Draft." },
    });
    expect(updateWidget).toEqual({ kind: "TEXT", title: "Note", text: "Draft.", query: null, data: [] });
    expect(await client.error(change, { id: randomUUID(), i: widget() })).toMatchObject({ code: "WIDGET_NOT_FOUND" });
  });
});

/** Counts the roll-up statements that `work` sends. */
async function rollUpStatements(work: () => Promise<unknown>): Promise<number> {
  const { database } = subgraph.runtime;
  const original = database.forModule.bind(database);
  const spies: { mock: { calls: unknown[][] } }[] = [];
  const spy = vi.spyOn(database, "forModule").mockImplementation((module) => {
    const inner = original(module);
    const reader: typeof inner.reader = (scope) => {
      const db = inner.reader(scope);
      spies.push(vi.spyOn(db, "execute"));
      return db;
    };
    return { reader, transaction: inner.transaction.bind(inner) };
  });
  await work();
  spy.mockRestore();
  return spies.flatMap(({ mock }) => mock.calls).length;
}

test("the series of forty widgets are read by one statement", async () => {
  const place = newPlace();
  const client = subgraph.as(place.manager);
  await client.data(createMetricOperation, { key: "a.b" });
  await client.data(recordOperation, { key: "a.b", points: [{ at: at("2024-01-01"), value: "1" }] });
  const dashboardId = await newDashboard(place);
  for (let index = 0; index < 40; index++) {
    const query = { metricKey: "a.b", interval: "DAY", from: at("2024-01-01"), to: new Date(Date.UTC(2024, 1, index)) };
    await client.data(createWidgetOperation, { dashboardId, input: widget({ query }) });
  }
  const operation = "query ($id: ID!) { dashboard(id: $id) { widgets { data { points { value } } } } }";
  const statements = await rollUpStatements(async () => {
    const { dashboard } = await client.data(operation, { id: dashboardId });
    expect(dashboard.widgets).toEqual(Array(40).fill({ data: [{ points: [{ value: "1" }] }] }));
  });
  expect(statements).toBe(1);
});
