/** Validation at run time, for payloads from producers outside of the code. */
import type { ValidateFunction } from "ajv";
import { LRUCache } from "lru-cache";
import { createAjv, problemsOf, withoutName } from "./ajv.js";
import { refuseInvalid } from "./check-schema.js";
import type { JsonSchema } from "./json-schema.js";

export interface PayloadProblem {
  /** JSON pointer into the payload; empty for the whole. */
  readonly pointer: string;
  readonly message: string;
}

export type PayloadVerdict =
  | { readonly valid: true }
  | { readonly valid: false; readonly problems: readonly PayloadProblem[] };

const compiled = new LRUCache<string, ValidateFunction>({ max: 500 });

/**
 * Whether `payload` keeps to `schema`, with what to change when it does not (20 problems at most). Formats count.
 * Compiling takes milliseconds, so the 500 schemas used last are kept compiled.
 *
 * @throws ContractError `SCHEMA_INVALID`
 */
export function validate(schema: JsonSchema, payload: unknown): PayloadVerdict {
  const test = testerOf(schema);
  return test(payload) ? { valid: true } : { valid: false, problems: problemsOf(test) };
}

function testerOf(schema: JsonSchema): ValidateFunction {
  const key = JSON.stringify(schema);
  const known = compiled.get(key);
  const test = known ?? compile(schema);
  if (!known) compiled.set(key, test);
  return test;
}

function compile(schema: JsonSchema): ValidateFunction {
  refuseInvalid(schema);
  return createAjv(schema).compile(withoutName(schema));
}
