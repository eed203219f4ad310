/** Turns what the validator found into sentences for the person who wrote the file. */
import type { ErrorObject } from "ajv";
import { nearest } from "./did-you-mean.js";
import { pathOf } from "./expand-environment.js";
import type { Schema } from "./schema-parts.js";

export interface Explained {
  readonly path: readonly (string | number)[];
  readonly at: "key" | "value";
  readonly message: string;
}

/** What the sentences need to know beside the error itself. */
export interface Explaining {
  readonly schema: Schema<unknown>;
  /** JSON pointers of values that came from the environment: these are never shown. */
  readonly expanded: ReadonlySet<string>;
}

export function explainErrors(errors: readonly ErrorObject[], about: Explaining): Explained[] {
  return meantErrors(errors).map((error) => explain(error, about));
}

/**
 * Of a key that may have several forms, the validator reports how the value fails each of them. What counts is the form
 * the value has; when it has none of them, the forms themselves.
 */
function meantErrors(errors: readonly ErrorObject[]): ErrorObject[] {
  let kept = [...errors];
  // Inner alternatives come before the ones around them.
  for (const outer of errors.filter(({ keyword }) => keyword === "anyOf")) {
    const inside = kept.filter((error) => error.schemaPath.startsWith(`${outer.schemaPath}/`) && isBelow(error, outer));
    const meant = formMeant(inside, outer);
    const drop = new Set(meant === undefined ? inside : [outer, ...inside.filter((error) => !meant.includes(error))]);
    kept = kept.filter((error) => !drop.has(error));
  }
  return kept;
}

/** The form of the right kind that has the keys it cannot be without, and of several the one with the fewest errors. */
function formMeant(inside: readonly ErrorObject[], outer: ErrorObject): readonly ErrorObject[] | undefined {
  const forms = [...groupByForm(inside, outer).values()].filter((form) => !form.some((one) => isWrongKind(one, outer)));
  const whole = forms.filter((form) => !form.some((one) => one.keyword === "required" && isAt(one, outer)));
  if (whole.length === 0 && forms.length > 1) return undefined;
  return (whole.length > 0 ? whole : forms).sort((a, b) => a.length - b.length)[0];
}

const isAt = (error: ErrorObject, outer: ErrorObject): boolean => error.instancePath === outer.instancePath;

const isBelow = (error: ErrorObject, outer: ErrorObject): boolean =>
  isAt(error, outer) || error.instancePath.startsWith(`${outer.instancePath}/`);

const isWrongKind = (error: ErrorObject, outer: ErrorObject): boolean =>
  isAt(error, outer) && (error.keyword === "type" || error.keyword === "const");

const formOf = (error: ErrorObject, outer: ErrorObject): string =>
  error.schemaPath.slice(outer.schemaPath.length + 1).split("/", 1)[0] ?? "";

function groupByForm(errors: readonly ErrorObject[], outer: ErrorObject): Map<string, ErrorObject[]> {
  const forms = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    const form = formOf(error, outer);
    forms.set(form, [...(forms.get(form) ?? []), error]);
  }
  return forms;
}

function explain(error: ErrorObject, about: Explaining): Explained {
  const path = pathOf(error.instancePath).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const { additionalProperty, missingProperty } = error.params as Record<string, string | undefined>;
  if (additionalProperty !== undefined) {
    return { path: [...path, additionalProperty], at: "key", message: unknownKey(error, additionalProperty, about) };
  }
  if (missingProperty !== undefined) {
    return { path, at: "key", message: `"${missingProperty}" is missing.${example(error, missingProperty)}` };
  }
  return { path, at: "value", message: valueMessage(error, about) };
}

function unknownKey({ parentSchema }: ErrorObject, key: string, { schema }: Explaining): string {
  const known = Object.keys((parentSchema as Schema<unknown>).properties ?? {});
  const meant = nearest(key, known);
  if (meant !== null) return `there is no such key. Did you mean "${meant}"?`;
  const [elsewhere] = placesOf(key, schema);
  if (elsewhere !== undefined) return `there is no such key here; it belongs under "${elsewhere}".`;
  return `there is no such key. Here may stand: ${known.join(", ")}.`;
}

/** Sections of the file in which `key` does exist. */
function placesOf(key: string, schema: Schema<unknown>, path = ""): string[] {
  const entries = Object.entries(schema.properties ?? {});
  const below = entries.flatMap(([name, value]) => placesOf(key, value, path === "" ? name : `${path}.${name}`));
  const forms = (schema.anyOf ?? []).flatMap((form) => placesOf(key, form, path));
  const here = path !== "" && entries.some(([name]) => name === key) ? [path] : [];
  return [...here, ...below, ...forms];
}

function example({ parentSchema }: ErrorObject, key: string): string {
  const { examples } = (parentSchema as Schema<unknown>).properties?.[key] ?? {};
  return Array.isArray(examples) ? ` Write for example ${key}: ${JSON.stringify(examples[0])}` : "";
}

function valueMessage(error: ErrorObject, { expanded }: Explaining): string {
  const { keyword, params, data, parentSchema, instancePath } = error;
  const fromEnvironment = expanded.has(instancePath);
  const shown = fromEnvironment ? "what the environment gives" : JSON.stringify(data);
  switch (keyword) {
    case "type":
      return `expected ${kinds[String(params.type)] ?? params.type}, found ${fromEnvironment ? "other text in the environment" : kindOf(data)}.`;
    case "anyOf":
      return `expected ${formsOf(parentSchema as Schema<unknown>)}, found ${kindOf(data)}.${slipOfKey(data, parentSchema as Schema<unknown>)}`;
    case "enum":
      return `${shown} is none of ${(params.allowedValues as string[]).join(", ")}.${slip(data, params.allowedValues)}`;
    case "minimum":
      return `${shown} is too small: the least is ${params.limit}.`;
    case "maximum":
      return `${shown} is too large: the most is ${params.limit}.`;
    case "minLength":
      return "it is empty. Write a value, or take the line away.";
    case "minItems":
      return `the list needs ${params.limit} or more.`;
    case "pattern":
      return `${(parentSchema as Schema<unknown>).patternErrorMessage ?? `it has to match ${params.pattern}`}.`;
    default:
      return `${error.message ?? "it is not valid"}.`;
  }
}

function slip(data: unknown, allowed: readonly unknown[]): string {
  const meant = typeof data === "string" ? nearest(data, allowed.map(String)) : null;
  return meant === null ? "" : ` Did you mean "${meant}"?`;
}

function slipOfKey(data: unknown, { anyOf = [] }: Schema<unknown>): string {
  if (typeof data !== "object" || data === null) return "";
  const known = anyOf.flatMap(({ properties = {} }) => Object.keys(properties));
  const [unknown] = Object.keys(data).filter((key) => !known.includes(key));
  return unknown === undefined ? "" : slip(unknown, known);
}

const kinds: Readonly<Record<string, string>> = {
  integer: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  object: "keys below it",
  array: "a list",
};

function kindOf(data: unknown): string {
  if (data === null || data === undefined) return "nothing";
  if (Array.isArray(data)) return "a list";
  if (typeof data === "object") return "keys below it";
  // Text may be a secret that was put where it does not belong.
  return typeof data === "string" ? "text" : String(data);
}

function formsOf({ anyOf = [] }: Schema<unknown>): string {
  const objects = anyOf.flatMap(({ required = [] }) => required.slice(0, 1));
  if (objects.length > 1) return `one of the keys ${objects.join(", ")}`;
  const forms = anyOf.map((form) => (form.const === false ? "false" : (kinds[String(form.type)] ?? "something else")));
  return forms.join(" or ");
}
