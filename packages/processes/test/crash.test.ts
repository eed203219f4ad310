import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Child, removeProgram, startChild } from "./harness/children.js";
import { type Death, moments, order, orderSteps } from "./harness/order.js";
import { openWorld, type World } from "./harness/world.js";

/** Short, so that a dead worker is noticed soon. */
const leaseMs = 600;

let world: World;
let folder: string;
let done = false;
const children: (Child | null)[] = [null, null, null];

beforeAll(async () => {
  // This process only starts and watches; the children run.
  world = await openWorld({ leaseMs, atOnce: 0 });
  world.work([order]);
  folder = await mkdtemp(join(tmpdir(), "tessera-deaths-"));
});
afterAll(async () => {
  done = true;
  await Promise.all(children.map((child) => child?.stop()));
  await world.close();
  await rm(folder, { recursive: true });
  removeProgram();
});

/** Somebody takes the place of each worker that dies. */
async function keepAlive(place: number): Promise<void> {
  while (!done) {
    const child = await startChild({ databaseUrl: world.database.url, leaseMs });
    children[place] = child;
    if (done) await child.stop();
    else await child.died();
  }
}

const deaths: Death[] = orderSteps.flatMap((step) => [
  ...moments.map((moment) => ({ moment, step, undo: false })),
  ...moments.slice(0, 2).map((moment) => ({ moment, step, undo: true })),
]);

test("workers killed inside, at the end of and after every step and undo repeat no effect and lose none", async () => {
  const started = await Promise.all(
    deaths.map(async (death) => {
      const { id } = await world.as().start(order, { input: { fails: death.undo, death, folder } });
      return { id, death };
    }),
  );
  for (const place of children.keys()) void keepAlive(place).catch(() => {});
  for (const { id, death } of started) {
    await until(async () => (await world.as().find(id))?.finishedAt != null);
    const { state, output } = (await world.as().find(id)) ?? {};
    const effects = await world.effects(id);
    expect({ death, effects: effects.slice(0, 4).sort() }).toEqual({ death, effects: orderSteps });
    if (!death.undo) {
      expect({ death, state, output }).toEqual({
        death,
        state: "COMPLETED",
        output: orderSteps.map((name) => `${name} done`),
      });
      expect(effects).toHaveLength(4);
    } else {
      const steps = (await world.as().steps(id)).filter(({ kind }) => kind === "STEP");
      const reversed = steps.sort((a, b) => (b.position ?? 0) - (a.position ?? 0)).map(({ name }) => `-${name}`);
      expect({ death, state, undone: effects.slice(4) }).toEqual({ death, state: "UNDONE", undone: reversed });
    }
  }
  expect((await readdir(folder)).sort()).toEqual(started.map(({ id }) => id).sort());
}, 300_000);

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 280_000; !(await holds()); await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (Date.now() > end) throw new Error("A process never ended.");
  }
}
