/** A place in a schema, with what is needed to follow its references and to test values against it. */
import { isDeepStrictEqual } from "node:util";
import type { ValidateFunction } from "ajv";
import { createAjv, withoutName } from "../ajv.js";
import type { JsonSchema } from "../json-schema.js";
import { escapePointer, pointerOf, resolvePointer } from "../pointer.js";
import { CannotJudge } from "./finding.js";

export type Keywords = { readonly [keyword: string]: unknown };

const rootName = "tessera:compared";
/** About a second: a schema from outside may be made to take longer. */
const workAllowed = 200_000;
const workOfCompiling = 200;

/** A whole schema. */
export class Root {
  readonly #nodes = new Map<string, Node>();
  readonly #testers = new Map<string, ValidateFunction>();
  #ajv: ReturnType<typeof createAjv> | undefined;
  #work = 0;

  /** `mostWork`: for schemas of our own there is no end to it. */
  constructor(
    readonly schema: JsonSchema,
    readonly mostWork = workAllowed,
  ) {}

  /** Counts what a comparison does. @throws CannotJudge when that was enough */
  spend(work: number): void {
    this.#work += work;
    if (this.#work > this.mostWork) throw new CannotJudge("is too large to be compared");
  }

  /** The same pointer gives the same node. */
  at(pointer: string): Node {
    const known = this.#nodes.get(pointer);
    if (known) return known;
    const node = new Node(resolvePointer(this.schema, pointer) as JsonSchema, this, pointer);
    this.#nodes.set(pointer, node);
    return node;
  }

  accepts(pointer: string, value: unknown): boolean {
    let test = this.#testers.get(pointer);
    if (!test) {
      this.spend(workOfCompiling);
      this.#ajv ??= createAjv(this.schema).addSchema(withoutName(this.schema), rootName);
      test = this.#ajv.compile({ $ref: `${rootName}#${pointer.split("/").map(encodeURIComponent).join("/")}` });
      this.#testers.set(pointer, test);
    }
    try {
      return test(value);
    } catch (error) {
      throw new CannotJudge("cannot be tested with a value", { cause: error });
    }
  }
}

export class Node {
  constructor(
    readonly schema: JsonSchema,
    readonly root: Root,
    readonly pointer: string,
  ) {}

  /** The keywords; none for `true` and `false`. */
  get keywords(): Keywords {
    return typeof this.schema === "object" ? this.schema : {};
  }

  /** The schema under this one at `steps`, `undefined` when there is none. */
  child(...steps: (string | number)[]): Node | undefined {
    const pointer = `${this.pointer}/${steps.map((step) => escapePointer(String(step))).join("/")}`;
    const found = resolvePointer(this.root.schema, pointer);
    return typeof found === "boolean" || (typeof found === "object" && found !== null)
      ? this.root.at(pointer)
      : undefined;
  }

  /** The schemas in the list at `keyword`. */
  list(keyword: string): Node[] {
    const found = this.keywords[keyword];
    return Array.isArray(found) ? found.flatMap((_, index) => this.child(keyword, index) ?? []) : [];
  }

  /** What `$ref` refers to. */
  get target(): Node | undefined {
    const { $ref } = this.keywords;
    return typeof $ref === "string" ? this.root.at(pointerOf($ref)) : undefined;
  }

  number(keyword: string): number | undefined {
    const value = this.keywords[keyword];
    return typeof value === "number" ? value : undefined;
  }

  names(keyword: string): string[] {
    const value = this.keywords[keyword];
    return Array.isArray(value) ? value.map(String) : Object.keys((value as object | undefined) ?? {});
  }

  accepts(value: unknown): boolean {
    if (typeof this.schema === "boolean") return this.schema;
    this.root.spend(1);
    return answerAtOnce(this.schema, value) ?? this.root.accepts(this.pointer, value);
  }
}

const described = new Set(["title", "description", "default", "examples", "$schema"]);
const listing = new Set(["type", "const", "enum"]);

/** Most schemas that values are tested against list them: no validator has to be compiled for that. */
function answerAtOnce(keywords: Keywords, value: unknown): boolean | undefined {
  const { type, const: only, enum: listed } = keywords;
  const isPlain = Object.keys(keywords).every((keyword) => listing.has(keyword) || described.has(keyword));
  if (!isPlain || (type !== undefined && typeof type !== "string") || (only === undefined && !Array.isArray(listed)))
    return undefined;
  const isListed = Array.isArray(listed) ? listed.some((each) => isEqual(each, value)) : true;
  const isOnly = "const" in keywords ? isEqual(only, value) : true;
  return isListed && isOnly && (type === undefined || isOfType(type, value));
}

function isOfType(type: string, value: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "null") return value === null;
  if (type === "array" || Array.isArray(value)) return type === "array" && Array.isArray(value);
  return type === (value === null ? "null" : typeof value);
}

/** 0 and -0 are the same number in JSON. */
const isEqual = (one: unknown, other: unknown): boolean => one === other || isDeepStrictEqual(one, other);
