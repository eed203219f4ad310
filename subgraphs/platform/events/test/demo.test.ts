import { organizations, people } from "@tessera/demo-world";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import tellStory from "../src/demo.js";
import { start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
  await tellStory(subgraph.stage);
  await subgraph.settle();
});
afterAll(() => subgraph.close());

const owner = { id: people.delia.id, tenantId: organizations.pinehollow.id, roles: ["owner"] };
const manager = { id: people.priya.id, tenantId: organizations.thistlemoor.id, roles: ["sustainability-manager"] };

describe("the demo", () => {
  const operation = /* GraphQL */ `
    {
      eventTypes(origin: EXTERNAL) { nodes { name versions { version } } }
      eventStreams { nodes { name } }
      storedEvents(filter: { types: ["external.*"] }) { totalCount nodes { payload } }
    }`;

  test("shows deliveries to whom their stream admits", async () => {
    const data = await subgraph.as(manager).data(operation);
    expect(data.eventTypes.nodes).toEqual([
      { name: "external.supplier.delivery", versions: [{ version: 1 }, { version: 2 }] },
    ]);
    expect(data.eventStreams.nodes).toEqual([{ name: "Deliveries" }, { name: "Emissions and reports" }]);
    expect(data.storedEvents.totalCount).toBe(9);
    expect(JSON.stringify(data)).not.toContain("Sierra");
  });

  test("has an import with a bad line and a replay that came to its end", async () => {
    const { eventImports, replays } = await subgraph
      .as(owner)
      .data("{ eventImports { nodes { stored refused { line } } } replays { nodes { state total sent } } }");
    expect(eventImports.nodes).toEqual([{ stored: 3, refused: [{ line: 4 }] }]);
    expect(replays.nodes).toEqual([{ state: "COMPLETED", total: 6, sent: 6 }]);
  });

  test("tells the same to both organizations and leaves each its own", async () => {
    const { storedEvents } = await subgraph.as(owner).data(operation);
    expect(storedEvents.totalCount).toBe(9);
    expect(JSON.stringify(storedEvents)).not.toContain("Holm");
  });
});
