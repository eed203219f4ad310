/** The scalars every subgraph may declare. They are part of the kernel, so that a value means the same everywhere. */
import { Decimal } from "decimal.js";
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from "graphql";
import { GraphQLDateTimeISO, GraphQLEmailAddress, GraphQLJSON } from "graphql-scalars";

const refuse = (message: string): never => {
  throw new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });
};

/** Longer numbers are not quantities anybody measured; refusing them keeps arithmetic bounded. */
const longestDecimal = 60;
const decimalText = /^[+-]?\d+(\.\d+)?$/;

/**
 * A decimal number as text, exact from client to database. Literals such as `1.10` are taken digit by digit; a variable
 * must be a string or a whole number, because a JSON fraction has gone through binary floating point already.
 */
export const DecimalScalar = new GraphQLScalarType<string, string>({
  name: "Decimal",
  description: 'An exact decimal number as text, such as "1234.50".',
  serialize: (value) => new Decimal(value as Decimal.Value).toFixed(),
  parseValue: (value) => {
    if (typeof value === "string") return parseDecimal(value);
    if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
    return refuse(
      `A Decimal is sent as text, such as "1234.50", so that no digit is lost; got ${JSON.stringify(value)}.`,
    );
  },
  parseLiteral: (node: ValueNode) =>
    node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT
      ? parseDecimal(node.value)
      : refuse('A Decimal is a number or a text such as "1234.50".'),
});

function parseDecimal(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length > longestDecimal || !decimalText.test(trimmed)) {
    return refuse(
      `"${trimmed.slice(0, longestDecimal)}" is not a decimal number: use digits and one point, such as "1234.50".`,
    );
  }
  return new Decimal(trimmed).toFixed();
}

/** A calendar date without time or zone, `YYYY-MM-DD`. */
export const DateScalar = new GraphQLScalarType<string, string>({
  name: "Date",
  description: "A calendar date, YYYY-MM-DD.",
  serialize: (value) => (value instanceof Date ? value.toISOString().slice(0, 10) : parseDate(String(value))),
  parseValue: (value) => parseDate(String(value)),
  parseLiteral: (node) => (node.kind === Kind.STRING ? parseDate(node.value) : refuse("A Date is a text, YYYY-MM-DD.")),
});

function parseDate(text: string): string {
  const valid = /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text);
  return valid ? text : refuse(`"${text.slice(0, 40)}" is not a calendar date: use YYYY-MM-DD.`);
}

/** Bytes as base64 text; a resolver takes and gives a Buffer. */
export const Base64Scalar = new GraphQLScalarType<Buffer, string>({
  name: "Base64",
  description: "Bytes, encoded as base64.",
  serialize: (value) => Buffer.from(value as Uint8Array).toString("base64"),
  parseValue: (value) => parseBase64(value),
  parseLiteral: (node) => (node.kind === Kind.STRING ? parseBase64(node.value) : refuse("Base64 is a text.")),
});

function parseBase64(value: unknown): Buffer {
  const valid = typeof value === "string" && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
  return valid
    ? Buffer.from(value, "base64")
    : refuse("Not base64: encode the bytes with the standard alphabet and padding.");
}

/** Values written into an operation come without a prototype, which libraries that look at objects stumble over. */
const JSONScalar = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  parseLiteral: (node, variables) => JSON.parse(JSON.stringify(GraphQLJSON.parseLiteral(node, variables) ?? null)),
});

/** By name, as they are declared in a schema. */
export const kernelScalars: Readonly<Record<string, GraphQLScalarType>> = {
  DateTime: renamed(GraphQLDateTimeISO, "DateTime"),
  Date: DateScalar,
  Decimal: DecimalScalar,
  JSON: JSONScalar,
  EmailAddress: GraphQLEmailAddress,
  Base64: Base64Scalar,
};

function renamed(scalar: GraphQLScalarType, name: string): GraphQLScalarType {
  return new GraphQLScalarType({ ...scalar.toConfig(), name });
}
