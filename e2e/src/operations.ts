/**
 * Writes operations for any root field of any schema: every argument filled in, every field reachable within the
 * router's limits selected. New modules are covered without anybody adding them here.
 */
import { type GraphQLField, type GraphQLObjectType, getNamedType, isLeafType, isNonNullType } from "graphql";
import { argumentsFor } from "./argument-values.js";
import type { Given } from "./given.js";
import { selectionOf, tokensOf } from "./selections.js";

type Field = GraphQLField<unknown, unknown>;

export interface Operation {
  /** `Query.organization` */
  readonly coordinate: string;
  readonly text: string;
}

/** Within the router's limits: 50 root fields, 100 aliases, 10,000 tokens. */
const mostCalls = 40;
const mostTokens = 9_000;
/** A planner works through a fragment wherever it is used, so all uses of one share this. */
const selectionTokens = 2_000;
const smallestSelection = 100;

/**
 * Calls the field once per `given`, under aliases, in as few operations as the limits allow. A field that cannot be null
 * gets an operation for each call: one refusal would hide the others' answers, and keep later mutations from running.
 */
export function operationsFor(root: GraphQLObjectType, field: Field, givens: readonly Given[]): Operation[] {
  const [first] = givens;
  if (!first) return [];
  const calls = [...new Set(givens.map((given) => `${field.name}${argumentsFor(field, given)}`))];
  const size = Math.max(smallestSelection, selectionTokens / calls.length);
  const selection = selectionOf(field.type, first, size);
  const fragment = selection ? `fragment Shown on ${getNamedType(field.type).name} ${selection}` : "";
  const room = mostTokens - tokensOf(fragment);
  const parts = isNonNullType(field.type) ? calls.map((call) => [call]) : inParts(calls, room);
  return parts.map((part) => ({
    coordinate: `${root.name}.${field.name}`,
    text: operation(root.name.toLowerCase(), part, fragment),
  }));
}

/** Calls the field once and asks for as little as possible. */
export function operationFor(root: GraphQLObjectType, field: Field, given: Given): string {
  const shown = isLeafType(getNamedType(field.type)) ? "" : " { __typename }";
  return `${root.name.toLowerCase()} { ${field.name}${argumentsFor(field, given)}${shown} }`;
}

function operation(kind: string, calls: readonly string[], fragment: string): string {
  const shown = fragment ? " { ...Shown }" : "";
  return `${kind} {\n${calls.map((call, index) => `  a${index}: ${call}${shown}`).join("\n")}\n}\n${fragment}`;
}

function inParts(calls: readonly string[], room: number): string[][] {
  const parts: string[][] = [];
  let left = 0;
  for (const call of calls) {
    const size = tokensOf(call) + 8;
    const part = parts.at(-1);
    if (part && size <= left && part.length < mostCalls) part.push(call);
    else parts.push([call]);
    left = (parts.at(-1)?.length === 1 ? room : left) - size;
  }
  return parts;
}
