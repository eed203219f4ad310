import { randomUUID } from "node:crypto";
import { startSubgraph, type TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import workflow from "../../src/index.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await startSubgraph(workflow);
});
afterAll(() => subgraph.close());

const content = {
  steps: [
    { id: "first", type: "condition", branches: [{ when: "true", next: "ask" }] },
    { id: "ask", type: "task", title: "'Look'", assignTo: { role: "owner" } },
  ],
};
const watch = "subscription ($id: ID!) { workflowExecutionChanged(id: $id) { state steps { path state } } }";

async function started() {
  const person = { id: randomUUID(), tenantId: randomUUID(), roles: ["owner"] };
  const client = subgraph.as(person);
  const create = "mutation ($i: CreateWorkflowInput!) { createWorkflow(input: $i) { id } }";
  const { createWorkflow } = await client.data(create, { i: { key: "watched", name: "Watched", content } });
  await client.data("mutation ($id: ID!) { publishWorkflow(definitionId: $id) { id } }", { id: createWorkflow.id });
  const { startWorkflow } = await client.data('mutation { startWorkflow(key: "watched") { id } }');
  return { client, id: startWorkflow.id as string };
}

test("whoever watches an execution sees each change, to its end", async () => {
  const { client, id } = await started();
  const seen: { state: string; steps: { path: string; state: string }[] }[] = [];
  const reading = (async () => {
    for await (const { data } of await client.subscribe(watch, { id })) {
      const { workflowExecutionChanged } = data as { workflowExecutionChanged: (typeof seen)[number] };
      seen.push(workflowExecutionChanged);
    }
  })();
  await expect.poll(() => seen.at(-1)?.state, { timeout: 10_000 }).toBe("WAITING");
  expect(seen.at(-1)?.steps).toEqual([
    { path: "first", state: "COMPLETED" },
    { path: "ask", state: "WAITING" },
  ]);
  const { myTasks } = await client.data("{ myTasks(first: 1) { nodes { id } } }");
  const task = { id: myTasks.nodes[0].id };
  await client.data("mutation ($id: ID!) { claimTask(id: $id) { id } }", task);
  await client.data("mutation ($id: ID!) { completeTask(id: $id, answer: {}) { id } }", task);
  await reading;
  expect(seen.at(-1)).toMatchObject({ state: "COMPLETED", steps: [{ state: "COMPLETED" }, { state: "COMPLETED" }] });
});

test("an execution of another organization is not there to be watched", async () => {
  const { id } = await started();
  const stranger = subgraph.as({ id: randomUUID(), tenantId: randomUUID(), roles: ["owner"] });
  const first = await (await stranger.subscribe(watch, { id }))
    .next()
    .catch((error) => ({ value: { errors: [error] } }));
  expect(JSON.stringify(first)).toContain("There is no execution");
});
