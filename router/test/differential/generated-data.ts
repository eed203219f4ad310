/**
 * Data for any subgraph without writing any: every value follows from the field, its arguments and the number of the
 * object it belongs to. So all subgraphs agree about one entity, a wrong argument or representation shows in the answer,
 * and nulls, errors and missing entities turn up by themselves.
 */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getNullableType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
} from "graphql";
import { readShapes, type Shapes } from "./sdl-shapes.js";

interface Thing {
  readonly __typename: string;
  readonly n: number;
  readonly sent?: Readonly<Record<string, unknown>>;
}

export interface DataOptions {
  /** Of 100 fields, how many fail. */
  readonly errors: number;
  /** Of 100 nullable values, how many are null. */
  readonly nulls: number;
  /** Of 100 entities, how many a subgraph does not know. */
  readonly missing: number;
}

const things = 6;

/** Resolvers for `buildSubgraphSchema`. */
export function generateResolvers(subgraph: string, document: DocumentNode, options: DataOptions) {
  const shapes = readShapes(document);
  const resolve = (
    source: Thing | undefined,
    args: Record<string, unknown>,
    _context: unknown,
    info: GraphQLResolveInfo,
  ) => resolveField(source, args, info, shapes, options);
  const resolveReference = (sent: Record<string, unknown>, _context: unknown, info: GraphQLResolveInfo) =>
    resolveEntity(subgraph, sent, info, shapes, options);

  const resolvers: Record<string, Record<string, unknown>> = {};
  for (const [name, { kind, fields, keys }] of shapes) {
    const reference = keys.size > 0 ? { __resolveReference: resolveReference } : {};
    if (kind === "object")
      resolvers[name] = { ...Object.fromEntries(fields.map((field) => [field, resolve])), ...reference };
    else resolvers[name] = { __resolveType: ({ __typename }: Thing) => __typename, ...reference };
  }
  return resolvers;
}

function resolveEntity(
  subgraph: string,
  sent: Record<string, unknown>,
  info: GraphQLResolveInfo,
  shapes: Shapes,
  { missing }: DataOptions,
): Thing | null {
  const typename = String(sent.__typename);
  const keys = shapes.get(typename)?.keys ?? new Set();
  const n = [...keys].map((key) => numberOf(sent[key])).find((value) => value !== undefined);
  if (n === undefined) throw new GraphQLError(`${typename} without a key: ${JSON.stringify(sent)}`);
  if (hash(`${subgraph} ${n}`) % 100 < missing) return null;
  const type = info.schema.getType(typename);
  return { __typename: type ? concrete(type, n, info) : typename, n, sent };
}

/** Of a key, whose values all hold the number of their object. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "string") return Number(/\d+$/.exec(value)?.[0]);
  if (value !== null && typeof value === "object")
    return Object.values(value)
      .map(numberOf)
      .find((n) => n !== undefined);
  return undefined;
}

function resolveField(
  source: Thing | undefined,
  args: Record<string, unknown>,
  info: GraphQLResolveInfo,
  shapes: Shapes,
  options: DataOptions,
): unknown {
  const { fieldName: field, parentType, returnType } = info;
  const n = source?.n ?? 0;
  const shape = shapes.get(parentType.name);
  if (shape?.keys.has(field)) return keyValue(getNullableType(returnType), field, n, info);
  const given = JSON.stringify(args, (_, value) => (value === undefined ? null : value));
  const required = shape?.requires.get(field)?.(source?.sent ?? {});
  const seed = hash(`${field} ${given} ${required ?? ""} ${n}`);
  if (seed % 100 < options.errors) throw new GraphQLError(`${field} of ${n} failed`);
  if (required !== undefined && isLeafType(getNullableType(returnType))) {
    return getNullableType(returnType).toString() === "String" ? `${field} ${required}` : seed % 10_000;
  }
  return valueFor(returnType, seed, { field, given, n, info, options });
}

function keyValue(type: GraphQLOutputType, field: string, n: number, info: GraphQLResolveInfo): unknown {
  if (!isLeafType(type)) return { __typename: concrete(getNullableType(type) as GraphQLNamedType, n, info), n };
  if (isEnumType(type)) return type.getValues()[n % type.getValues().length]?.value;
  return type.name === "Int" ? n : type.name === "ID" ? String(n) : `${field} ${n}`;
}

interface Place {
  readonly field: string;
  readonly given: string;
  readonly n: number;
  readonly info: GraphQLResolveInfo;
  readonly options: DataOptions;
}

function valueFor(type: GraphQLOutputType, seed: number, place: Place): unknown {
  if (isNonNullType(type)) return presentValue(type.ofType, seed, place);
  return hash(`null ${seed}`) % 100 < place.options.nulls ? null : presentValue(type, seed, place);
}

function presentValue(type: GraphQLOutputType, seed: number, place: Place): unknown {
  if (isListType(type)) {
    return Array.from({ length: seed % 4 }, (_, index) => valueFor(type.ofType, hash(`${index} ${seed}`), place));
  }
  if (isEnumType(type)) return type.getValues()[seed % type.getValues().length]?.value;
  if (isLeafType(type)) return leaf(type.name, seed, place);
  const n = 1 + (seed % things);
  return { __typename: concrete(type as GraphQLNamedType, n, place.info), n };
}

function leaf(type: string, seed: number, { field, given, n }: Place): unknown {
  switch (type) {
    case "Int":
      return seed % 10_000;
    case "Float":
      return (seed % 1_000) / 4;
    case "Boolean":
      return seed % 2 === 0;
    case "ID":
      return String(seed % 1_000);
    case "JSON":
      return { field, n, nested: [seed % 3, null, { 'ü"': true }] };
    default:
      return seed % 3 === 0 ? `${field}\t"${given}" é€😀 ${n}` : `${field} ${seed % 100}`;
  }
}

/** Which type an object of an abstract type has; an object type is itself. */
function concrete(type: GraphQLNamedType, n: number, { schema }: GraphQLResolveInfo): string {
  if (!isAbstractType(type)) return type.name;
  const names = schema
    .getPossibleTypes(type)
    .map(({ name }) => name)
    .sort();
  return names[n % names.length] ?? type.name;
}

/** FNV-1a with a final mix, so that neighbours differ in every bit. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}
