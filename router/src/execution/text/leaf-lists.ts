/** Lists of leaves in text form: one token, which is parsed to look at its items and then written as it came. */
import {
  type GraphQLLeafType,
  type GraphQLList,
  type GraphQLOutputType,
  isEnumType,
  isListType,
  isNonNullType,
} from "graphql";
import { incomplete, type LeafCheck } from "./leaf-checks.js";

type Accepts = (value: unknown) => boolean;

/** The check of a token that holds a (nested) list of leaves. */
export function leafListCheckOf(type: GraphQLList<GraphQLOutputType>): LeafCheck {
  const accepts = acceptsValue(type);
  return (token) => {
    if (typeof token !== "string" || token.charCodeAt(0) !== openBracket) throw incomplete;
    if (token === "[]") return token;
    const items: unknown = JSON.parse(token);
    if (!accepts(items)) throw incomplete;
    return token;
  };
}

const openBracket = 0x5b;

function acceptsValue(type: GraphQLOutputType): Accepts {
  if (isNonNullType(type)) return acceptsPresent(type.ofType);
  const accepts = acceptsPresent(type);
  return (value) => value === null || accepts(value);
}

function acceptsPresent(type: GraphQLOutputType): Accepts {
  if (!isListType(type)) return acceptsLeaf(type as GraphQLLeafType);
  const accepts = acceptsValue(type.ofType);
  return (value) => Array.isArray(value) && value.every((item) => accepts(item));
}

function acceptsLeaf(type: GraphQLLeafType): Accepts {
  if (!isEnumType(type)) return standard[type.name] ?? isPresent;
  const known = new Set<unknown>(type.getValues().map(({ name }) => name));
  return (value) => known.has(value);
}

const isText: Accepts = (value) => typeof value === "string";
const isPresent: Accepts = (value) => value !== null;

const standard: Readonly<Record<string, Accepts | undefined>> = {
  String: isText,
  ID: isText,
  Int: (value) => typeof value === "number" && (value | 0) === value,
  Float: (value) => typeof value === "number" && Number.isFinite(value),
  Boolean: (value) => typeof value === "boolean",
};
