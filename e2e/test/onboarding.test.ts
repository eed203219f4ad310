/** The onboarding of customers that is shipped with the platform, through the supergraph, broken at each step in turn. */
import { randomUUID } from "node:crypto";
import { scopesOfRoles } from "@tessera/access";
import type { Subgraph } from "@tessera/subgraph";
import { type Data, type Person, startGraph, type TestGraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { neighbours } from "./onboarding/neighbours.js";

const modules = ["platform/workflow", "platform/analytics"];
const scopes = [...scopesOfRoles(["owner"]), "billing:write", "security:write", "notifications:write"];

async function load(module: string): Promise<Subgraph> {
  const entry = new URL(`../../subgraphs/${module}/src/index.ts`, import.meta.url).href;
  return ((await import(entry)) as { default: Subgraph }).default;
}

describe.each(["single", "distributed"] as const)("onboarding a customer, topology %s", (topology) => {
  let graph: TestGraph;
  let person: Person;
  beforeAll(async () => {
    graph = await startGraph([...(await Promise.all(modules.map(load))), ...neighbours], { topology });
    person = { id: randomUUID(), tenantId: randomUUID(), roles: ["owner"], scopes };
    const { workflowTemplates } = await graph.data(person, "{ workflowTemplates { key name description content } }");
    const input = workflowTemplates.find(({ key }: { key: string }) => key === "customer.onboarding");
    const made = await graph.data(
      person,
      "mutation ($input: CreateWorkflowInput!) { createWorkflow(input: $input) { id draft { findings { code } } } }",
      { input },
    );
    expect(made.createWorkflow.draft.findings).toEqual([]);
    const { id } = made.createWorkflow;
    await graph.data(person, "mutation ($id: ID!) { publishWorkflow(definitionId: $id) { number } }", { id });
  }, 120_000);
  afterAll(() => graph?.close());

  async function onboard(customer: string): Promise<Data> {
    const start = `mutation ($input: JSON) { startWorkflow(key: "customer.onboarding", input: $input) { id } }`;
    const input = { customer, email: "them@example.org", plan: "PRO" };
    const { startWorkflow } = await graph.data(person, start, { input });
    const read = `query ($id: ID!) { workflowExecution(id: $id) {
      state output problem { code stepPath } steps { path state undoState undoneAt finishedAt } } }`;
    for (let tries = 0; tries < 400; tries += 1) {
      const { workflowExecution } = await graph.data(person, read, { id: startWorkflow.id });
      if (["COMPLETED", "UNDONE", "FAILED", "STUCK"].includes(workflowExecution.state)) return workflowExecution;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("The onboarding did not end.");
  }

  /** What is left of a customer, by module. */
  async function leftOf(customer: string): Promise<Record<string, string[]>> {
    const read = `{ billingThings { name state } securityThings { name state } notificationsThings { name state }
      dashboards(first: 50) { nodes { name } } }`;
    const { dashboards, ...things } = await graph.data(person, read);
    const states = Object.entries(things as Record<string, { name: string; state: string }[]>).map(([module, rows]) => [
      module.replace("Things", ""),
      rows.filter(({ name }) => name === customer).map(({ state }) => state),
    ]);
    const shown = dashboards.nodes.filter(({ name }: { name: string }) => name === customer);
    return { ...Object.fromEntries(states), analytics: shown.map(() => "THERE") };
  }

  test("subscribes, provisions, sets up and welcomes", async () => {
    const done = await onboard("Thornfield");
    expect(done).toMatchObject({ state: "COMPLETED", problem: null });
    expect(Object.keys(done.output).sort()).toEqual(["dashboardId", "subscriptionId", "tenantId"]);
    const there = ["THERE"];
    expect(await leftOf("Thornfield")).toEqual({
      ...{ billing: there, security: there, analytics: there, notifications: there },
    });
  });

  const tooLong = "x".repeat(300);
  test.each([
    ["the subscription", "subscription", "Acme without billing", [], {}],
    ["the tenant", "tenant", "Acme without security", ["subscription"], { billing: ["GONE"] }],
    ["the dashboard", "dashboard", tooLong, ["tenant", "subscription"], { billing: ["GONE"], security: ["GONE"] }],
    [
      "the welcome",
      "welcome",
      "Acme without notifications",
      ["dashboard", "tenant", "subscription"],
      { billing: ["GONE"], security: ["GONE"] },
    ],
  ])(
    "takes everything before it back, the last thing first, when %s cannot be done",
    async (_, step, customer, undone, left) => {
      const ended = await onboard(customer);
      const code = step === "dashboard" ? "NAME_INVALID" : "REFUSED";
      expect(ended).toMatchObject({
        state: undone.length > 0 ? "UNDONE" : "FAILED",
        problem: { code, stepPath: step },
      });
      type Step = { path: string; undoState: string; undoneAt: string | null };
      const inOrder = (ended.steps as Step[])
        .filter(({ undoState }) => undoState === "UNDONE")
        .sort((a, b) => Date.parse(a.undoneAt ?? "") - Date.parse(b.undoneAt ?? ""));
      expect(inOrder.map(({ path }) => path)).toEqual(undone);
      expect(await leftOf(customer)).toEqual({ billing: [], security: [], analytics: [], notifications: [], ...left });
    },
  );
});
