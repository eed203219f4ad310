/** Which events are meant. What is left out, or an empty list, excludes nothing. */
import type { EventEnvelope } from "@tessera/shared-types";

export interface EventFilter {
  /** Exact names such as `ghg.emissions.calculated`, or everything below a word: `ghg.*`. */
  readonly types?: readonly string[];
  readonly sources?: readonly string[];
  readonly aggregateIds?: readonly string[];
  readonly correlationId?: string;
  readonly actorId?: string;
  /** ISO 8601: from this instant on. */
  readonly since?: string;
  /** ISO 8601: before this instant. */
  readonly until?: string;
}

const families = /^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*\.\*$/;
const exactly = /^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$/;

/** Whether this names a type (`ghg.emissions.calculated`) or a family of them (`ghg.*`). */
export function isTypePattern(text: string): boolean {
  return text.length <= 200 && (exactly.test(text) || families.test(text));
}

/** Types named one by one, and the beginnings of families, each with its last point. */
export function splitPatterns(types: readonly string[]): { exact: string[]; prefixes: string[] } {
  const prefixes = types.filter((type) => type.endsWith(".*")).map((type) => type.slice(0, -1));
  return { exact: types.filter((type) => !type.endsWith(".*")), prefixes };
}

/** The same question that `matching` asks the database, about one event in hand. */
export function matches(filter: EventFilter, event: EventEnvelope): boolean {
  const { types = [], sources = [], aggregateIds = [], correlationId, actorId, since, until } = filter;
  return (
    matchesType(types, event.type) &&
    among(sources, event.source) &&
    among(aggregateIds, event.aggregateId) &&
    (correlationId === undefined || event.correlationId === correlationId) &&
    (actorId === undefined || event.actorId === actorId) &&
    (since === undefined || Date.parse(event.occurredAt) >= Date.parse(since)) &&
    (until === undefined || Date.parse(event.occurredAt) < Date.parse(until))
  );
}

export function matchesType(types: readonly string[], type: string): boolean {
  if (types.length === 0) return true;
  const { exact, prefixes } = splitPatterns(types);
  return exact.includes(type) || prefixes.some((prefix) => type.startsWith(prefix));
}

const among = (wanted: readonly string[], value: string): boolean => wanted.length === 0 || wanted.includes(value);
