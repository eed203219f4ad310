import { organizations, people } from "@tessera/demo-world";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import workflow from "../src/index.js";
import { start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

test("the story can be told: one reading is signed, one waits for a signature, one for a reading", {
  timeout: 60_000,
}, async () => {
  const demo = await workflow.demo?.();
  await demo?.default(subgraph.stage);
  const priya = subgraph.as({
    id: people.priya.id,
    tenantId: organizations.thistlemoor.id,
    roles: ["sustainability-manager"],
  });
  const { workflowExecutions, myApprovals } = await priya.data(
    "{ workflowExecutions { nodes { state output saga { standing } steps { stepId state } } } myApprovals { nodes { title } } }",
  );
  const states = workflowExecutions.nodes.map(({ state }: { state: string }) => state);
  expect(states).toEqual(["WAITING", "WAITING", "COMPLETED"]);
  expect(workflowExecutions.nodes[2].output).toEqual({ site: "Leeds plant", reading: 431_207 });
  expect(myApprovals.nodes).toEqual([{ title: "Sign the reading of Bristol depot: 402866 kWh" }]);
  const nils = subgraph.as({ id: people.nils.id, tenantId: organizations.thistlemoor.id, roles: ["analyst"] });
  expect((await nils.data("{ myTasks { nodes { title } } }")).myTasks.nodes).toEqual([
    { title: "Read the electricity meter: London office" },
  ]);
});
