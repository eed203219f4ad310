/** What one execution is, from its start to its end: the input of its durable process. */
import { z } from "zod";
import type { Definition } from "../definitions/definition.js";

const parent = z.object({ executionId: z.string(), wait: z.string() });

export const executionFacts = z.object({
  executionId: z.string(),
  definitionId: z.string(),
  key: z.string(),
  version: z.number().int(),
  /** As it was published; an execution keeps it whatever is published later. */
  content: z.custom<Definition>((value) => typeof value === "object" && value !== null),
  input: z.unknown(),
  /** What set its trigger off. */
  event: z.unknown().optional(),
  startedBy: z.string().nullable(),
  startedAt: z.string(),
  dueAt: z.string().nullable(),
  /** Automatic steps that led here; see `deepest` of the kernel. */
  depth: z.number().int(),
  /** Another execution that waits for the end of this one. */
  parent: parent.nullable(),
});

export type ExecutionFacts = z.infer<typeof executionFacts>;

/** What expressions of an execution see besides the outputs of steps. */
export function factBindings(facts: ExecutionFacts): Readonly<Record<string, unknown>> {
  const { executionId: id, key, version, startedAt, startedBy, input, event } = facts;
  return { input, ...(event === undefined ? {} : { event }), execution: { id, key, version, startedAt, startedBy } };
}
