/** A process with everything in it, whose worker dies once at the moment its input names. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { defineProcess, type StepFacts } from "../../src/index.js";
import type { Context } from "./world.js";

/** In a step after its effect; when its journal entry is written but not committed; when it is committed. */
export const moments = ["inside", "recorded", "after"] as const;
const death = z.object({ moment: z.enum(moments), step: z.string(), undo: z.boolean() });
export type Death = z.infer<typeof death>;

export const orderSteps = ["a", "b", "c", "d"];
export const orderInput = z.object({ fails: z.boolean(), death, folder: z.string() });
export type OrderInput = z.infer<typeof orderInput>;

/** As if the machine had lost power: nothing runs after this line. Once for each process. */
function dieOnce(folder: string, processId: string): void {
  try {
    writeFileSync(join(folder, processId), "", { flag: "wx" });
  } catch {
    return;
  }
  process.kill(process.pid, "SIGKILL");
}

/** What is asked when the journal entry of a step is written. */
const recordedDeaths = new Map<string, () => void>();
const keyOf = (processId: string, step: string) => `${processId}/${step}`;
export const recorded = ({ processId, name }: StepFacts): void => recordedDeaths.get(keyOf(processId, name))?.();

export const order = defineProcess<Context, OrderInput, string[]>({
  name: "order",
  version: 1,
  input: orderInput,
  run: async (process, { fails, death, folder }) => {
    const at = (moment: Death["moment"], step: string, undo: boolean): void => {
      if (death.moment === moment && death.step === step && death.undo === undo) dieOnce(folder, process.id);
    };
    const work = (step: string, undo: boolean) => async (context: Context) => {
      await context.effect(undo ? `-${step}` : step);
      at("inside", step, undo);
      recordedDeaths.set(keyOf(process.id, step), () => at("recorded", step, undo));
      return `${step} done`;
    };
    const step = async (name: string) => {
      const result = await process.step(name, { attempts: 1, do: work(name, false), undo: work(name, true) });
      at("after", name, false);
      return result;
    };
    const done = [await step("a")];
    const { b, c } = await process.parallel({ b: () => step("b"), c: () => step("c") });
    await process.sleep("breathe", { milliseconds: 20 });
    done.push(b, c, await step("d"));
    if (fails) throw new Error("as it was told to");
    return done;
  },
});
