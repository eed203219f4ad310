/** A place in a schema, with what is needed to follow its references and to test values against it. */
import type { ValidateFunction } from "ajv";
import { createAjv, withoutName } from "../ajv.js";
import type { JsonSchema } from "../json-schema.js";
import { escapePointer, pointerOf, resolvePointer } from "../pointer.js";
import { CannotJudge } from "./finding.js";

export type Keywords = { readonly [keyword: string]: unknown };

const rootName = "tessera:compared";

/** A whole schema. */
export class Root {
  readonly #nodes = new Map<string, Node>();
  readonly #testers = new Map<string, ValidateFunction>();
  #ajv: ReturnType<typeof createAjv> | undefined;

  constructor(readonly schema: JsonSchema) {}

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
    return typeof this.schema === "boolean" ? this.schema : this.root.accepts(this.pointer, value);
  }
}
