/** Says what is wrong with an answer, by the operation and the schema alone: nothing of the router is used. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getOperationAST,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from "graphql";
import type { Reported } from "./hostile-world.js";

type Data = Readonly<Record<string, unknown>>;

export interface ToCheck {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly variables?: Data;
  readonly data: Data | null | undefined;
  readonly errors: readonly Reported[];
}

/** Empty when all is well. */
export function problemsOf(checked: ToCheck): string[] {
  return new Check(checked).run();
}

class Check {
  readonly #problems: string[] = [];
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(private readonly checked: ToCheck) {
    this.#fragments = new Map(
      checked.document.definitions.flatMap((one) =>
        one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
      ),
    );
  }

  run(): string[] {
    const { schema, document, data, errors } = this.checked;
    const operation = getOperationAST(document);
    const root = operation && schema.getRootType(operation.operation);
    if (!operation || !root) return ["no operation"];
    if (data === undefined) this.#note([], "has no data");
    else if (data === null) {
      if (errors.length === 0) this.#note([], "is null without an error");
    } else this.#object(data, root, [operation.selectionSet], []);
    for (const error of errors) this.#error(error);
    return this.#problems;
  }

  #note(path: readonly (string | number)[], problem: string): void {
    this.#problems.push(`${path.join(".") || "data"} ${problem}`);
  }

  #object(value: unknown, type: GraphQLObjectType, sets: readonly SelectionSetNode[], path: (string | number)[]): void {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.#note(path, "is no object");
      return;
    }
    const fields = new Map<string, FieldNode[]>();
    for (const set of sets) this.#collect(set, type, fields);
    const given = Object.keys(value);
    if (given.join() !== [...fields.keys()].join()) this.#note(path, `has ${given}, not ${[...fields.keys()]}`);
    for (const [key, nodes] of fields) {
      const name = nodes[0]?.name.value ?? "";
      const at = [...path, key];
      const one = (value as Data)[key];
      if (name === "__typename" && one !== type.name) this.#note(at, `is ${String(one)}, not ${type.name}`);
      const field = type.getFields()[name];
      const inner = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (field) this.#value(one, field.type, inner, at);
    }
  }

  #value(value: unknown, type: GraphQLOutputType, sets: readonly SelectionSetNode[], path: (string | number)[]): void {
    if (isNonNullType(type)) {
      if (value === null) this.#note(path, "is null");
      else this.#value(value, type.ofType, sets, path);
    } else if (value === null) {
      // Whatever may be null may be so in an answer full of faults.
    } else if (isListType(type)) {
      if (!Array.isArray(value)) this.#note(path, "is no list");
      else value.forEach((item, index) => void this.#value(item, type.ofType, sets, [...path, index]));
    } else if (isEnumType(type)) {
      if (!type.getValue(String(value))) this.#note(path, `is ${String(value)}, which is no ${type.name}`);
    } else if (isLeafType(type)) {
      if (!isScalar(type.name, value)) this.#note(path, `is ${JSON.stringify(value)}, which is no ${type.name}`);
    } else if (isObjectType(type)) this.#object(value, type, sets, path);
    else if (isAbstractType(type)) this.#abstract(value, sets, path);
  }

  /** Operations of these tests ask for the type name wherever it is not clear. */
  #abstract(value: unknown, sets: readonly SelectionSetNode[], path: (string | number)[]): void {
    const name = (value as { readonly __typename?: unknown })?.__typename;
    const type = this.checked.schema.getType(String(name));
    if (isObjectType(type)) this.#object(value, type, sets, path);
    else this.#note(path, `is of the type ${String(name)}`);
  }

  #collect(set: SelectionSetNode, type: GraphQLObjectType, fields: Map<string, FieldNode[]>): void {
    for (const selection of set.selections) {
      const isLeft = selection.directives?.some(({ name, arguments: given }) => {
        const condition = given?.[0]?.value;
        const holds =
          condition?.kind === Kind.VARIABLE
            ? this.checked.variables?.[condition.name.value] === true
            : condition?.kind === Kind.BOOLEAN && condition.value;
        return (name.value === "skip" && holds) || (name.value === "include" && !holds);
      });
      if (isLeft) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        fields.set(key, [...(fields.get(key) ?? []), selection]);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
      const condition = this.checked.schema.getType(fragment?.typeCondition?.name.value ?? type.name);
      const applies =
        condition === type || (isAbstractType(condition) && this.checked.schema.isSubType(condition, type));
      if (fragment && applies) this.#collect(fragment.selectionSet, type, fields);
    }
  }

  /** A path leads through the data, at most to the first null. */
  #error({ path, message, extensions }: Reported): void {
    if (typeof message !== "string") this.#problems.push("an error has no message");
    if (typeof extensions?.code !== "string") this.#problems.push("an error has no code");
    if (path === undefined) return;
    if (!Array.isArray(path)) {
      this.#problems.push("an error has a path that is none");
      return;
    }
    let value: unknown = this.checked.data;
    for (const key of path) {
      if (value === null || value === undefined) return;
      if (
        typeof value !== "object" ||
        !Object.hasOwn(value, key) ||
        (Array.isArray(value) && typeof key !== "number")
      ) {
        this.#problems.push(`an error is at ${JSON.stringify(path)}, where nothing is`);
        return;
      }
      value = (value as Data)[key];
    }
  }
}

function isScalar(name: string, value: unknown): boolean {
  switch (name) {
    case "Int":
      return typeof value === "number" && (value | 0) === value;
    case "Float":
      return typeof value === "number" && Number.isFinite(value);
    case "Boolean":
      return typeof value === "boolean";
    case "String":
    case "ID":
      return typeof value === "string";
    default:
      return value !== undefined;
  }
}
