/** Generated code beside the plain way of doing the same, on random operations and answers. */
import fc from "fast-check";
import {
  type DocumentNode,
  executeSync,
  type GraphQLError,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  specifiedRules,
  validate,
} from "graphql";
import { expect, test, vi } from "vitest";
import { compileProjection } from "../../../src/execution/text/projection.js";
import { compileReader } from "../../../src/execution/text/read-answer.js";
import { getOwn, type Tree, toValue } from "../../../src/execution/text/tree.js";
import { fromLatin1, toLatin1 } from "../../../src/request/json-text.js";
import { type Choose, randomOperation, randomSchema, randomValue } from "./random-operation.js";

const settings = { seed: 20_260_719, endOnFailure: true };

/** Nothing says that all of it is used. */
const rules = specifiedRules.filter(({ name }) => !name.startsWith("NoUnused"));

interface Case {
  readonly schema: GraphQLSchema;
  readonly text: string;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, boolean>>;
  readonly data: Tree;
  readonly isWhole: boolean;
}

/** `flaws` of 100 values do not fit the schema. */
function draw(choose: Choose, flaws: number): Case {
  const schema = randomSchema(choose);
  const { text, variables } = randomOperation(schema, choose);
  const document = parse(text);
  expect(validate(schema, document, rules).map(({ message }) => message)).toEqual([]);
  return { schema, text, document, variables, ...randomValue(schema, choose, flaws) };
}

/** Picks what the operation selects out of the data, whatever it is, as a subgraph would. */
function answered({ schema, document, variables, data }: Case): Tree {
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  const isIncluded = ({ directives }: SelectionNode) =>
    directives?.every(({ name, arguments: given }) => {
      const value = given?.[0]?.value;
      const isTrue =
        value?.kind === Kind.VARIABLE ? variables[value.name.value] : value?.kind === Kind.BOOLEAN && value.value;
      return isTrue === (name.value === "include");
    });
  const gather = (type: unknown, selectionSets: readonly SelectionSetNode[], keys: Map<string, SelectionSetNode[]>) => {
    for (const selection of selectionSets.flatMap(({ selections }) => selections).filter(isIncluded)) {
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        keys.set(key, [...(keys.get(key) ?? []), ...(selection.selectionSet ? [selection.selectionSet] : [])]);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      const [condition, concrete] = [
        schema.getType(fragment?.typeCondition?.name.value ?? ""),
        schema.getType(String(type)),
      ];
      const applies =
        condition === concrete ||
        (isAbstractType(condition) && isObjectType(concrete) && schema.isSubType(condition, concrete));
      if (fragment && applies) gather(type, [fragment.selectionSet], keys);
    }
    return keys;
  };
  const answer = (value: unknown, selectionSets: readonly SelectionSetNode[]): unknown => {
    if (selectionSets.length === 0 || typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => answer(item, selectionSets));
    const keys = [...gather((value as Tree).__typename, selectionSets, new Map())];
    return Object.fromEntries(
      keys.flatMap(([key, inner]) => {
        const one = getOwn(value, key);
        return one === undefined ? [] : [[key, answer(one, inner)]];
      }),
    );
  };
  return answer(data, [operationOf(document).selectionSet]) as Tree;
}

function operationOf(document: DocumentNode): OperationDefinitionNode {
  return document.definitions[0] as OperationDefinitionNode;
}

/** What graphql-js makes of the data. */
function expected({ schema, document, variables }: Case, data: Tree) {
  const { data: completed = null, errors = [] } = executeSync({
    schema,
    document,
    variableValues: variables,
    rootValue: data,
    fieldResolver: (source, _args, _context, { path }) => getOwn(source, String(path.key)),
    typeResolver: (source) => {
      const name = getOwn(source, "__typename");
      return typeof name === "string" ? name : undefined;
    },
  });
  return { text: JSON.stringify(completed), errors: errors.map(plain) };
}

function plain({ message, path }: GraphQLError) {
  return { message, path };
}

/** JSON with numbers as JavaScript writes them. */
function normal(text: string): string {
  return JSON.stringify(JSON.parse(text));
}

/** Runs `check` with how often it made use of `JSON.parse`. */
function countingParses<T>(run: () => T): { result: T; parses: number } {
  const parse = vi.spyOn(JSON, "parse");
  try {
    return { result: run(), parses: parse.mock.calls.length };
  } finally {
    parse.mockRestore();
  }
}

/** Always the same choices for the same start (mulberry32). */
function choices(start: number): Choose {
  let state = start;
  return (count) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  };
}

function check(runs: number, property: (choose: Choose) => void): void {
  fc.assert(
    fc.property(fc.nat(), (start) => property(choices(start))),
    { ...settings, numRuns: runs },
  );
}

test("an answer in the order of its operation is read without JSON.parse, to the same tree", () => {
  check(100, (choose) => {
    const one = draw(choose, 0);
    const data = answered(one);
    const read = compileReader(one.document, "text");
    const { result, parses } = countingParses(() => read(toLatin1(JSON.stringify({ data }))));
    expect(result).toEqual({ data: read.ingest(data), errors: null, extensions: null, isGraphQL: true });
    expect(toValue(result.data)).toEqual(data);
    if (one.isWhole && !/[.@]/.test(one.text)) expect(parses).toBe(0);
  });
});

test("an answer with a space after each colon and comma is read as one without", () => {
  check(60, (choose) => {
    const one = draw(choose, 0);
    const data = answered(one);
    const read = compileReader(one.document, "text");
    const { result, parses } = countingParses(() => read(toLatin1(spacedJson({ data }))));
    expect(toValue(result.data)).toEqual(data);
    if (one.isWhole && !/[.@]/.test(one.text)) expect(parses).toBe(0);
  });
});

test("a damaged answer is read as JSON.parse reads it, or not at all, and never written as broken JSON", () => {
  check(400, (choose) => {
    const one = draw(choose, 2);
    const read = compileReader(one.document, "text");
    const text = damage(choose, toLatin1(JSON.stringify({ data: answered(one) })));
    const answer = read(text);
    const parsed = tryToParse(fromLatin1(text));
    const data = getOwn(parsed, "data");
    const hasData = data === null || (typeof data === "object" && !Array.isArray(data));
    expect(answer.isGraphQL).toBe(hasData);
    if (!hasData) return;
    expect(toValue(answer.data)).toEqual(data === null ? null : toValue(read.ingest(data as Tree)));
    const projection = compileProjection({ ...one, operation: operationOf(one.document), form: "text" });
    expect(() => JSON.parse(projection.project(answer.data ?? null, one.variables, []).data.text)).not.toThrow();
  });
});

for (const form of ["text", "value"] as const) {
  for (const flaws of [0, 1, 10]) {
    test(`with ${flaws} of 100 values wrong, leaves as ${form}, data and errors are those of graphql-js`, () => {
      check(100, (choose) => {
        const one = draw(choose, flaws);
        const data = answered(one);
        const tree = form === "value" ? data : compileReader(one.document, "text").ingest(data);
        const projection = compileProjection({ ...one, operation: operationOf(one.document), form });
        const { data: written, errors } = projection.project(tree, one.variables, []);
        expect({ text: normal(fromLatin1(written.text)), errors: errors.map(plain) }).toEqual(expected(one, data));
      });
    });
  }
}

/** As Python's `json.dumps` writes. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}: ${spacedJson(one)}`)
    .join(", ")}}`;
}

function tryToParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One to three bytes removed, inserted or replaced. */
function damage(choose: Choose, text: string): string {
  let damaged = text;
  for (let count = 1 + choose(3); count > 0; count--) {
    const at = choose(damaged.length);
    const byte = choose(3) === 0 ? "" : [...'{}[]",:\\0123456789.-+eEtfnu \n\u0000\u0001\u0080\u00ff'][choose(33)];
    damaged = damaged.slice(0, at) + byte + damaged.slice(at + choose(2));
  }
  return damaged;
}
