/** What a broken or hostile subgraph does to its answers. */
import fc from "fast-check";
import { type ExecutionResult, GraphQLError } from "graphql";

/** One change at one place of the answer to one call. */
export interface Spoiling {
  /** Which call of the request, counted from 1. */
  readonly call: number;
  /** Which of the places of the answer, as a part of all. */
  readonly at: number;
  readonly how: How;
}

type How =
  | { readonly kind: "replace"; readonly by: unknown }
  | { readonly kind: "delete" | "duplicate" | "shorten" | "reverse" | "wrap" | "twins" }
  | { readonly kind: "errors"; readonly errors: unknown; readonly keepsData: boolean }
  | { readonly kind: "text"; readonly text: string };

/** Stands for what `JSON.stringify` cannot write. */
class Raw {
  constructor(readonly text: string) {}
}

const values: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 2 ** 31, -(2 ** 53), "", "x", "12", "true", "null", "\u2028", "é😀", "\ud800"],
  ...[[], [[]], [null], ["x"], [1, 2], {}, { __typename: "Nothing" }, { __typename: "__proto__" }, { id: "1" }],
  ...[{ __typename: 7 }, { __typename: null }, { __typename: { a: 1 } }, { toString: 1 }, { constructor: [] }],
  ...["1e400", "-0", "123456789012345678901234567890", "0.1e-5", "1E5", "1.0"].map((text) => new Raw(text)),
  ...['{"__proto__":{"id":"2"}}', '{"id":"1","id":"2"}', '"\\ud800"', '"\\u0000"', '"a\\/b"'].map(
    (text) => new Raw(text),
  ),
];

const paths: readonly unknown[] = [
  ...[[], ["nothing"], ["items", "0", "name"], ["items", 99, "name"], ["items", -1], ["items", 0.5], [null], "items"],
  ...[["_entities", "0"], ["_entities", 77, "name"], ["_entities"], ["_e0", 0, "x"], ["__proto__"], ["constructor"]],
  ...[{ a: 1 }, [{}], ["items", 0, "name", "deeper", 3], [new Raw("1e400")], ["book", "constructor", "x"], [true]],
];

const messages: readonly unknown[] = ["boom", "", 7, null, { a: 1 }, undefined, "é\u0000\u2028</script>"];
const extensions: readonly unknown[] = [
  ...[undefined, null, 7, "x", [], { code: 7 }, { code: "X" }, { code: null, http: { status: 900 } }, { toJSON: 1 }],
  ...[{ code: "A", details: [1], requestId: "other", __proto: 1 }, { code: "constructor" }],
];

const error = fc
  .tuple(fc.constantFrom(...messages), fc.constantFrom(...paths, undefined), fc.constantFrom(...extensions))
  .map(([message, path, more]) => ({ message, path, extensions: more, locations: more }));
const errors = fc.oneof(
  fc.array(fc.oneof({ weight: 5, arbitrary: error }, fc.constantFrom<unknown>(null, 7, "x", [])), { maxLength: 3 }),
  fc.constantFrom<unknown>(null, {}, "x", 7, true),
);

const texts = [
  ...["", " ", "null", "[]", "7", '"x"', "{", '{"data":', '{"data":{}', '{"data":{}}', '{"data":null}', '{"data":7}'],
  ...['{"data":[]}', '{"data":"x"}', "{}", '{"errors":[]}', '{"errors":null,"data":null}', "<html></html>", "\ufeff{}"],
  ...['{"data":{"items":[{"id":"1"', '{"data":{}}{"data":{}}', '{"data":{}}x', '{"data":{"__proto__":{"id":1}}}'],
  ...[
    '{"data":{"_entities":[]}}',
    '{"data":{"_entities":null}}',
    '{"data":{"_entities":{}}}',
    '{"data":{"_entities":7}}',
  ],
  `{"data":${"[".repeat(100_000)}`,
  `{"data":{"items":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`,
];

const spoiledErrors: fc.Arbitrary<How> = fc
  .tuple(errors, fc.boolean())
  .map(([given, keepsData]) => ({ kind: "errors", errors: given, keepsData }));

const how: fc.Arbitrary<How> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...values).map((by): How => ({ kind: "replace", by })) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom("delete", "duplicate", "shorten", "reverse", "wrap", "twins")
      .map((kind) => ({ kind }) as How),
  },
  { weight: 4, arbitrary: spoiledErrors },
  { weight: 2, arbitrary: fc.constantFrom(...texts).map((text): How => ({ kind: "text", text })) },
);

export const drawSpoiling: fc.Arbitrary<Spoiling> = fc.record({
  call: fc.integer({ min: 1, max: 4 }),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  how,
});

export function spoilText(result: ExecutionResult, spoiling: Spoiling): string {
  if (spoiling.how.kind === "text") return spoiling.how.text;
  const { how } = spoiling;
  const spoiled =
    how.kind === "errors" ? { ...(how.keepsData && result), errors: how.errors } : spoilTree(result, spoiling);
  return write(spoiled, how.kind === "twins");
}

/** For subgraphs of this process, which answer with values. */
export function spoilTree(result: ExecutionResult, { at, how }: Spoiling): unknown {
  const copy = JSON.parse(JSON.stringify(result)) as Record<string, unknown>;
  if (how.kind === "errors") return { errors: errorsIn(how.errors), ...(how.keepsData ? { data: copy.data } : {}) };
  if (how.kind === "text") return how.text.length > 1_000 ? {} : parsedOr(how.text);
  const places = placesIn(copy.data);
  const place = places[Math.floor(places.length * at)];
  if (place) spoilAt(place, how);
  return copy;
}

/** What a type checker would let through. */
function errorsIn(errors: unknown): GraphQLError[] {
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((one) => {
    const { message, path, extensions } = (one ?? {}) as Partial<GraphQLError>;
    return typeof message === "string" && Array.isArray(path) ? new GraphQLError(message, { path, extensions }) : [];
  });
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

interface Place {
  readonly parent: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => [
    { parent, key: Array.isArray(value) ? Number(key) : key },
    ...placesIn(parent[key]),
  ]);
}

function spoilAt({ parent, key }: Place, how: How): void {
  const all = parent as Record<string | number, unknown>;
  const value = all[key];
  if (how.kind === "replace") all[key] = how.by;
  else if (how.kind === "delete") delete all[key];
  else if (how.kind === "duplicate" && Array.isArray(value)) value.push(...value);
  else if (how.kind === "shorten" && Array.isArray(value)) value.pop();
  else if (how.kind === "reverse" && Array.isArray(value)) value.reverse();
  else if (how.kind === "wrap") all[key] = [value];
}

/** With `twins`, every key comes twice, first with another value. */
function write(value: unknown, twins: boolean): string {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => write(item ?? null, twins)).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${members
    .map(([key, one]) => {
      const member = `${JSON.stringify(key)}:${write(one, twins)}`;
      return twins ? `${JSON.stringify(key)}:7,${member}` : member;
    })
    .join()}}`;
}
