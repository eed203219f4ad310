/** A process of its own that runs the workflows of a graph, until it is killed. */
import { type Person, startGraph } from "@tessera/testkit";
import workflow from "../../../src/index.js";
import { shop } from "../shop/shop.js";

export interface ChildOptions {
  readonly joins: { readonly databaseUrl: string; readonly secret: string };
  /** What it begins with. */
  readonly start?: { readonly person: Person; readonly key: string; readonly input: object };
}

const { joins, start }: ChildOptions = JSON.parse(process.argv[2] ?? "{}");
// Longer than a busy machine holds a process up: one whose lease runs out while it lives does its step once more.
const graph = await startGraph([workflow, shop], { joins, leaseMs: 6_000 });
process.stdout.write("ready\n");
if (start) {
  const begin = "mutation ($key: String!, $input: JSON) { startWorkflow(key: $key, input: $input) { id } }";
  const { key, input } = start;
  const { startWorkflow } = await graph.data(start.person, begin, { key, input });
  process.stdout.write(`started ${startWorkflow.id}\n`);
}
