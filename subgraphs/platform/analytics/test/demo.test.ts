import { carbonDashboardId, organizations, people } from "@tessera/demo-world";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import tellStory, { meterReadings } from "../src/demo.js";
import { insightsOf } from "../src/domain/insight-texts.js";
import { start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
  await tellStory(subgraph.stage);
});
afterAll(() => subgraph.close());

const { thistlemoor, pinehollow } = organizations;
const priya = { id: people.priya.id, tenantId: thistlemoor.id, roles: ["sustainability-manager"] };
const jonah = { id: people.jonah.id, tenantId: pinehollow.id, roles: ["viewer"] };
const overview = `query ($id: ID!) { dashboard(id: $id) { name widgets { kind title data { group points { value } } } } }`;

describe("the demo story", () => {
  test("furnishes the carbon overview under its known id", async () => {
    const { dashboard } = await subgraph.as(priya).data(overview, { id: carbonDashboardId });
    expect(dashboard.name).toBe("Carbon overview");
    const electricity = dashboard.widgets.find(({ title }: { title: string }) => title === "Electricity by site");
    expect(electricity.data.map(({ group }: { group: string }) => group)).toEqual(["Bristol depot", "Leeds plant"]);
    expect(electricity.data[0].points).toHaveLength(35);
  });

  test("has a trend, a mishap and a forecast to show", async () => {
    const query =
      "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Organization { insights { kind title } } } }";
    const { _entities } = await subgraph
      .as(priya)
      .data(query, { r: [{ __typename: "Organization", id: thistlemoor.id }] });
    const kinds = _entities[0].insights.map(({ kind }: { kind: string }) => kind).sort();
    expect(kinds).toEqual(["ANOMALY", "FORECAST", "TREND"]);
  });

  test.each(Array.from({ length: 12 }, (_, month) => month + 1))("shows them in month %i as well", (month) => {
    const readings = meterReadings(402_000, new Date(Date.UTC(2026, month - 1, 17)));
    const points = readings.map((reading) => ({ ...reading, count: 1 }));
    const insights = insightsOf({ name: "Electricity", unit: "kWh" }, "MONTH", points);
    expect(insights.map(({ kind }) => kind)).toEqual(["TREND", "ANOMALY", "FORECAST"]);
    expect(insights[1]?.at).toEqual(points[43]?.at);
  });

  test("keeps the rival's dashboards and figures apart", async () => {
    expect(await subgraph.as(jonah).data(overview, { id: carbonDashboardId })).toEqual({ dashboard: null });
    const { dashboards } = await subgraph.as(jonah).data("{ dashboards(first: 9) { nodes { name } } }");
    expect(dashboards.nodes).toEqual([{ name: "Emissions" }]);
  });

  test("gives the rival thresholds, a cube and a metric that nobody else has", async () => {
    const query =
      '{ thresholds { name } cubes { result { cells { at count } } } metric(key: "water.withdrawal") { unit } }';
    const theirs = await subgraph.as(jonah).data(query);
    expect([theirs.thresholds.length, theirs.metric]).toEqual([2, { unit: "m3" }]);
    const lastYear = new Date(Date.UTC(subgraph.clock.now().getUTCFullYear() - 1, 0)).toISOString();
    const { cells } = theirs.cubes[0].result;
    expect([cells.length, cells.at(-1)]).toEqual([6, { at: lastYear, count: 12 }]);
    const ours = await subgraph.as(priya).data(query);
    expect([ours.thresholds.length, ours.metric]).toEqual([2, null]);
  });
});
