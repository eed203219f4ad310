/** One error per selection that was taken out, with the path it would have had; `@` stands for every item of a list. */
import { RouterError } from "../errors/router-error.js";
import { isAsked, type RemovedPlace } from "./removed-places.js";

/** More tell the client nothing new, and a fragment used many times must not make the answer huge. */
const mostErrors = 100;

/** For the places that `variables` (coerced) let be part of the answer. A `known` actor lacks a permission, another one has to log in. */
export function errorsAt(
  places: readonly RemovedPlace[],
  variables: Readonly<Record<string, unknown>>,
  known: boolean,
): RouterError[] {
  const reason = known ? "FORBIDDEN" : "UNAUTHENTICATED";
  return places
    .filter((place) => isAsked(place, variables))
    .slice(0, mostErrors)
    .map(({ coordinate, path }) => new RouterError("UNAUTHORIZED_FIELD_OR_TYPE", { coordinate, reason }, { path }));
}
