/** What a schema has to be before anything relies on it. */
import { createAjv, problemsOf, schemaTester, withoutName } from "./ajv.js";
import { findEndless } from "./endless.js";
import { ContractError } from "./errors.js";
import type { JsonSchema } from "./json-schema.js";
import { compileLinear } from "./linear-pattern.js";
import { escapePointer, pointerOf, resolvePointer } from "./pointer.js";

export interface SchemaProblem {
  /** JSON pointer into the schema; empty for the whole. */
  readonly pointer: string;
  readonly message: string;
}

export interface CheckOptions {
  /** A schema of our own: its patterns may use what only a backtracking engine can do, and its size is its own affair. */
  readonly trusted?: boolean;
}

const maxBytes = 100_000;
const maxDepth = 60;
/** They change what a `$ref` or the keywords beside them mean, so that a schema can no longer be judged place by place. */
const refused = new Set([
  "$anchor",
  "$dynamicRef",
  "$dynamicAnchor",
  "$recursiveRef",
  "$recursiveAnchor",
  "$vocabulary",
]);
/** Keywords whose value holds data or names rather than schemas: nothing in there is a keyword. */
const opaque = new Set(["const", "enum", "default", "examples", "example", "required", "dependentRequired"]);
const maps = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);

/**
 * Everything that keeps a schema from being used: not JSON Schema 2020-12, a `$ref` that leads nowhere or elsewhere, and
 * for schemas from outside (the default) patterns that cannot be run in linear time, or too large a schema.
 */
export function checkSchema(schema: unknown, { trusted = false }: CheckOptions = {}): SchemaProblem[] {
  if (!trusted && (JSON.stringify(schema) ?? "").length > maxBytes)
    return [{ pointer: "", message: `has more than ${maxBytes.toLocaleString("en")} characters` }];
  if (!schemaTester(schema)) return problemsOf(schemaTester);
  const { problems } = new Walk(schema as JsonSchema, trusted);
  return problems.length > 0 ? problems : compileProblems(schema as JsonSchema);
}

/** What only compiling finds, such as `nullable` without a type. */
function compileProblems(schema: JsonSchema): SchemaProblem[] {
  try {
    createAjv(schema).compile(withoutName(schema));
    return [];
  } catch (error) {
    return [{ pointer: "", message: error instanceof Error ? error.message : String(error) }];
  }
}

/** @throws ContractError `SCHEMA_INVALID` with the first problem of a schema that is trusted otherwise. */
export function refuseInvalid(schema: JsonSchema): void {
  const [problem] = checkSchema(schema, { trusted: true });
  if (problem) throw new ContractError("SCHEMA_INVALID", { problem: `${problem.pointer || "/"} ${problem.message}` });
}

class Walk {
  readonly problems: SchemaProblem[] = [];
  /** Places that refer to others. */
  readonly #references: string[] = [];

  constructor(
    readonly root: JsonSchema,
    readonly trusted: boolean,
  ) {
    this.#schema(root, "", 0);
    const endless = this.problems.length > 0 ? undefined : findEndless(root, this.#references);
    if (endless !== undefined) this.#say(`${endless}/$ref`, "refers to itself without an end");
  }

  #schema(schema: unknown, pointer: string, depth: number): void {
    if (depth > maxDepth) this.#say(pointer, `is nested more than ${maxDepth} levels deep`);
    if (depth > maxDepth || typeof schema !== "object" || schema === null) return;
    for (const [keyword, value] of Object.entries(schema)) this.#keyword(keyword, value, pointer, depth);
  }

  #keyword(keyword: string, value: unknown, pointer: string, depth: number): void {
    const at = `${pointer}/${escapePointer(keyword)}`;
    if (refused.has(keyword) || (keyword === "$id" && pointer !== ""))
      this.#say(at, `uses ${keyword}: refer to "#/$defs/…" instead`);
    else if (keyword === "$ref") this.#reference(value, pointer);
    else if (keyword === "pattern") this.#pattern(value, at);
    else if (!opaque.has(keyword)) this.#below(keyword, value, at, depth);
  }

  #below(keyword: string, value: unknown, at: string, depth: number): void {
    if (keyword === "patternProperties") for (const name of Object.keys(value as object)) this.#pattern(name, at);
    if (maps.has(keyword))
      for (const [name, each] of Object.entries(value as object)) this.#child(each, at, name, depth);
    else if (Array.isArray(value)) for (const [index, each] of value.entries()) this.#child(each, at, index, depth);
    else this.#schema(value, at, depth + 1);
  }

  #child(schema: unknown, pointer: string, step: string | number, depth: number): void {
    this.#schema(schema, `${pointer}/${escapePointer(String(step))}`, depth + 1);
  }

  #reference(value: unknown, pointer: string): void {
    this.#references.push(pointer);
    const at = `${pointer}/$ref`;
    const isLocal = typeof value === "string" && (value === "#" || value.startsWith("#/"));
    const found = isLocal ? resolvePointer(this.root, pointerOf(value)) : undefined;
    if (!isLocal)
      this.#say(at, `refers to ${JSON.stringify(value)}: only places in this schema ("#/$defs/…") can be referred to`);
    else if (typeof found !== "boolean" && (typeof found !== "object" || found === null || Array.isArray(found)))
      this.#say(at, `refers to ${value}, where there is no schema`);
  }

  #pattern(value: unknown, at: string): void {
    try {
      new RegExp(String(value), "u");
      if (!this.trusted) compileLinear(String(value));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#say(at, `has a pattern that cannot be used (${reason}); look-around and back references are not supported`);
    }
  }

  #say(pointer: string, message: string): void {
    this.problems.push({ pointer, message });
  }
}
