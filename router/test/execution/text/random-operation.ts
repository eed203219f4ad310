/** Random schemas, valid operations on them, and data that mostly fits: what a test needs to compare two ways of doing the same. */
import {
  buildSchema,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";

/** A whole number below `count`. */
export type Choose = (count: number) => number;

const wrappers: readonly [string, ...string[]] = ["X", "X", "X!", "[X]", "[X!]", "[X!]!", "[[X]]", "[[X!]!]!"];
const leaves = ["String", "Int", "Float", "Boolean", "ID", "Color", "Json"];
const composites = ["A", "B", "C", "Node", "Named", "Any", "Query"];

export function randomSchema(choose: Choose): GraphQLSchema {
  const type = () => {
    const name = pick(choose, choose(3) > 0 ? leaves : composites);
    return pick(choose, wrappers).replace("X", name ?? "Int");
  };
  const fields = (owner: string, count = 1 + choose(4)) =>
    Array.from({ length: count }, (_, index) => `${owner}${index}: ${type()}`).join(" ");
  const [node, named] = [fields("node"), fields("named")];
  return buildSchema(`
    scalar Json
    enum Color { RED GREEN }
    interface Node { ${node} }
    interface Named { ${named} }
    union Any = A | B
    type A implements Node { ${node} ${fields("a")} constructor: ${type()} }
    type B implements Node & Named { ${node} ${named} ${fields("b")} toString: Int }
    type C implements Named { ${named} ${fields("c")} }
    type Query { ${fields("q", 3 + choose(3))} }
  `);
}

export interface RandomOperation {
  readonly text: string;
  readonly variables: Readonly<Record<string, boolean>>;
}

/** Each alias belongs to one field, so selections always merge. */
export function randomOperation(schema: GraphQLSchema, choose: Choose): RandomOperation {
  const fragments: string[] = [];
  const directive = () => {
    if (choose(6) > 0) return "";
    return `@${pick(choose, ["skip", "include"])}(if: ${pick(choose, ["$x", "$y", "true", "false"])})`;
  };
  const fragmentsOn = (type: string, depth: number) => {
    const condition = pick(
      choose,
      ["A", "B", "C", "Node", "Named", "Any"].filter((one) => overlaps(schema, one, type)),
    );
    if (condition === undefined) return "... { __typename }";
    const inner = selection(condition, depth);
    if (choose(3) > 0) return `... on ${condition} ${directive()} ${inner}`;
    fragments.push(`fragment F${fragments.length} on ${condition} ${inner}`);
    return `...F${fragments.length - 1} ${directive()} ...F${choose(fragments.length)}`.replace(
      /\.\.\.F(\d+)$/,
      (spread, index) => (overlaps(schema, /on (\w+)/.exec(fragments[index] ?? "")?.[1] ?? "", type) ? spread : ""),
    );
  };
  const selection = (name: string, depth: number): string => {
    const type = schema.getType(name);
    const fields = isUnionType(type) ? [] : Object.values((type as GraphQLObjectType).getFields());
    const chosen = ["__typename"];
    if (choose(4) === 0) chosen.push(`named: __typename ${directive()}`);
    for (let count = choose(5); count > 0; count--) {
      const field = pick(choose, fields);
      if (!field) continue;
      const inner = namedOf(field.type);
      const isLeaf = leaves.includes(inner);
      if (!isLeaf && depth === 0) continue;
      const alias = choose(4) === 0 ? `x${field.name}: ` : "";
      chosen.push(`${alias}${field.name} ${directive()} ${isLeaf ? "" : selection(inner, depth - 1)}`);
    }
    if (name !== "Query" && depth > 0 && choose(3) === 0) chosen.push(fragmentsOn(name, depth - 1));
    return `{ ${chosen.join(" ")} }`;
  };
  const text = `query ($x: Boolean!, $y: Boolean!) ${selection("Query", 3)} ${fragments.join(" ")}`;
  return { text, variables: { x: choose(2) === 0, y: choose(2) === 0 } };
}

function overlaps(schema: GraphQLSchema, one: string, other: string): boolean {
  const possible = (name: string) => {
    const type = schema.getType(name);
    return isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];
  };
  return possible(one).some((type) => possible(other).includes(type));
}

/** Data with every field of every type, whatever is selected; `flaw` of 100 values are not as the schema says. */
export function randomValue(schema: GraphQLSchema, choose: Choose, flaws: number) {
  let size = 0;
  let isWhole = true;
  const value = (type: GraphQLOutputType, depth: number): unknown => {
    size++;
    if (choose(100) < flaws) return pick(choose, odd);
    if (isNonNullType(type)) return present(type.ofType, depth);
    return choose(8) === 0 || size > 400 ? null : present(type, depth);
  };
  const present = (type: GraphQLOutputType, depth: number): unknown => {
    if (isListType(type)) {
      return Array.from({ length: depth > 4 || size > 400 ? 0 : choose(4) }, () => value(type.ofType, depth + 1));
    }
    if (isAbstractType(type)) return object(pick(choose, schema.getPossibleTypes(type)), depth);
    if (isObjectType(type)) return object(type, depth);
    return isEnumType(type) ? pick(choose, ["RED", "GREEN"]) : pick(choose, samples[String(type)] ?? []);
  };
  /** Objects that are too deep, or too many, are empty: the data is then not whole. */
  const object = (type: GraphQLObjectType | undefined, depth: number): unknown => {
    const data: Record<string, unknown> = {
      __typename: choose(100) < flaws ? "Elsewhere" : type?.name,
      named: type?.name,
    };
    if (!type || depth > 12 || size > 400) {
      isWhole = false;
      return data;
    }
    for (const field of Object.values(type.getFields())) {
      data[field.name] = value(field.type, depth + 1);
      data[`x${field.name}`] = value(field.type, depth + 1);
    }
    return data;
  };
  const data = object(schema.getQueryType() ?? undefined, 0) as Record<string, unknown>;
  return { data, isWhole };
}

const samples: Readonly<Record<string, readonly unknown[]>> = {
  String: [
    "",
    "a",
    'quote " and \\ back',
    "line\nbreak\u0001",
    "ÅÄÖ 日本 🚀",
    "\u2028",
    "a rather long text, as descriptions are",
  ],
  Int: [0, 1, -1, 42, 2147483647, -2147483648],
  Float: [0, 1.5, -2.25e-7, 1e300, 123456789012, 3],
  Boolean: [true, false],
  ID: ["1", "x y", 7, 0, "0012", "é"],
  Json: [{ a: [1, { b: null }], "": "é" }, [], [[1], "x"], "text", 12, true, {}, { __typename: "A" }],
};

const odd = [null, null, "odd", 1.5, 2147483648, true, "BLUE", [], {}, [null], ["odd"], [[1]], "12"];

function pick<T>(choose: Choose, from: readonly [T, ...T[]]): T;
function pick<T>(choose: Choose, from: readonly T[]): T | undefined;
function pick<T>(choose: Choose, from: readonly T[]): T | undefined {
  return from[from.length > 0 ? choose(from.length) : 0];
}

function namedOf(type: GraphQLOutputType): string {
  return String(type).replace(/[^A-Za-z]/g, "");
}
