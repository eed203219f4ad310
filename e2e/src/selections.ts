/** Selects what there is to see behind a field, as deep as an operation's size allows. */
import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from "graphql";
import { argumentsFor } from "./argument-values.js";
import type { Given } from "./given.js";

/** Far below the router's limit of 15, since each call adds its own level. */
const deepest = 9;

/** Selection of every field down to the depth at which it has at most `mostTokens`; empty for a leaf. */
export function selectionOf(type: GraphQLOutputType, given: Given, mostTokens: number): string {
  let best = "";
  for (let depth = 0; depth <= deepest; depth += 1) {
    const selection = select(type, { given, depth, above: [] });
    if (best !== "" && tokensOf(selection) > mostTokens) break;
    if (selection === best) break;
    best = selection;
  }
  return best;
}

/** What the router counts: names, punctuators and literals. */
export function tokensOf(text: string): number {
  return text.match(/"(?:[^"\\]|\\.)*"|\.\.\.|[\w.-]+|[{}()[\]:!$@|=&]/g)?.length ?? 0;
}

interface Way {
  readonly given: Given;
  readonly depth: number;
  /** Types on the way here; none is entered a second time. */
  readonly above: readonly string[];
}

function select(type: GraphQLOutputType, way: Way): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return "";
  if (isUnionType(named)) {
    const members = named.getTypes().map((member) => `... on ${member.name} ${set(fieldsOf(member, way))}`);
    return set(members);
  }
  return isObjectType(named) || isInterfaceType(named) ? set(fieldsOf(named, way)) : "";
}

const set = (fields: readonly string[]) => `{ __typename ${fields.join(" ")} }`;

function fieldsOf(type: Pick<GraphQLObjectType, "name" | "getFields">, { given, depth, above }: Way): string[] {
  const inside = { given, depth: depth - 1, above: [...above, type.name] };
  return Object.values(type.getFields()).flatMap((field) => {
    const named = getNamedType(field.type);
    const call = `${field.name}${field.args.some(isRequiredArgument) ? argumentsFor(field, given) : ""}`;
    if (isLeafType(named)) return [call];
    if (depth === 0 || inside.above.includes(named.name)) return [];
    return [`${call} ${select(field.type, inside)}`];
  });
}
