/**
 * Writes operations for any root field of any schema: every argument filled in, every field reachable within a few steps
 * selected. New modules are covered without anybody adding them here.
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
} from "graphql";

export interface Operation {
  /** `Query.organization` */
  readonly coordinate: string;
  readonly text: string;
}

/** How deep selections go: enough for a connection's nodes and what hangs on them. */
const deepest = 5;

/** One operation that calls the field once per id, under aliases, with that id in every `ID` argument. */
export function askFor(
  root: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  ids: readonly string[],
): Operation {
  const kind = root.name.toLowerCase();
  const selection = select(field.type, deepest, [root.name]);
  const calls = takesIds(field)
    ? ids.map((id, index) => `a${index}: ${field.name}${argumentsFor(field, id)}${selection}`)
    : [`${field.name}${argumentsFor(field, "")}${selection}`];
  return { coordinate: `${root.name}.${field.name}`, text: `${kind} {\n  ${calls.join("\n  ")}\n}` };
}

export function takesIds(field: GraphQLField<unknown, unknown>): boolean {
  return field.args.some((argument) => mentionsId(argument.type, 3));
}

function mentionsId(type: GraphQLInputType, depth: number): boolean {
  const named: GraphQLNamedType = getNamedType(type);
  if (named.name === "ID") return true;
  if (!isInputObjectType(named) || depth === 0) return false;
  return Object.values(named.getFields()).some((field) => mentionsId(field.type, depth - 1));
}

function argumentsFor(field: GraphQLField<unknown, unknown>, id: string): string {
  const given = field.args.filter((argument) => isRequiredArgument(argument) || mentionsId(argument.type, 3));
  if (given.length === 0) return "";
  return `(${given.map((argument) => `${argument.name}: ${argumentValue(argument, id)}`).join(", ")})`;
}

function argumentValue(argument: GraphQLArgument, id: string): string {
  return valueFor(argument.type, argument.name, id, 3);
}

function valueFor(type: GraphQLInputType, name: string, id: string, depth: number): string {
  if (isNonNullType(type)) return valueFor(type.ofType, name, id, depth);
  if (isListType(type)) return `[${valueFor(type.ofType, name, id, depth)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? "null";
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (field) => isRequiredInputField(field) || (depth > 0 && mentionsId(field.type, depth - 1)),
    );
    return `{ ${fields.map((field) => `${field.name}: ${valueFor(field.type, field.name, id, depth - 1)}`).join(", ")} }`;
  }
  return scalarValue(type.name, name, id);
}

/** Plausible values, so that an operation gets as far as the check that must refuse it. */
function scalarValue(type: string, name: string, id: string): string {
  const known: Record<string, string> = {
    ID: JSON.stringify(id),
    Int: "1",
    Float: "1.5",
    Boolean: "true",
    Decimal: '"1.5"',
    Date: name.toLowerCase().includes("end") || name === "to" ? '"2024-12-31"' : '"2024-01-01"',
    DateTime: name.toLowerCase().includes("end") || name === "to" ? '"2024-12-31T00:00:00Z"' : '"2024-01-01T00:00:00Z"',
    JSON: "{}",
    EmailAddress: '"nobody@walker.example.org"',
    Base64: '"c2l0ZSxhY3Rpdml0eQ=="',
  };
  return known[type] ?? '"walker"';
}

/** Every field without required arguments, down to `depth`, never through the same type twice. */
function select(type: GraphQLField<unknown, unknown>["type"], depth: number, above: readonly string[]): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return "";
  if (isUnionType(named))
    return ` { __typename ${named
      .getTypes()
      .map((member) => fragment(member, depth, above))
      .join(" ")} }`;
  const inner = isObjectType(named) || isInterfaceType(named) ? fieldsOf(named, depth, above) : [];
  return ` { __typename ${inner.join(" ")} }`;
}

function fragment(member: GraphQLObjectType, depth: number, above: readonly string[]): string {
  return `... on ${member.name} { ${["__typename", ...fieldsOf(member, depth, above)].join(" ")} }`;
}

function fieldsOf(
  type: Pick<GraphQLObjectType, "name" | "getFields">,
  depth: number,
  above: readonly string[],
): string[] {
  return Object.values(type.getFields()).flatMap((field) => {
    const named = getNamedType(field.type);
    if (field.args.some(isRequiredArgument)) return [];
    if (isLeafType(named)) return [field.name];
    if (depth === 0 || above.includes(named.name)) return [];
    return [`${field.name}${select(field.type, depth - 1, [...above, named.name])}`];
  });
}
