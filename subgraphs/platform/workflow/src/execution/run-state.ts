/** What the steps of one execution share while it runs, and where in it a step stands. */
import type { Process } from "@tessera/processes";
import type { StepContext } from "@tessera/subgraph";
import type { Step } from "../definitions/definition.js";
import type { Bindings } from "../expressions/evaluate.js";
import { type ExecutionFacts, factBindings } from "./execution-facts.js";

export interface Run {
  readonly process: Process<StepContext>;
  readonly facts: ExecutionFacts;
}

/** One block on its way: what its expressions see, and where its steps stand. */
export interface Scope {
  /** Before the id of a step, such as `each[3].`; empty for the steps of the definition itself. */
  readonly prefix: string;
  /** Outputs of the steps that are done, those around this block included. */
  readonly steps: Record<string, unknown>;
  /** Outputs of this block alone. */
  readonly own: Record<string, unknown>;
  readonly loop?: { readonly item: unknown; readonly index: number };
}

export const outermost = (): Scope => ({ prefix: "", steps: {}, own: {} });

/** A block within a step: it sees what stands around it, and nobody outside sees its steps one by one. */
export function within(scope: Scope, prefix: string, loop: Scope["loop"] = scope.loop): Scope {
  return { prefix, steps: { ...scope.steps }, own: {}, ...(loop ? { loop } : {}) };
}

/** One step at its place. */
export interface Place<OfStep extends Step = Step> {
  readonly run: Run;
  readonly step: OfStep;
  /** Unique within the execution. */
  readonly path: string;
  /** As it was when the step began: later steps do not change what its undo sees. */
  readonly bindings: Bindings;
}

export function placeOf<OfStep extends Step>(run: Run, step: OfStep, scope: Scope): Place<OfStep> {
  const { loop, steps } = scope;
  const bindings = { ...factBindings(run.facts), steps: { ...steps }, ...(loop ?? {}) };
  return { run, step, path: `${scope.prefix}${step.id}`, bindings };
}
