/** A process of its own: relays or reacts as its arguments say, and says on stdout what it is about to do. */
import { setTimeout as sleep } from "node:timers/promises";
import { openWorld } from "./world.js";

export interface ChildOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  readonly kafkaBrokers?: string | undefined;
  readonly relay?: boolean;
  /** Modules whose reactions it runs. */
  readonly modules?: readonly string[];
  /** How long a reaction takes after it wrote its effect and before its transaction ends. */
  readonly slowMs?: number;
  /** The reaction to the event of this number does not end. */
  readonly hangsAt?: number;
}

const { modules = [], slowMs = 0, hangsAt, relay, ...rest }: ChildOptions = JSON.parse(process.argv[2] ?? "{}");
const world = await openWorld(rest);
if (relay) world.events.startRelay();
for (const module of modules) {
  world.counting(module, async (_, n) => {
    process.stdout.write(`in ${n}\n`);
    if (slowMs > 0) await sleep(slowMs);
    if (n === hangsAt) await new Promise(() => {});
  });
}
process.stdout.write("ready\n");
process.on("SIGTERM", async () => {
  await world.close();
  process.exit(0);
});
