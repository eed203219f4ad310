/** A worker in a process of its own. */
import { order, recorded } from "./order.js";
import { openWorld } from "./world.js";

export interface ChildOptions {
  readonly databaseUrl: string;
  readonly leaseMs: number;
}

const { databaseUrl, leaseMs }: ChildOptions = JSON.parse(process.argv[2] ?? "{}");
const world = await openWorld({ databaseUrl, leaseMs, recorded });
world.work([order]);
process.stdout.write("ready\n");
process.on("SIGTERM", async () => {
  await world.close();
  process.exit(0);
});
