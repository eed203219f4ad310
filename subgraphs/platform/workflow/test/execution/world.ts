/** Workflows in a graph with something to call, and a person who may do everything in it. */
import { randomUUID } from "node:crypto";
import { scopesOfRoles } from "@tessera/access";
import { type Data, type Person, startGraph, type TestGraph } from "@tessera/testkit";
import workflow from "../../src/index.js";
import { staff } from "../staff/staff.js";
import { shop } from "./shop/shop.js";

export const executionFields = `id state input output late problem { code message stepPath }
  steps { path type state attempts input output problem { code message } undoState undoProblem { code } }`;

export interface World {
  readonly graph: TestGraph;
  /** Of an organization nobody else works in. */
  newPerson(): Person;
  /** Stores and publishes a definition under a key of its own; returns the key. */
  publish(person: Person, content: object, key?: string): Promise<{ key: string; id: string }>;
  /** Starts it, and waits until it has come to a rest. */
  run(person: Person, content: object, input?: object): Promise<Data>;
  start(person: Person, key: string, input?: object): Promise<string>;
  /** As soon as the execution is in one of these states. */
  until(person: Person, id: string, ...states: string[]): Promise<Data>;
  /** Names of what the shop has done for this person's organization. */
  done(person: Person): Promise<string[]>;
}

const scopes = [...scopesOfRoles(["owner"]), "shop:read", "shop:write"];
const patienceMs = 60_000;

export async function startWorld(graphOf = () => startGraph([workflow, shop, staff])): Promise<World> {
  const graph = await graphOf();
  const create = `mutation ($input: CreateWorkflowInput!) { createWorkflow(input: $input) { id } }`;
  const publishDraft = "mutation ($id: ID!) { publishWorkflow(definitionId: $id) { id } }";
  const startIt = "mutation ($key: String!, $input: JSON) { startWorkflow(key: $key, input: $input) { id } }";
  const read = `query ($id: ID!) { workflowExecution(id: $id) { ${executionFields} } }`;
  const world: World = {
    graph,
    newPerson: () => ({ id: randomUUID(), tenantId: randomUUID(), roles: ["owner"], scopes }),
    publish: async (person, content, key = `test-${randomUUID().slice(0, 8)}`) => {
      const made = await graph.data(person, create, { input: { key, name: key, content } });
      const { id } = made.createWorkflow;
      await graph.data(person, publishDraft, { id });
      return { key, id };
    },
    start: async (person, key, input = {}) =>
      (await graph.data(person, startIt, { key, input })).startWorkflow.id as string,
    run: async (person, content, input) => {
      const { key } = await world.publish(person, content);
      const id = await world.start(person, key, input);
      return world.until(person, id, "COMPLETED", "FAILED", "UNDONE", "STUCK", "CANCELLED", "WAITING");
    },
    until: async (person, id, ...states) => {
      for (const end = Date.now() + patienceMs; ; ) {
        const { workflowExecution } = await graph.data(person, read, { id });
        if (states.includes(workflowExecution.state)) return workflowExecution;
        if (Date.now() > end) throw new Error(`Still ${JSON.stringify(workflowExecution)}`);
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
    },
    done: async (person) => {
      const { shopEffects } = await graph.data(person, "{ shopEffects { name } }");
      return shopEffects.map(({ name }: { name: string }) => name);
    },
  };
  return world;
}

/** A step that does something in the shop. */
export const act = (id: string, more: object = {}) => ({
  id,
  type: "graphql",
  operation: "mutation ($name: String!, $key: String) { shopDo(name: $name, key: $key) { name } }",
  variables: { name: `'${id}'` },
  ...more,
});

/** What takes back a step of that kind. */
export const takeBack = (id: string) => ({
  type: "graphql",
  operation: "mutation ($name: String!) { shopDo(name: $name) { name } }",
  variables: { name: `'undo ${id}'` },
});

/** Inputs that definitions of the tests take. */
const inputs = { type: "object", properties: { what: {}, amount: {}, names: {}, name: {}, url: {} } };

export const definition = (steps: object[], more: object = {}) => ({ scopes: ["shop:write"], inputs, steps, ...more });
