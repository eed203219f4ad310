/** Holds a value against the schema of router.yaml. */
import { resolve } from "node:path";
import { Ajv, type ErrorObject } from "ajv";
import { pathOf } from "./expand-environment.js";
import type { Schema } from "./schema-parts.js";

export interface Checked {
  /** The value with paths made absolute and texts of the environment turned into the numbers and switches they stand for. */
  readonly value: unknown;
  readonly errors: readonly ErrorObject[];
}

export interface Check {
  readonly value: unknown;
  /** JSON pointers of strings that came from the environment. */
  readonly expanded: ReadonlySet<string>;
  /** Where relative paths start. */
  readonly folder: string;
}

export function createCheck(schema: Schema<unknown>): (check: Check) => Checked {
  const ajv = new Ajv({ allErrors: true, verbose: true, passContext: true, strict: true, strictTypes: false });
  ajv.addVocabulary(["patternErrorMessage"]);
  ajv.addKeyword({ keyword: "isFile", modifying: true, errors: false, validate: makeAbsolute });
  const validate = ajv.compile(schema);

  return ({ value, expanded, folder }) => {
    const run = () => (validate.call({ folder }, value) ? [] : (validate.errors ?? []));
    const errors = run();
    // A variable is text; where a number or a switch is expected, the text says which one.
    const converted = errors.filter((error) => convert(value, error, expanded));
    return { value, errors: converted.length > 0 ? run() : errors };
  };
}

interface DataPlace {
  readonly parentData: Record<string | number, unknown>;
  readonly parentDataProperty: string | number;
}

function makeAbsolute(this: unknown, _keyword: unknown, data: unknown, _schema?: unknown, place?: DataPlace): boolean {
  if (typeof data !== "string" || data === "" || place === undefined) return true;
  place.parentData[place.parentDataProperty] = resolve((this as { readonly folder: string }).folder, data);
  return true;
}

/** @returns whether something has changed */
function convert(
  value: unknown,
  { keyword, instancePath, params }: ErrorObject,
  expanded: ReadonlySet<string>,
): boolean {
  if (keyword !== "type" || !expanded.has(instancePath)) return false;
  const path = pathOf(instancePath);
  const last = path.pop();
  const parent = path.reduce<unknown>((node, part) => (node as Record<string, unknown>)?.[part], value);
  if (last === undefined || typeof parent !== "object" || parent === null) return false;
  const owner = parent as Record<string, unknown>;
  const meant = meaningOf(owner[last], String(params.type));
  if (meant === undefined) return false;
  owner[last] = meant;
  return true;
}

function meaningOf(text: unknown, type: string): number | boolean | undefined {
  if (typeof text !== "string") return undefined;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : undefined;
  const isNumber = type === "integer" ? /^-?\d+$/.test(text) : /^-?\d+(\.\d+)?$/.test(text);
  return isNumber && (type === "integer" || type === "number") ? Number(text) : undefined;
}
