/**
 * A reader of the answers to one subgraph operation, generated from its selections. For `{ me { id name } }` it is:
 *
 *     function me_1(at) {
 *       if (bytes[at] === 123) return me_1_object(at);
 *       return bytes[at] === 91 ? me_1_list(at) : nothing(at);
 *     }
 *     function me_1_object(at) {
 *       let end = 0;
 *       // {"id":
 *       if (!(words.getInt32(at, true) === 1684611707 && words.getInt16(at + 4, true) === 14882)) return empty(at);
 *       at += 6;
 *       const v0 = leaf(text, bytes, at, end = skipValue(bytes, at));
 *       // ,"name":
 *       if (!(words.getInt32(end, true) === 1634607660 && words.getInt32(end + 4, true) === 975332717)) throw deviation;
 *       at = end + 8;
 *       const v1 = leaf(text, bytes, at, end = skipValue(bytes, at));
 *       if (bytes[end] !== 125) throw deviation;
 *       position = end + 1;
 *       return { id: v0, name: v1 };
 *     }
 *     function me_1_list(at) {
 *       const items = [];
 *       if (bytes[at + 1] === 93) {
 *         position = at + 2;
 *         return items;
 *       }
 *       items.push(me_1(at + 1));
 *       while (bytes[position] === 44) items.push(me_1(position + 1));
 *       if (bytes[position++] !== 93) throw deviation;
 *       return items;
 *     }
 *
 * Where type conditions or directives leave fields out, each key is looked for in turn:
 *
 *       if (<the words of "id": stand at `at`>) {
 *         at += 5;
 *         const value = leaf(text, bytes, at, (end = skipValue(bytes, at)));
 *         tree.id = value;
 *         if (!(bytes[end] === 44)) return close(end, tree);
 *         at = end + 1;
 *       }
 */
import type { AnswerBytes } from "./answer-bytes.js";
import type { ReadField, ReadFields } from "./read-fields.js";
import { deviation, leaf, skipNull, skipValue, typeName } from "./scanner.js";
import { run, SourceWriter } from "./source-writer.js";
import { setOwn, type Tree } from "./tree.js";

/** What stands between a key and its value, and between two members. */
export interface Spacing {
  readonly colon: string;
  readonly comma: string;
}

export const compact: Spacing = { colon: ":", comma: "," };
/** As Python's `json.dumps` writes. */
export const spaced: Spacing = { colon: ": ", comma: ", " };

export interface DataReader {
  /** Reads the object or null at a position of the text; throws for what is not written as expected. */
  read(text: string, answer: AnswerBytes, at: number): Tree | null;
  /** Where the last reading stopped. */
  end(): number;
}

/** Throws for an operation of too many selections. */
export function generateReader(fields: ReadFields, spacing: Spacing): DataReader {
  const writer = new ReaderWriter(spacing);
  const name = writer.value("data", fields);
  return run(writer.code(frame(name)), { deviation, leaf, skipNull, skipValue, setOwn, typeName }) as DataReader;
}

const frame = (name: string) => `
let text = "", bytes, words, position = 0;
function nothing(at) {
  position = skipNull(bytes, at);
  return null;
}
function empty(at) {
  if (bytes[at] !== 123 || bytes[at + 1] !== 125) throw deviation;
  position = at + 2;
  return {};
}
function close(at, tree) {
  if (bytes[at] !== 125) throw deviation;
  position = at + 1;
  return tree;
}
return {
  read(answer, memory, at) {
    text = answer;
    bytes = memory.bytes;
    words = memory.words;
    try {
      return bytes[at] === 123 ? ${name}_object(at) : nothing(at);
    } finally {
      text = "";
    }
  },
  end: () => position,
};`;

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
    if (this.#names.size >= mostFunctions) throw deviation;
    const name = this.#writer.name(hint);
    this.#names.set(fields, name);
    this.#writer.define(name, "at", [
      `if (bytes[at] === 123) return ${name}_object(at);`,
      `return bytes[at] === 91 ? ${name}_list(at) : nothing(at);`,
    ]);
    this.#writer.define(`${name}_object`, "at", fields.varies ? this.#varying(fields) : this.#fixed(fields));
    this.#writer.define(`${name}_list`, "at", this.#list(name));
    return name;
  }

  #list(name: string): string[] {
    const { comma } = this.spacing;
    return [
      "const items = [];",
      "if (bytes[at + 1] === 93) {",
      "  position = at + 2;",
      "  return items;",
      "}",
      `items.push(${name}(at + 1));`,
      `while (${isAt("position", comma)}) items.push(${name}(position + ${comma.length}));`,
      "if (bytes[position++] !== 93) throw deviation;",
      "return items;",
    ];
  }

  #fixed({ fields }: ReadFields): string[] {
    const lines = ["let end = at;"];
    for (const [index, field] of fields.entries()) {
      const literal = (index === 0 ? "{" : this.spacing.comma) + this.#keyText(field);
      lines.push(
        `// ${literal}`,
        `if (!(${isAt("end", literal)})) ${index === 0 ? "return empty(at)" : "throw deviation"};`,
        `at = end + ${literal.length};`,
        ...this.#read(field, `const v${index}`),
      );
    }
    // A name in brackets is a property of its own, also if it is `__proto__`; without them the object takes less memory.
    const members = fields.map(({ key }, index) => `${key === "__proto__" ? `["${key}"]` : key}: v${index}`);
    return [
      ...lines,
      "if (bytes[end] !== 125) throw deviation;",
      "position = end + 1;",
      `return { ${members.join(", ")} };`,
    ];
  }

  #varying({ fields }: ReadFields): string[] {
    const { comma } = this.spacing;
    const lines = fields.flatMap((field) => {
      const key = this.#keyText(field);
      return [
        `// ${key}`,
        `if (${isAt("at", key)}) {`,
        `  at += ${key.length};`,
        ...this.#read(field, "const value").map((line) => `  ${line}`),
        `  ${assign(field.key)}`,
        `  if (!(${isAt("end", comma)})) return close(end, tree);`,
        `  at = end + ${comma.length};`,
        "}",
      ];
    });
    return [
      "const tree = {};",
      "let end = 0;",
      "if (bytes[++at] === 125) return close(at, tree);",
      ...lines,
      "throw deviation;",
    ];
  }

  #keyText({ key }: ReadField): string {
    return JSON.stringify(key) + this.spacing.colon;
  }

  /** Reads the value at `at`; `end` is then behind it. */
  #read({ key, inner }: ReadField, target: string): string[] {
    if (key === "__typename") return [`${target} = typeName(text, bytes, at, (end = skipValue(bytes, at)));`];
    if (!inner) return [`${target} = leaf(text, bytes, at, (end = skipValue(bytes, at)));`];
    return [`${target} = ${this.value(key, inner)}(at);`, "end = position;"];
  }
}

/** Whether a text of ASCII characters stands at a position: four bytes at a time, then two, then one. */
function isAt(position: string, literal: string): string {
  const bytes = Buffer.from(literal, "latin1");
  const tests: string[] = [];
  let offset = 0;
  const where = () => (offset === 0 ? position : `${position} + ${offset}`);
  for (; offset + 4 <= bytes.length; offset += 4) {
    tests.push(`words.getInt32(${where()}, true) === ${bytes.readInt32LE(offset)}`);
  }
  for (; offset + 2 <= bytes.length; offset += 2) {
    tests.push(`words.getInt16(${where()}, true) === ${bytes.readInt16LE(offset)}`);
  }
  for (; offset < bytes.length; offset++) tests.push(`bytes[${where()}] === ${bytes[offset]}`);
  return tests.join(" && ");
}

function assign(key: string): string {
  return key === "__proto__" ? 'setOwn(tree, "__proto__", value);' : `tree.${key} = value;`;
}
