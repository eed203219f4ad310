import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { defineProcess, type Process } from "../src/index.js";
import { type Context, openWorld, type World } from "./harness/world.js";

/** A process as data: what happens in which order, what fails how often, and where its worker loses it. */
type Part =
  | ({ readonly kind: "step"; readonly name: string } & Faults)
  | { readonly kind: "sleep"; readonly name: string }
  | { readonly kind: "all"; readonly parts: readonly Part[] }
  | { readonly kind: "each"; readonly parts: readonly Part[] };
interface Faults {
  /** Attempts that fail before one succeeds; 9 is never. */
  readonly fails: number;
  readonly undoFails: number;
  /** Attempts in which another worker takes the process over, before or after the effect. */
  readonly taken: "never" | "before" | "after";
  readonly takenInUndo: boolean;
}

const attempts = 4;
const never = 9;
let world: World;
/** Steps that were taken away from their worker, once each. */
const taken = new Set<string>();

/** As if the worker had died, except that it goes on and tries to commit. */
async function takeAway(processId: string, step: string): Promise<void> {
  if (taken.has(`${processId}/${step}`)) return;
  taken.add(`${processId}/${step}`);
  await world.database.admin`
    update kernel.process set lease_until = null, worker = null, claim = claim + 1, due_at = now()
    where id = ${processId} and lease_until is not null`;
}

const walk = defineProcess<Context, { part: Part }, number>({
  name: "walk",
  version: 1,
  input: z.object({ part: z.custom<Part>() }),
  run: async (process, { part }) => visit(process, part),
});

async function visit(process: Process<Context>, part: Part): Promise<number> {
  if (part.kind === "sleep") {
    await process.sleep(part.name, { milliseconds: 3 });
    return 0;
  }
  if (part.kind === "step") return step(process, part);
  let count = 0;
  if (part.kind === "each") {
    for (const inner of part.parts) count += await visit(process, inner);
    return count;
  }
  const branches = Object.fromEntries(part.parts.map((inner, index) => [index, () => visit(process, inner)]));
  const results = await process.parallel(branches);
  return Object.values(results).reduce((sum, result) => sum + result, 0);
}

function step(
  process: Process<Context>,
  { name, fails, undoFails, taken: when, takenInUndo }: Part & { kind: "step" },
) {
  return process.step(name, {
    attempts,
    undoAttempts: attempts,
    do: async ({ effect, step: { attempt } }) => {
      if (when === "before") await takeAway(process.id, name);
      await effect(name);
      if (attempt <= fails) throw new Error(`${name} fails`);
      if (when === "after") await takeAway(process.id, name);
      return 1;
    },
    undo: async ({ effect, step: { attempt } }) => {
      await effect(`-${name}`);
      if (attempt <= undoFails) throw new Error(`undoing ${name} fails`);
      if (takenInUndo) await takeAway(process.id, `-${name}`);
    },
  });
}

const faults = fc.record({
  fails: fc.constantFrom(0, 0, 0, 0, 0, 1, 2, never),
  undoFails: fc.constantFrom(0, 0, 1, 2),
  taken: fc.constantFrom("never", "never", "never", "before", "after"),
  takenInUndo: fc.boolean(),
});
const { part } = fc.letrec<{ part: Part }>((tie) => ({
  part: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    faults.map((found) => ({ kind: "step", name: "", ...found }) as Part),
    fc.constant<Part>({ kind: "sleep", name: "" }),
    fc.array(tie("part"), { minLength: 1, maxLength: 3 }).map((parts) => ({ kind: "each", parts }) as Part),
    fc.array(tie("part"), { minLength: 2, maxLength: 3 }).map((parts) => ({ kind: "all", parts }) as Part),
  ),
}));

/** Unique names, in the order of the text. */
function named(part: Part, next = { number: 1 }): Part {
  if (part.kind === "step" || part.kind === "sleep") return { ...part, name: `${part.kind} ${next.number++}` };
  return { ...part, parts: part.parts.map((inner) => named(inner, next)) };
}

function stepsOf(part: Part): (Part & { kind: "step" })[] {
  if (part.kind === "step") return [part];
  return part.kind === "sleep" ? [] : part.parts.flatMap(stepsOf);
}

beforeAll(async () => {
  world = await openWorld({ atOnce: 6 });
  world.work([walk]);
  for (let n = 0; n < 2; n++) world.another({ atOnce: 6 }).startWorker("ledger", [walk], world.run);
});
afterAll(() => world.close());

async function check(part: Part): Promise<void> {
  const { id } = await world.as().start(walk, { input: { part } });
  const { state, output } = await world.reached(id, "COMPLETED", "UNDONE", "STUCK");
  const effects = await world.effects(id);
  const steps = (await world.as().steps(id)).filter(({ kind }) => kind === "STEP");
  const all = stepsOf(part);
  if (all.every(({ fails }) => fails !== never)) {
    expect([state, output]).toEqual(["COMPLETED", all.length]);
    expect([...effects].sort()).toEqual(all.map(({ name }) => name).sort());
    return;
  }
  expect(state).toBe("UNDONE");
  const done = steps.filter(({ status }) => status !== "FAILED").sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  expect(done.every(({ status }) => status === "UNDONE")).toBe(true);
  const names = done.map(({ name }) => name);
  expect(effects.filter((what) => !what.startsWith("-")).sort()).toEqual([...names].sort());
  expect(effects.slice(names.length)).toEqual([...names].reverse().map((name) => `-${name}`));
}

test("random processes with random failures and stolen claims end fully done or fully undone, each effect once", async () => {
  const several = fc.array(
    part.map((drawn) => named(drawn)),
    { minLength: 5, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(several, async (parts) => {
      await Promise.all(parts.map(check));
    }),
    { numRuns: 15, endOnFailure: true, interruptAfterTimeLimit: 60_000 },
  );
  expect(taken.size).toBeGreaterThan(5);
}, 150_000);
