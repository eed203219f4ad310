/** Workflows of a real installation: set off by a webhook over HTTP, they call the supergraph they are part of. */
import { createHmac } from "node:crypto";
import { people } from "@tessera/demo-world";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Data, type Graph, startGraph } from "../src/index.js";

const content = {
  scopes: ["analytics:read", "analytics:write"],
  triggers: [{ id: "order", type: "webhook", input: { name: "'Order ' & $string($event.body.order)" } }],
  inputs: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
  steps: [
    {
      id: "show",
      type: "graphql",
      operation: "mutation ($name: String!) { createDashboard(name: $name) { id name organization { name } } }",
      variables: { name: "$input.name" },
    },
  ],
};

describe.each(["single", "distributed"] as const)("a webhook, topology %s", (topology) => {
  let graph: Graph;
  let token: string;
  let hook: { address: string; secret: string };
  beforeAll(async () => {
    graph = await startGraph(topology);
    token = await graph.login(people.imogen.email);
    hook = await makeHook();
  }, 240_000);
  afterAll(() => graph?.close());

  const data = async (query: string, variables: object = {}): Promise<Data> => {
    const answer = await graph.ask(query, { ...variables }, token);
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  };

  async function makeHook() {
    const create = `mutation ($i: CreateWorkflowInput!) { createWorkflow(input: $i) { id organization { id } } }`;
    const { createWorkflow } = await data(create, { i: { key: "orders", name: "Orders", content } });
    const { id, organization } = createWorkflow;
    await data("mutation ($id: ID!) { publishWorkflow(definitionId: $id) { number } }", { id });
    const read = await data("query ($id: ID!) { workflowDefinition(id: $id) { triggers { id } } }", { id });
    const trigger = read.workflowDefinition.triggers[0].id;
    const rotate = "mutation ($id: ID!) { rotateTriggerSecret(triggerId: $id) { secret } }";
    const { secret } = (await data(rotate, { id: trigger })).rotateTriggerSecret;
    return { address: `${new URL(graph.url).origin}/webhooks/workflows/${organization.id}/${trigger}`, secret };
  }

  async function send(body: string, { secret = hook.secret, address = hook.address, method = "POST" } = {}) {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
    const headers = { "x-tessera-timestamp": timestamp, "x-tessera-signature": signature };
    const response = await fetch(address, { method, headers, ...(method === "POST" ? { body } : {}) });
    const text = await response.text();
    return { status: response.status, answer: text === "" ? null : (JSON.parse(text) as Data) };
  }

  test("that is signed starts a workflow, whose steps act in the modules of the installation", async () => {
    const { status, answer } = await send('{"order":42}');
    expect(status).toBe(202);
    expect(answer.accepted).toBe(true);
    const read = "query ($id: ID!) { workflowExecution(id: $id) { state output problem { code message } } }";
    const execution = async () => (await data(read, { id: answer.executionId })).workflowExecution;
    await expect.poll(async () => (await execution()).state, { timeout: 30_000 }).toBe("COMPLETED");
    expect((await execution()).output.show.createDashboard).toMatchObject({ name: "Order 42" });
    const { dashboards } = await data("{ dashboards(first: 50) { nodes { name } } }");
    expect(dashboards.nodes).toContainEqual({ name: "Order 42" });
  });

  test("is refused by what is wrong with it", async () => {
    const codeOf = ({ status, answer }: Awaited<ReturnType<typeof send>>) => [
      status,
      answer?.errors?.[0]?.extensions.code,
    ];
    expect(codeOf(await send("{}", { secret: "another" }))).toEqual([401, "WEBHOOK_REFUSED"]);
    expect(codeOf(await send("{}", { address: `${hook.address}/more` }))).toEqual([404, "NOT_FOUND"]);
    expect(codeOf(await send("{}", { method: "GET" }))).toEqual([405, "METHOD_NOT_ALLOWED"]);
    expect(codeOf(await send("x".repeat(300 * 1024)))).toEqual([413, "WEBHOOK_TOO_LARGE"]);
  });
});
