/** One error per selection that was taken out, with the path it would have had; `@` stands for every item of a list. */
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode, SelectionNode } from "graphql";
import { RouterError } from "../errors/router-error.js";
import { fragmentsOf } from "./filter-operation.js";
import { findPlaces, isAsked, type RemovedPlace } from "./removed-places.js";

export interface Removal {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly removed: ReadonlySet<SelectionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Whether the actor is known, which decides what would help: to log in, or to get a permission. */
  readonly known: boolean;
}

/** More tell the client nothing new, and a fragment used many times must not make the answer huge. */
const mostErrors = 100;

export function reportRemoved(removal: Removal, schema: GraphQLSchema): RouterError[] {
  const { document, operation, removed, variables, known } = removal;
  return errorsAt(findPlaces(operation, fragmentsOf(document), removed, schema), variables, known);
}

/** For the places that `variables` (coerced) let be part of the answer. */
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
