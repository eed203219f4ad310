/**
 * A projection of a tree to JSON text, generated from an operation and the types of the API schema. For
 * `{ me { id name friends { id } } }` in text form it is:
 *
 *     function User_1(o) {
 *       if (typeof o !== "object" || o === null) throw incomplete;
 *       return "{\"id\":" + leaf_ID(o.id) + "}";
 *     }
 *     function list_1(items) {
 *       if (!Array.isArray(items)) throw incomplete;
 *       if (items.length === 0) return "[]";
 *       let text = "[" + User_1(items[0]);
 *       for (let index = 1; index < items.length; index++) text += "," + User_1(items[index]);
 *       return text + "]";
 *     }
 *     function User_2(o) {
 *       if (typeof o !== "object" || o === null) throw incomplete;
 *       return "{\"id\":" + leaf_ID(o.id)
 *         + ",\"name\":" + (o.name == null ? "null" : leaf_String(o.name))
 *         + ",\"friends\":" + list_1(o.friends) + "}";
 *     }
 *     function Query_1(o) { … }
 *
 * An abstract type is a switch by `__typename`. A null where none is allowed, a leaf of the wrong kind or an unknown
 * type throws `incomplete`: the careful projection takes over.
 */
import {
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLInterfaceType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  type SelectionSetNode,
} from "graphql";
import { interfaceObject } from "../../supergraph/api-schema.js";
import type { FieldCollector } from "./collect-fields.js";
import { incomplete, leafCheckOf, rawCheckOf } from "./leaf-checks.js";
import { leafListCheckOf } from "./leaf-lists.js";
import { run, SourceWriter } from "./source-writer.js";
import { getOwn, type LeafForm, type Tree } from "./tree.js";

/** JSON text of the tree of the root type. Throws for data that is not complete. */
export type FastProjection = (tree: Tree) => string;

export interface Projected {
  readonly collector: FieldCollector;
  readonly root: GraphQLObjectType;
  readonly selectionSet: SelectionSetNode;
  readonly responseNames: Readonly<Record<string, string>>;
  readonly form: LeafForm;
}

/** Throws when the code would be too long. */
export function generateProjection(projected: Projected): FastProjection {
  return new ProjectionWriter(projected).generate();
}

/** More functions than this are not worth compiling. */
const mostFunctions = 10_000;
/** Terms of one expression. */
const mostTerms = 80;

function unknownType(): never {
  throw incomplete;
}

class ProjectionWriter {
  readonly #writer = new SourceWriter();
  readonly #scope: Record<string, unknown> = { incomplete, getOwn, unknownType };
  readonly #names = new Map<string, string>();

  constructor(readonly projected: Projected) {}

  generate(): FastProjection {
    const name = this.#object(this.projected.root, [this.projected.selectionSet]);
    return run(this.#writer.code(`return ${name};`), this.#scope) as FastProjection;
  }

  /** Name of the function for objects of one type; of an interface, when a subgraph knows no more of its interface object. */
  #object(type: GraphQLObjectType | GraphQLInterfaceType, selectionSets: readonly SelectionSetNode[]): string {
    return this.#once(`object ${type.name} ${this.projected.collector.identify(selectionSets)}`, () => {
      const text = new Concatenation("{");
      let separator = "";
      for (const [key, nodes] of this.projected.collector.collect(type, selectionSets)) {
        const name = nodes[0]?.name.value;
        const field = name === undefined ? undefined : type.getFields()[name];
        if (!field && !name?.startsWith("__")) continue;
        text.literal(`${separator}"${getOwn(this.projected.responseNames, key) ?? key}":`);
        separator = ",";
        if (name === "__typename" && isInterfaceType(type)) text.expression("unknownType()");
        else if (name === "__typename") text.literal(`"${type.name}"`);
        else if (field) text.expression(this.#value(field.type, selectionSetsOf(nodes), read(key)));
        else text.expression(nullable(read(key), (value) => `${this.#raw()}(${value})`));
      }
      text.literal("}");
      return this.#writer.share(type.name, "o", [
        'if (typeof o !== "object" || o === null) throw incomplete;',
        ...text.lines(),
      ]);
    });
  }

  /** Name of the function for objects that are of a type only their `__typename` tells. */
  #abstract(type: GraphQLAbstractType, selectionSets: readonly SelectionSetNode[]): string {
    return this.#once(`${type.name} ${this.projected.collector.identify(selectionSets)}`, () => {
      // The name of the interface itself is that of an interface object.
      const own = isInterfaceType(type) ? [type] : [];
      const nameless = type.extensions[interfaceObject]
        ? [`case undefined: return ${this.#object(type as GraphQLInterfaceType, selectionSets)}(o);`]
        : [];
      const cases = [...this.projected.collector.schema.getPossibleTypes(type), ...own].map((possible) => {
        const name = this.projected.form === "text" ? JSON.stringify(possible.name) : possible.name;
        return `case ${JSON.stringify(name)}: return ${this.#object(possible, selectionSets)}(o);`;
      });
      return this.#writer.share(type.name, "o", [
        'if (typeof o !== "object" || o === null) throw incomplete;',
        "switch (o.__typename) {",
        ...cases,
        ...nameless,
        "default: throw incomplete;",
        "}",
      ]);
    });
  }

  #list(item: GraphQLOutputType, selectionSets: readonly SelectionSetNode[]): string {
    return this.#once(`[${item}] ${this.projected.collector.identify(selectionSets)}`, () => {
      const write = (expression: string) => this.#value(item, selectionSets, expression);
      return this.#writer.share("list", "items", [
        "if (!Array.isArray(items)) throw incomplete;",
        'if (items.length === 0) return "[]";',
        `let text = "[" + ${write("items[0]")};`,
        `for (let index = 1; index < items.length; index++) text += "," + ${write("items[index]")};`,
        'return text + "]";',
      ]);
    });
  }

  #once(key: string, write: () => string): string {
    if (this.#names.size > mostFunctions) throw incomplete;
    const name = this.#names.get(key) ?? write();
    this.#names.set(key, name);
    return name;
  }

  #value(type: GraphQLOutputType, selectionSets: readonly SelectionSetNode[], expression: string): string {
    if (isNonNullType(type)) return `${this.#present(type.ofType, selectionSets)}(${expression})`;
    return nullable(expression, (value) => `${this.#present(type, selectionSets)}(${value})`);
  }

  /** Name of the function for values that are not null. */
  #present(type: GraphQLOutputType, selectionSets: readonly SelectionSetNode[]): string {
    if (isLeafType(type)) return this.#leaf(type);
    if (isListType(type)) {
      if (this.projected.form === "value" || !isLeafType(getNamedType(type))) {
        return this.#list(type.ofType, selectionSets);
      }
      return this.#once(`${type}`, () => this.#provide(`leaves${this.#names.size}`, leafListCheckOf(type)));
    }
    if (isAbstractType(type)) return this.#abstract(type, selectionSets);
    return this.#object(type as GraphQLObjectType, selectionSets);
  }

  #leaf(type: GraphQLLeafType): string {
    return this.#once(type.name, () => this.#provide(`leaf_${type.name}`, leafCheckOf(type, this.projected.form)));
  }

  /** Introspection comes ready, as JSON text or as a value. */
  #raw(): string {
    return this.#once("", () => this.#provide("introspection", rawCheckOf(this.projected.form)));
  }

  #provide(name: string, value: unknown): string {
    this.#scope[name] = value;
    return name;
  }
}

/** A sum of texts, in which neighbouring literals are one. */
class Concatenation {
  readonly #terms: string[] = [];
  #literal: string;

  constructor(start: string) {
    this.#literal = start;
  }

  literal(text: string): void {
    this.#literal += text;
  }

  expression(code: string): void {
    this.#terms.push(JSON.stringify(this.#literal), code);
    this.#literal = "";
  }

  lines(): string[] {
    const terms = [...this.#terms, JSON.stringify(this.#literal)];
    if (terms.length <= mostTerms) return [`return ${terms.join(" + ")};`];
    const lines = ['let text = "";'];
    for (let start = 0; start < terms.length; start += mostTerms) {
      lines.push(`text += ${terms.slice(start, start + mostTerms).join(" + ")};`);
    }
    return [...lines, "return text;"];
  }
}

function selectionSetsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
}

function read(key: string): string {
  return key in Object.prototype ? `getOwn(o, ${JSON.stringify(key)})` : `o.${key}`;
}

function nullable(expression: string, write: (value: string) => string): string {
  return `(${expression} == null ? "null" : ${write(expression)})`;
}
