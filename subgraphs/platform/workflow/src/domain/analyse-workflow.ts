/** How long a workflow takes, and where the time goes. */
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { type AnalyticsQuestion, type AnalyticsRow, analyticsOf, type StepAnalyticsRow } from "../queries/analytics.js";

export interface AnalysedStep extends StepAnalyticsRow {
  /** Of the time of all steps that hold no others, 0 to 1. */
  readonly share: number;
}
export interface Analysis extends AnalyticsRow {
  readonly steps: readonly AnalysedStep[];
}

/** Steps that hold others: their time is the time of those. */
const blocks = new Set(["PARALLEL", "LOOP", "WORKFLOW"]);
const waiting = new Set(["TASK", "APPROVAL", "WAIT"]);

/** It waits for people, a time or an event instead of working. */
export const waits = (type: string) => waiting.has(type);

/** @throws RANGE_INVALID */
export async function analyseWorkflow(ctx: Context, question: Omit<AnalyticsQuestion, "now">): Promise<Analysis> {
  if (question.from >= question.to) throw errors.RANGE_INVALID();
  const figures = await analyticsOf(ctx.db, { ...question, now: ctx.now() });
  const total = figures.steps.reduce((sum, step) => sum + (blocks.has(step.type) ? 0 : step.totalSeconds), 0);
  const share = (step: StepAnalyticsRow) => (blocks.has(step.type) || total === 0 ? 0 : step.totalSeconds / total);
  return { ...figures, steps: figures.steps.map((step) => ({ ...step, share: share(step) })) };
}

/** The step, holding no others, in which most time was spent; null when none took any. */
export function bottleneckOf({ steps }: Analysis): AnalysedStep | null {
  const [most] = steps.filter(({ type, totalSeconds }) => !blocks.has(type) && totalSeconds > 0);
  return most ?? null;
}
