/**
 * The JSON Schemas (2020-12) that may describe inputs and answers: without references to elsewhere, small, and with
 * keywords of the right types. What a keyword means is the validator's business, see `checkAgainst`.
 */
import { z } from "zod";

const text = z.string().max(2_000);
const count = z.number().int().nonnegative();
const pattern = text.refine(isPattern, "is no regular expression");
const typeName = z.enum(["object", "array", "string", "number", "integer", "boolean", "null"]);

const schema: z.ZodType = z.union([
  z.boolean(),
  z.strictObject({
    $schema: text.optional(),
    $comment: text.optional(),
    title: text.optional(),
    description: text.optional(),
    default: z.unknown().optional(),
    examples: z.array(z.unknown()).optional(),
    deprecated: z.boolean().optional(),
    readOnly: z.boolean().optional(),
    writeOnly: z.boolean().optional(),
    type: z.union([typeName, z.array(typeName).min(1)]).optional(),
    enum: z.array(z.unknown()).min(1).max(1_000).optional(),
    const: z.unknown().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    exclusiveMinimum: z.number().optional(),
    exclusiveMaximum: z.number().optional(),
    multipleOf: z.number().positive().optional(),
    minLength: count.optional(),
    maxLength: count.optional(),
    pattern: pattern.optional(),
    format: z.string().max(50).optional(),
    minItems: count.optional(),
    maxItems: count.optional(),
    uniqueItems: z.boolean().optional(),
    items: z.lazy(() => schema).optional(),
    prefixItems: z.array(z.lazy(() => schema)).optional(),
    contains: z.lazy(() => schema).optional(),
    minProperties: count.optional(),
    maxProperties: count.optional(),
    required: z.array(z.string()).optional(),
    properties: z
      .record(
        z.string(),
        z.lazy(() => schema),
      )
      .optional(),
    patternProperties: z
      .record(
        pattern,
        z.lazy(() => schema),
      )
      .optional(),
    additionalProperties: z.lazy(() => schema).optional(),
    propertyNames: z.lazy(() => schema).optional(),
    dependentRequired: z.record(z.string(), z.array(z.string())).optional(),
    allOf: z
      .array(z.lazy(() => schema))
      .min(1)
      .optional(),
    anyOf: z
      .array(z.lazy(() => schema))
      .min(1)
      .optional(),
    oneOf: z
      .array(z.lazy(() => schema))
      .min(1)
      .optional(),
    not: z.lazy(() => schema).optional(),
  }),
]);

function isPattern(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

const mostCharacters = 64 * 1024;
const deepest = 20;
const deepestJson = 200;

/** What is wrong with a schema; null when it can be used. */
export function checkForm(form: unknown): string | null {
  if (jsonLength(form) > mostCharacters) return `a form has ${mostCharacters} characters at most`;
  if (depthOf(form) > deepest) return `a form is ${deepest} levels deep at most`;
  if (typeof form !== "object" || form === null || Array.isArray(form)) return "a form is a JSON Schema object";
  const { error } = schema.safeParse(form);
  const issue = error?.issues[0];
  return issue ? `the form is no usable JSON Schema: /${issue.path.join("/")} ${deepestMessage(issue)}` : null;
}

/** Inside of a union, the message that is about the object, which is what was meant. */
function deepestMessage(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_union") return issue.message;
  const inner = issue.errors.at(-1)?.[0];
  return inner ? `${inner.path.length > 0 ? `/${inner.path.join("/")} ` : ""}${deepestMessage(inner)}` : issue.message;
}

/** Length as JSON text; infinite for what is so deep that writing it would not end well. */
export function jsonLength(value: unknown): number {
  return depthOf(value) >= deepestJson ? Number.POSITIVE_INFINITY : Buffer.byteLength(JSON.stringify(value ?? null));
}

/** Levels of lists and objects within each other, counted no further than needed. */
export function depthOf(value: unknown, most = deepestJson): number {
  if (typeof value !== "object" || value === null || most === 0) return 0;
  return 1 + Math.max(0, ...Object.values(value).map((inner) => depthOf(inner, most - 1)));
}
