/** How to get to a field from the root, by ways that somebody may go. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from "graphql";
import { argumentsFor } from "./argument-values.js";
import type { Given } from "./given.js";

type Step = readonly [GraphQLObjectType, GraphQLField<unknown, unknown>];

/** For each field that can be reached through fields that `mayPass` lets through: the shortest way, itself included. */
export function waysToFields(schema: GraphQLSchema, mayPass: (coordinate: string) => boolean): Map<string, Step[]> {
  const ways = new Map<string, Step[]>();
  const entered = new Set<string>();
  let next: [GraphQLObjectType, Step[]][] = [[schema.getQueryType() as GraphQLObjectType, []]];
  while (next.length > 0) {
    const here = next;
    next = [];
    for (const [type, way] of here) {
      if (entered.has(type.name)) continue;
      entered.add(type.name);
      for (const field of Object.values(type.getFields())) {
        const coordinate = `${type.name}.${field.name}`;
        const longer: Step[] = [...way, [type, field]];
        ways.set(coordinate, longer);
        const named = getNamedType(field.type);
        if (isObjectType(named) && mayPass(coordinate)) next.push([named, longer]);
      }
    }
  }
  return ways;
}

/** A query that goes this way and asks for nothing else. */
export function queryAlong(way: readonly Step[], given: Given): string {
  const [step, ...rest] = way;
  if (!step) return "";
  const [, field] = step;
  const inside =
    rest.length > 0 ? queryAlong(rest, given) : isLeafType(getNamedType(field.type)) ? "" : "{ __typename }";
  return `{ ${field.name}${argumentsFor(field, given)} ${inside} }`;
}
