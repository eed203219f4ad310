/** What the modules of the chaos run tell each other. */
import { defineEvent } from "@tessera/shared-types";
import { z } from "zod";

const facts = {
  mutationId: z.uuid(),
  key: z.string(),
  /** Counts the changes of one key from 1, in the order of their commits. */
  version: z.int().positive(),
};

/** One key was changed. Aggregate: the key. */
export const moved = defineEvent("chaos.key.moved", 1, z.object({ ...facts, amount: z.int() }));
/** The read model has taken a change in: published by a reaction, so that a chain of events is part of the run. */
export const balanced = defineEvent("chaos.key.balanced", 1, z.object({ ...facts, balance: z.int() }));

export type Moved = z.infer<typeof moved.payload>;
export type Balanced = z.infer<typeof balanced.payload>;
