/** What a widget may show, and the question it asks. */
import { errors } from "../errors.js";
import type { WidgetContent, WidgetRow } from "../queries/dashboards.js";
import type { Aggregation, Fill, Interval, StoredWidgetQuery } from "../tables.js";
import { checkDimensions, type NamedValue, record } from "./dimensions.js";
import { checkRange, mostBuckets, type SeriesRequest } from "./series-request.js";
import { bucketAfter, bucketOf } from "./time-buckets.js";

export interface WidgetInput {
  readonly kind: WidgetRow["kind"];
  readonly title: string;
  readonly text?: string | null;
  readonly query?: WidgetQueryInput | null;
}

export interface WidgetQueryInput {
  readonly metricKey: string;
  readonly interval: Interval;
  /** Default SUM. */
  readonly aggregation?: Aggregation;
  /** Default NONE. */
  readonly fill?: Fill;
  readonly dimensions?: readonly NamedValue[];
  readonly groupBy?: string | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
  readonly lastIntervals?: number | null;
}

const longestText = 10_000;

/** @throws WIDGET_INVALID, NAME_INVALID, RANGE_INVALID, RANGE_TOO_LONG */
export function widgetContent({ kind, title, text = null, query = null }: WidgetInput): WidgetContent {
  checkName(title);
  if (kind === "TEXT") {
    if (!text || query) throw invalid("a TEXT widget has `text` and no `query`");
    if (text.length > longestText) throw invalid(`a text has ${longestText} characters at most`);
    return { kind, title, text, metricKey: null, query: null };
  }
  if (!query || text !== null) throw invalid(`a ${kind} widget has a \`query\` and no \`text\``);
  return { kind, title, text: null, metricKey: query.metricKey, query: storedQuery(query) };
}

function storedQuery(query: WidgetQueryInput): StoredWidgetQuery {
  const { metricKey, interval, aggregation = "SUM", fill = "NONE", dimensions = [], groupBy = null } = query;
  const reason = checkDimensions(dimensions);
  if (reason) throw invalid(reason);
  const range = storedRange(query);
  return { metricKey, interval, aggregation, fill, dimensions: record(dimensions), groupBy, ...range };
}

function storedRange({ from = null, to = null, lastIntervals = null, interval }: WidgetQueryInput) {
  if (lastIntervals === null) {
    if (!from || !to) throw invalid("it needs `from` and `to`, or `lastIntervals`");
    checkRange({ from, to, interval });
  } else {
    if (from || to) throw invalid("it has either `from` and `to` or `lastIntervals`, not both");
    if (lastIntervals < 1 || lastIntervals >= mostBuckets)
      throw invalid(`\`lastIntervals\` is 1 to ${mostBuckets - 1}`);
  }
  return { from: from?.toISOString() ?? null, to: to?.toISOString() ?? null, lastIntervals };
}

/** What a widget asks now; null for a text. */
export function requestOf({ query }: Pick<WidgetRow, "query">, now: Date): SeriesRequest | null {
  if (!query) return null;
  const { from, to, lastIntervals, ...question } = query;
  if (from !== null && to !== null) return { ...question, from: new Date(from), to: new Date(to) };
  const end = bucketAfter(bucketOf(now, question.interval), question.interval);
  return { ...question, from: bucketAfter(end, question.interval, -(lastIntervals ?? 1)), to: end };
}

/** @throws NAME_INVALID */
export function checkName(name: string): void {
  if (name.trim() === "" || name.length > 200 || name.includes("\u0000")) throw errors.NAME_INVALID();
}

/** @throws TEXT_TOO_LONG */
export function checkDescription(description: string): void {
  if (description.length > longestText || description.includes("\u0000"))
    throw errors.TEXT_TOO_LONG({ most: longestText });
}

function invalid(reason: string): Error {
  return errors.WIDGET_INVALID({ reason });
}
