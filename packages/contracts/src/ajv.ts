/** The validator behind everything here: JSON Schema 2020-12, formats asserted, patterns in linear time. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { SchemaProblem } from "./check-schema.js";
import { compilePattern } from "./linear-pattern.js";

const regExp = Object.assign((pattern: string) => compilePattern(pattern), { code: "compilePattern" });
const maxProblems = 20;

/** Without `allErrors`, Ajv takes an empty list where `contains` stands beside `prefixItems`. */
const options = { allErrors: true, strict: false, logger: false, ownProperties: true, code: { regExp } } as const;

/**
 * A validator for one schema. It does not look at whether that is a schema: `schemaTester` does so once, instead of every
 * validator. Keeping track of what `unevaluated…` needs goes wrong in some recursive schemas, so it is done only where
 * one of these keywords is.
 */
export function createAjv(schema: unknown): Ajv2020 {
  const ajv = new Ajv2020({ ...options, meta: false, validateSchema: false });
  ajv.opts.unevaluated = JSON.stringify(schema).includes('"unevaluated');
  addFormats.default(ajv);
  return ajv;
}

/** Tests whether something is a JSON Schema. */
export const schemaTester = new Ajv2020(options).getSchema(
  "https://json-schema.org/draft/2020-12/schema",
) as ValidateFunction;

/** A schema as it is compiled here: always as 2020-12, and known by no name outside of itself. */
export function withoutName(schema: unknown): object | boolean {
  if (typeof schema !== "object" || schema === null) return schema === true;
  const { $schema: _, $id: __, ...rest } = schema as Record<string, unknown>;
  return rest;
}

/** What a test found, one sentence per place. */
export function problemsOf(tester: Pick<ValidateFunction, "errors">): SchemaProblem[] {
  const problems = (tester.errors ?? []).map((error) => ({ pointer: error.instancePath, message: say(error) }));
  const distinct = new Map(problems.map((problem) => [`${problem.pointer} ${problem.message}`, problem]));
  return [...distinct.values()].slice(0, maxProblems);
}

function say({ keyword, message, params }: ErrorObject): string {
  if (keyword === "enum") return `must be one of ${list(params.allowedValues)}`;
  if (keyword === "const") return `must be ${JSON.stringify(params.allowedValue)}`;
  if (keyword === "additionalProperties") return `has the property "${params.additionalProperty}", which is not known`;
  return message ?? `does not keep to ${keyword}`;
}

const list = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(", ");
