/**
 * A reader of the answers to one subgraph operation, generated from its selections. For `{ me { id name } }` it is:
 *
 *     function me_1() {
 *       if (isObject()) return me_1_object();
 *       return isList() ? me_1_list() : expectNull();
 *     }
 *     function me_1_object() {
 *       if (follows("{}")) return {};
 *       expect("{\"id\":");
 *       const v0 = token();
 *       expect(",\"name\":");
 *       const v1 = token();
 *       expect("}");
 *       return { ["id"]: v0, ["name"]: v1 };
 *     }
 *     function me_1_list() {
 *       const items = [];
 *       if (follows("[]")) return items;
 *       expect("[");
 *       do items.push(me_1()); while (isMore(",", "]"));
 *       return items;
 *     }
 *
 * Where type conditions or directives leave fields out, each key is looked for in turn:
 *
 *       let more = begins();
 *       if (more && follows("\"id\":")) { tree["id"] = token(); more = isMore(",", "}"); }
 *       if (more) deviate();
 *
 * Reading and projecting share nothing but the tree.
 */
import type { ReadField, ReadFields } from "./read-fields.js";
import * as scanner from "./scanner.js";
import { run, SourceWriter } from "./source-writer.js";
import type { Tree } from "./tree.js";

/** What stands between a key and its value, and between two members. */
export interface Spacing {
  readonly colon: string;
  readonly comma: string;
}

export const compact: Spacing = { colon: ":", comma: "," };
/** As Python's `json.dumps` writes. */
export const spaced: Spacing = { colon: ": ", comma: ", " };

/** Reads the object or null at the scanner's position; throws `deviation`. */
export type ReadData = () => Tree | null;

/** Throws for an operation of too many selections. */
export function generateReader(fields: ReadFields, spacing: Spacing): ReadData {
  const writer = new ReaderWriter(spacing);
  const name = writer.value("data", fields);
  return run(writer.code(`return () => isObject() ? ${name}_object() : expectNull();`), { ...scanner }) as ReadData;
}

/** Operations of more selections are read by `JSON.parse` alone. */
const mostFunctions = 10_000;

class ReaderWriter {
  readonly #writer = new SourceWriter();
  readonly #names = new Map<ReadFields, string>();

  constructor(readonly spacing: Spacing) {}

  code(last: string): string {
    return this.#writer.code(last);
  }

  /** Name of the function that reads an object with these fields, null, or a list of such values. */
  value(hint: string, fields: ReadFields): string {
    const known = this.#names.get(fields);
    if (known) return known;
    if (this.#names.size >= mostFunctions) throw scanner.deviation;
    const name = this.#writer.name(hint);
    this.#names.set(fields, name);
    this.#writer.define(name, "", [
      `if (isObject()) return ${name}_object();`,
      `return isList() ? ${name}_list() : expectNull();`,
    ]);
    this.#writer.define(`${name}_object`, "", fields.varies ? this.#varying(fields) : this.#fixed(fields));
    this.#writer.define(`${name}_list`, "", [
      "const items = [];",
      'if (follows("[]")) return items;',
      'expect("[");',
      `do items.push(${name}()); while (isMore(${JSON.stringify(this.spacing.comma)}, "]"));`,
      "return items;",
    ]);
    return name;
  }

  #fixed({ fields }: ReadFields): string[] {
    const lines = fields.flatMap((field, index) => [
      `expect(${JSON.stringify((index === 0 ? "{" : this.spacing.comma) + this.#keyText(field))});`,
      `const v${index} = ${this.#call(field)};`,
    ]);
    const members = fields.map(({ key }, index) => `[${JSON.stringify(key)}]: v${index}`);
    return ['if (follows("{}")) return {};', ...lines, 'expect("}");', `return { ${members.join(", ")} };`];
  }

  #varying({ fields }: ReadFields): string[] {
    const isMore = `isMore(${JSON.stringify(this.spacing.comma)}, "}")`;
    const lines = fields.map((field) => {
      const found = `more && follows(${JSON.stringify(this.#keyText(field))})`;
      return `if (${found}) { ${assign(field.key, this.#call(field))} more = ${isMore}; }`;
    });
    return ["const tree = {};", "let more = begins();", ...lines, "if (more) deviate();", "return tree;"];
  }

  #keyText({ key }: ReadField): string {
    return JSON.stringify(key) + this.spacing.colon;
  }

  #call({ key, inner }: ReadField): string {
    return inner ? `${this.value(key, inner)}()` : "token()";
  }
}

function assign(key: string, value: string): string {
  return key === "__proto__" ? `setOwn(tree, "__proto__", ${value});` : `tree[${JSON.stringify(key)}] = ${value};`;
}
