/**
 * Generated writers of representations. For `... on Product { __typename upc }` it is:
 *
 *     function write_1(o) {
 *       const t = o["__typename"];
 *       if (t === "\"Product\"") return write_2(o);
 *       return undefined;
 *     }
 *     function write_2(o) {
 *       const f0 = o["upc"]; if (f0 === undefined) return undefined;
 *       return "{\"__typename\":\"Product\",\"upc\":" + leaf(f0) + "}";
 *     }
 *
 * The text is what goes to the subgraph, and what tells two entities apart.
 */
import { toLatin1 } from "../request/json-text.js";
import type { Shape, ShapeField } from "./representation-shapes.js";
import { run, SourceWriter } from "./text/source-writer.js";
import type { Tree } from "./text/tree.js";
import type { TypeNames } from "./type-names.js";
import { property } from "./walk.js";

/** Undefined when a required field has not been fetched, or the type is not one that is meant. */
export type WriteRepresentation = (object: Tree) => string | undefined;

export interface RepresentationWriter {
  /** JSON text of an object's representation. */
  readonly text: WriteRepresentation;
  /** Equal for objects of equal representations: shorter than the text where one field or a few tell entities apart. */
  readonly key: WriteRepresentation;
}

export function compileRepresentationWriter(shapes: readonly Shape[], types: TypeNames): RepresentationWriter {
  const codegen = new WriterCode(types);
  const name = codegen.dispatch(shapes, true);
  const leaf = types.form === "text" ? tokenText : valueText;
  const text = run(codegen.code(`return ${name};`), { leaf, each, sets: codegen.sets }) as WriteRepresentation;
  const [only] = shapes;
  const isPlain =
    shapes.length === 1 && only?.names?.length === 1 && only.fields.every((field) => field.shapes === null);
  return { text, key: isPlain ? compileKey(only, types, leaf) : text };
}

/**
 * For entities of one type with leaves alone the leaves are enough. For `... on Product { __typename upc }` it is:
 *
 *     return (o) => {
 *       if (o["__typename"] !== "\"Product\"") return undefined;
 *       const f0 = o["upc"]; if (f0 === undefined) return undefined;
 *       return typeof f0 === "string" ? f0 : "\0" + leaf(f0);
 *     };
 */
function compileKey({ names, fields }: Shape, types: TypeNames, leaf: typeof tokenText): WriteRepresentation {
  const varying = fields.filter(({ constant, from }) => constant === null && from !== "__typename");
  const reads = varying.map(
    ({ from }, index) => `const f${index} = ${property("o", from)}; if (f${index} === undefined) return undefined;`,
  );
  const key =
    varying.length === 1
      ? 'typeof f0 === "string" ? f0 : "\\0" + leaf(f0)'
      : varying.map((_, index) => `leaf(f${index})`).join(' + "," + ') || '""';
  const test = `if (o["__typename"] !== ${JSON.stringify(types.leaf(names?.[0] ?? ""))}) return undefined;`;
  return run(`return (o) => { ${[test, ...reads].join("\n")}\nreturn ${key}; };`, { leaf }) as WriteRepresentation;
}

class WriterCode {
  readonly sets: ReadonlySet<unknown>[] = [];
  readonly #writer = new SourceWriter();

  constructor(readonly types: TypeNames) {}

  code(last: string): string {
    return this.#writer.code(last);
  }

  /** A function that picks the shape by the object's type. An entity has to say its type. */
  dispatch(shapes: readonly Shape[], isEntity: boolean): string {
    const only = shapes[0];
    if (only && shapes.length === 1 && only.names === null) return this.#shape(only);
    const lines = [`const t = o["__typename"];`];
    for (const shape of shapes) {
      const writer = this.#shape(shape);
      if (shape.names) lines.push(`if (${this.#isOneOf(shape.names)}) return ${writer}(o);`);
      else lines.push(`${isEntity ? "" : "if (t === undefined || t === null) "}return ${writer}(o);`);
    }
    lines.push(isEntity ? "return undefined;" : 'return "{}";');
    const name = this.#writer.name("write");
    this.#writer.define(name, "o", lines);
    return name;
  }

  #isOneOf(names: readonly string[]): string {
    const leaves = names.map((name) => this.types.leaf(name));
    if (leaves.length <= 3) return leaves.map((leaf) => `t === ${JSON.stringify(leaf)}`).join(" || ");
    this.sets.push(new Set(leaves));
    return `sets[${this.sets.length - 1}].has(t)`;
  }

  #shape({ names, fields }: Shape): string {
    const [onlyName] = names ?? [];
    const typename = names?.length === 1 && onlyName ? JSON.stringify(onlyName) : null;
    const lines: string[] = [];
    const parts: string[] = [];
    fields.forEach((field, index) => {
      const known = field.constant ?? (field.from === "__typename" ? typename : null);
      const text =
        known === null
          ? this.#field(field, `f${index}`, lines)
          : JSON.stringify(this.types.form === "text" ? toLatin1(known) : known);
      const key = `${index === 0 ? "{" : ","}${JSON.stringify(field.to)}:`;
      parts.push(JSON.stringify(key), text);
    });
    const name = this.#writer.name("write");
    const result = parts.length === 0 ? '"{}"' : `${parts.join(" + ")} + "}"`;
    this.#writer.define(name, "o", [...lines, `return ${result};`]);
    return name;
  }

  #field({ from, shapes }: ShapeField, variable: string, lines: string[]): string {
    lines.push(`const ${variable} = ${property("o", from)}; if (${variable} === undefined) return undefined;`);
    return shapes ? `each(${variable}, ${this.dispatch(shapes, false)})` : `leaf(${variable})`;
  }
}

/** In text form a leaf is its text already. */
function tokenText(leaf: unknown): string {
  return typeof leaf === "string" ? leaf : JSON.stringify(leaf);
}

function valueText(leaf: unknown): string {
  return JSON.stringify(leaf) ?? "null";
}

/** An object, a list of them, or null. What lacks a required field is null. */
function each(value: unknown, write: WriteRepresentation): string {
  if (typeof value !== "object" || value === null) return "null";
  if (Array.isArray(value)) return `[${value.map((item) => each(item, write)).join(",")}]`;
  return write(value as Tree) ?? "null";
}
