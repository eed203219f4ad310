/** Literals for the arguments of a field, whatever their types. */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from "graphql";
import { type Given, isKey } from "./given.js";

type Field = GraphQLField<unknown, unknown>;
type Input = GraphQLArgument | GraphQLInputField;

/** Inputs nest, and may contain themselves. */
const deepestInput = 3;

/** `(id: "…", input: { … })`, or nothing for a field without arguments worth giving. */
export function argumentsFor(field: Field, given: Given): string {
  const wanted = field.args.filter((argument) => isRequiredArgument(argument) || carries(argument));
  if (wanted.length === 0) return "";
  const value = (argument: GraphQLArgument) =>
    valueFor(argument.type, { field: field.name, path: [argument.name], given });
  return `(${wanted.map((argument) => `${argument.name}: ${value(argument)}`).join(", ")})`;
}

/** The places of a field's arguments that take an id, such as `["input", "siteId"]`. */
export function idPlaces(field: Field): (readonly string[])[] {
  return field.args.flatMap((argument) => placesIn(argument, [argument.name]));
}

function placesIn({ type }: Input, path: readonly string[]): (readonly string[])[] {
  const named = getNamedType(type);
  if (named.name === "ID") return [path];
  if (!isInputObjectType(named) || path.length > deepestInput) return [];
  return Object.values(named.getFields()).flatMap((field) => placesIn(field, [...path, field.name]));
}

/** Whether a field takes keys of things, such as a metric's. */
export function takesKeys(field: Field): boolean {
  return field.args.some((argument) => carriesKey(argument, deepestInput));
}

function carries(input: Input, depth = deepestInput): boolean {
  return placesIn(input, Array(deepestInput - depth + 1).fill("")).length > 0 || carriesKey(input, depth);
}

function carriesKey(input: Input, depth: number): boolean {
  const named = getNamedType(input.type);
  if (named.name === "String") return isKey(input.name);
  if (!isInputObjectType(named) || depth === 0) return false;
  return Object.values(named.getFields()).some((field) => carriesKey(field, depth - 1));
}

interface Place {
  readonly field: string;
  readonly path: readonly string[];
  readonly given: Given;
}

function valueFor(type: GraphQLInputType, place: Place): string {
  if (isNonNullType(type)) return valueFor(type.ofType, place);
  if (isListType(type)) return `[${valueFor(type.ofType, place)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? "null";
  if (!isInputObjectType(type)) return scalarValue(type.name, place);
  const depth = deepestInput - place.path.length;
  const fields = Object.values(type.getFields()).filter(
    (field) => isRequiredInputField(field) || (depth > 0 && carries(field, depth)),
  );
  const values = fields.map(
    (field) => `${field.name}: ${valueFor(field.type, { ...place, path: [...place.path, field.name] })}`,
  );
  return `{ ${values.join(", ")} }`;
}

/** Plausible values, so that an operation gets as far as the check that must refuse it. */
function scalarValue(type: string, { field, path, given }: Place): string {
  const name = path.at(-1) ?? "";
  const late = name.toLowerCase().includes("end") || name === "to";
  const known: Record<string, () => string> = {
    ID: () => JSON.stringify(given.id(path, field)),
    Int: () => (/year|vintage/i.test(name) ? "2024" : "1"),
    Float: () => "1.5",
    Boolean: () => "true",
    Decimal: () => '"1.5"',
    Date: () => (late ? '"2024-12-31"' : '"2024-01-01"'),
    DateTime: () => (late ? '"2024-12-31T00:00:00Z"' : '"2024-01-01T00:00:00Z"'),
    JSON: () => "{}",
    EmailAddress: () => '"nobody@walker.example.org"',
    Base64: () => '"c2l0ZSxhY3Rpdml0eQ=="',
    String: () => JSON.stringify(isKey(name) ? given.key(name) : (given.text(name) ?? "walker")),
  };
  return known[type]?.() ?? '"walker"';
}
