import type { Context } from "@tessera/subgraph";
import { Decimal } from "decimal.js";
import { errors } from "../errors.js";
import {
  addThreshold,
  changeThreshold,
  removeThreshold,
  type ThresholdContent,
  type ThresholdRow,
} from "../queries/thresholds.js";
import { checkDimensions, type NamedValue, record } from "./dimensions.js";
import { requireMetric } from "./edit-dashboard.js";
import { clearsOnSafeSide } from "./threshold-crossing.js";
import { checkName } from "./widget-content.js";

type Watched = "name" | "metricKey" | "direction" | "limit";
type Optional = "coolDownSeconds" | "interval" | "aggregation" | "enabled";

export interface ThresholdInput extends Pick<ThresholdContent, Watched>, Partial<Pick<ThresholdContent, Optional>> {
  readonly clearLimit?: string | null;
  readonly dimensions?: readonly NamedValue[];
}

const defaults = { coolDownSeconds: 0, interval: "YEAR", aggregation: "SUM", enabled: true } as const;

/** A year. */
const longestCoolDown = 366 * 24 * 3600;

/** Watches from now on: a limit that is crossed already is announced with the next change. @throws THRESHOLD_INVALID, METRIC_UNKNOWN */
export async function createThreshold(ctx: Context, input: ThresholdInput): Promise<ThresholdRow> {
  const content = contentOf(input);
  return ctx.transaction(async (tx) => {
    await requireMetric(tx, content.metricKey);
    return addThreshold(tx, content);
  });
}

/** An open crossing is forgotten: what counted as crossed by another limit says nothing. @throws THRESHOLD_INVALID, THRESHOLD_NOT_FOUND */
export async function updateThreshold(ctx: Context, id: string, input: ThresholdInput): Promise<ThresholdRow> {
  const content = contentOf(input);
  return ctx.transaction(async (tx) => {
    await requireMetric(tx, content.metricKey);
    const row = await changeThreshold(tx, id, { ...content, exceeded: false, lastExceededAt: null, lastValue: null });
    if (!row) throw errors.THRESHOLD_NOT_FOUND({ id });
    return row;
  });
}

/** @throws THRESHOLD_NOT_FOUND */
export async function deleteThreshold(ctx: Context, id: string): Promise<string> {
  await ctx.transaction(async (tx) => {
    if (!(await removeThreshold(tx, id))) throw errors.THRESHOLD_NOT_FOUND({ id });
  });
  return id;
}

function contentOf({ dimensions = [], clearLimit = null, ...input }: ThresholdInput): ThresholdContent {
  checkName(input.name);
  const content = { ...defaults, ...input, clearLimit };
  const reason = reasonAgainst(content) ?? checkDimensions(dimensions);
  if (reason) throw errors.THRESHOLD_INVALID({ reason });
  return { ...content, dimensions: record(dimensions) };
}

function reasonAgainst(
  limit: Pick<ThresholdContent, "direction" | "limit" | "clearLimit" | "coolDownSeconds">,
): string | null {
  const { coolDownSeconds } = limit;
  if (coolDownSeconds < 0 || coolDownSeconds > longestCoolDown)
    return `the cool-down is 0 to ${longestCoolDown} seconds`;
  if (clearsOnSafeSide(limit)) return null;
  const side = limit.direction === "ABOVE" ? "at most" : "at least";
  return `\`clearLimit\` must be ${side} ${new Decimal(limit.limit).toFixed()}, the limit itself`;
}
