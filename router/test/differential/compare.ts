/** What counts as the same answer, and what is known to differ because Apollo's gateway is not right. */
import { isDeepStrictEqual } from "node:util";
import type { GraphQLFormattedError } from "graphql";
import type { Answer } from "./executors.js";
import type { WorldSource } from "./world.js";

export interface Question {
  readonly world: WorldSource;
  readonly query: string;
}

/** @returns null, or what differs. Data has to be the same to the order of its keys, errors the same by path and message. */
export function differenceOf(ours: Answer, apollos: Answer, question: Question): string | null {
  if (JSON.stringify(ours.data) !== JSON.stringify(apollos.data)) {
    if (isKnown(dataDifferences, { ours, apollos, ...question })) return null;
    return `data:\n  ours   ${JSON.stringify(ours.data)}\n  Apollo ${JSON.stringify(apollos.data)}`;
  }
  const onlyOurs = without(ours.errors, apollos.errors).filter((error) => !isCompletion(error, ours.data));
  const onlyApollos = without(apollos.errors, ours.errors);
  if (onlyOurs.length === 0 && onlyApollos.length === 0) return null;
  if (isKnown(errorDifferences, { ours, apollos, onlyOurs, onlyApollos, ...question })) return null;
  return `errors:\n  only ours   ${onlyOurs.map(textOf).join("; ")}\n  only Apollo ${onlyApollos.map(textOf).join("; ")}`;
}

const textOf = ({ path = [], message }: GraphQLFormattedError) => `${JSON.stringify(path)} ${message}`;

function without(errors: readonly GraphQLFormattedError[], others: readonly GraphQLFormattedError[]) {
  const known = new Set(others.map(textOf));
  return errors.filter((error) => !known.has(textOf(error)));
}

/**
 * A null where none is allowed is an error of its field by the specification (6.4.4). Apollo's gateway puts such errors
 * into `extensions.valueCompletion`, or says nothing when an entity is missing. With us they have to explain a null.
 */
function isCompletion({ message, path = [] }: GraphQLFormattedError, data: unknown): boolean {
  return /^Cannot return null for non-nullable field /.test(message) && endsInNull(data, path);
}

function endsInNull(data: unknown, path: readonly (string | number)[]): boolean {
  if (data === null || data === undefined) return true;
  const [key, ...rest] = path;
  return key !== undefined && endsInNull((data as Record<string | number, unknown>)[key], rest);
}

interface Known<Found> {
  readonly why: string;
  applies(found: Found): boolean;
}

interface DataFound extends Question {
  readonly ours: Answer;
  readonly apollos: Answer;
}

interface ErrorsFound extends DataFound {
  readonly onlyOurs: readonly GraphQLFormattedError[];
  readonly onlyApollos: readonly GraphQLFormattedError[];
}

const isKnown = <Found>(list: readonly Known<Found>[], found: Found) => list.some(({ applies }) => applies(found));

const dataDifferences: readonly Known<DataFound>[] = [
  {
    why: "Apollo writes fields in the order of the operation as it normalises it, in which fields of fragments move; the specification (6.3.2, CollectFields) wants the order of the text.",
    applies: ({ ours, apollos, query }) => query.includes("...") && isDeepStrictEqual(ours.data, apollos.data),
  },
  {
    why: "A required field with arguments and the same field with other arguments in the operation become one in Apollo's planner, so one of the two gets the other's value.",
    applies: ({ world, query }) => world.requiresArguments?.every((field) => query.includes(field)) ?? false,
  },
  {
    why: "When __typename is asked of an entity and a subgraph knows it as an interface object, Apollo takes the interface's name for the type of the object, and answers null instead of the object.",
    applies: ({ world, query, ours, apollos }) =>
      (world.hasInterfaceObjects ?? false) &&
      query.includes("__typename") &&
      isTheSameWhereNotNull(apollos.data, ours.data),
  },
];

const errorDifferences: readonly Known<ErrorsFound>[] = [
  {
    why: "An error of a whole _entities field has Apollo's plan path, `@` and `_entities` included; with us it has the path of the entities.",
    applies: ({ onlyOurs, onlyApollos }) =>
      onlyApollos.every(({ path }) => path?.includes("_entities")) &&
      isDeepStrictEqual(messages(onlyOurs), messages(onlyApollos)),
  },
  {
    why: "Where a fragment leaves entities of a list out, Apollo counts places among those it has sent and names another entry of the list.",
    applies: ({ onlyOurs, onlyApollos, query }) =>
      query.includes("... on") && isDeepStrictEqual(placeless(onlyOurs), placeless(onlyApollos)),
  },
];

const messages = (errors: readonly GraphQLFormattedError[]) => new Set(errors.map(({ message }) => message));

/** Messages and paths with places in lists left open. */
const placeless = (errors: readonly GraphQLFormattedError[]) =>
  new Set(
    errors.map(({ path = [], message }) => `${path.map((key) => (typeof key === "number" ? "@" : key))} ${message}`),
  );

/** Every value of `some` that is not null is that of `all`. */
function isTheSameWhereNotNull(some: unknown, all: unknown): boolean {
  if (some === null || some === undefined) return true;
  if (typeof some !== "object") return some === all;
  if (all === null || typeof all !== "object") return false;
  return Object.entries(some).every(([key, value]) =>
    isTheSameWhereNotNull(value, (all as Record<string, unknown>)[key]),
  );
}
