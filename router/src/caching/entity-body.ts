/** What a subgraph answered for entities, as far as it can be believed. */
import type { GraphQLError, GraphQLFormattedError } from "graphql";
import { RouterError } from "../errors/router-error.js";
import { fromJson } from "../request/json-text.js";
import type { SubgraphAnswer, SubgraphOperation } from "../subgraphs/subgraph-call.js";

export interface Body {
  /** By alias, one for each representation that was sent. */
  readonly data?: Readonly<Record<string, readonly unknown[] | null | undefined>> | null;
  readonly errors?: readonly (GraphQLError | GraphQLFormattedError)[];
}

/** `null` for what is no GraphQL response: it goes on as it is. `sent`: the representations of each `_entities` field. */
export function readBody(
  answer: SubgraphAnswer,
  { entities, subgraph }: SubgraphOperation,
  sent: readonly (readonly unknown[])[],
): Body | null {
  const body = answer.form === "value" ? (answer as Body) : parsed(answer.text);
  if (!body) return null;
  const errors = Array.isArray(body.errors) ? (body.errors as NonNullable<Body["errors"]>).filter(isObject) : [];
  const data: Record<string, readonly unknown[]> = {};
  let isWhole = true;
  entities.forEach(({ alias }, group) => {
    const count = sent[group]?.length ?? 0;
    const list = body.data?.[alias];
    // With one too few or too many, nobody knows which entity is which.
    if (Array.isArray(list) && list.length === count)
      data[alias] = list.map((one: unknown) => (isObject(one) ? one : null));
    else if (count > 0) isWhole = false;
  });
  if (isWhole || errors.length > 0) return { data, errors };
  return { data, errors: [new RouterError("SUBGRAPH_INVALID_RESPONSE", { subgraph })] };
}

function parsed(text: string): Body | null {
  try {
    const body: unknown = fromJson(text);
    return isObject(body) ? (body as Body) : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
