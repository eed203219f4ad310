/** A filter as it is asked for, checked before it is kept or run. */
import { errors } from "../errors.js";
import { type EventFilter, isTypePattern } from "./event-filter.js";

export interface FilterInput {
  readonly types?: readonly string[] | null | undefined;
  readonly sources?: readonly string[] | null | undefined;
  readonly aggregateIds?: readonly string[] | null | undefined;
  readonly correlationId?: string | null | undefined;
  readonly actorId?: string | null | undefined;
  readonly since?: Date | null | undefined;
  readonly until?: Date | null | undefined;
}

const mostValues = 100;
const longestValue = 200;

/** @throws FILTER_INVALID */
export function checkFilter(input: FilterInput | null | undefined): EventFilter {
  const { types, sources, aggregateIds, correlationId, actorId, since, until } = input ?? {};
  const reason =
    listProblem(types, sources, aggregateIds) ?? textProblem(correlationId, actorId) ?? timeProblem(since, until);
  if (reason) throw errors.FILTER_INVALID({ reason });
  return {
    types: types ?? [],
    sources: sources ?? [],
    aggregateIds: aggregateIds ?? [],
    ...(correlationId != null && { correlationId }),
    ...(actorId != null && { actorId }),
    ...(since != null && { since: since.toISOString() }),
    ...(until != null && { until: until.toISOString() }),
  };
}

type Texts = readonly string[] | null | undefined;

/** What is wrong with the lists of a filter or a stream; null when nothing is. */
export function listProblem(types: Texts, sources: Texts, aggregateIds: Texts): string | null {
  const lists = { types: types ?? [], sources: sources ?? [], aggregateIds: aggregateIds ?? [] };
  for (const [name, values] of Object.entries(lists)) {
    if (values.length > mostValues) return `${name} has more than ${mostValues} entries`;
    if (values.some((value) => value === "" || value.length > longestValue))
      return `an entry of ${name} has 1 to ${longestValue} characters`;
  }
  const strange = lists.types.find((type) => !isTypePattern(type));
  return strange === undefined ? null : `"${strange}" names no type and no family such as ghg.*`;
}

function textProblem(...texts: (string | null | undefined)[]): string | null {
  const wrong = texts.some((text) => text != null && (text === "" || text.length > longestValue));
  return wrong ? `an id has 1 to ${longestValue} characters` : null;
}

function timeProblem(since: Date | null | undefined, until: Date | null | undefined): string | null {
  return since && until && since >= until ? "since must be before until" : null;
}
