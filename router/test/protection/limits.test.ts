/** Limits on the size of operations. */
import { buildSchema, getOperationAST, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { fragmentsOf } from "../../src/access/filter-operation.js";
import { createLimitCheck, parseWithin } from "../../src/protection/limits.js";
import { measureOperation } from "../../src/protection/measure-operation.js";

const schema = buildSchema("type Query { a: A list: [A] } type A { a: A b: Int c: Int }");

function source(text: string) {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  return { document, operation };
}
const sizeOf = (text: string) => {
  const { document, operation } = source(text);
  return measureOperation(operation, fragmentsOf(document));
};

describe("beyond a limit an operation is refused, and not at it", () => {
  test.each([
    ["DEPTH_EXCEEDED", { depth: 2 }, "{ a { a { b } } }", "{ a { b } }"],
    ["HEIGHT_EXCEEDED", { height: 3 }, "{ a { b c } list { b } }", "{ a { b c } }"],
    ["ALIASES_EXCEEDED", { aliases: 1 }, "{ x: a { y: b } }", "{ x: a { b } }"],
    ["ROOT_FIELDS_EXCEEDED", { rootFields: 1 }, "{ a { b } list { b } }", "{ a { b } }"],
    [
      "DIRECTIVES_EXCEEDED",
      { directives: 1 },
      "{ a @skip(if: false) { b @include(if: true) } }",
      "{ a @skip(if: false) { b } }",
    ],
  ])("%s", (code, limits, tooMuch, justEnough) => {
    const check = createLimitCheck(limits);
    expect(check(source(tooMuch))?.code).toBe(code);
    expect(check(source(justEnough))).toBeNull();
  });

  test("TOKENS_EXCEEDED", () => {
    expect(() => parseWithin("{ a { b c } }", 6)).toThrow(expect.objectContaining({ code: "TOKENS_EXCEEDED" }));
    expect(parseWithin("{ a { b c } }", 7).definitions).toHaveLength(1);
    expect(() => parseWithin("{ a { ", 7)).toThrow("Syntax Error");
  });

  test("and the answer is kept with the operation", () => {
    const check = createLimitCheck({ depth: 1 });
    const deep = source("{ a { b } }");
    expect(check(deep)).toBe(check(deep));
    expect(check(deep)?.extensions.details).toEqual({ limit: 1 });
  });
});

describe("the measure", () => {
  test("sees fragments as if they were written out", () => {
    const written = sizeOf("{ a { x: b c a { b @skip(if: false) } } list { x: b c a { b @skip(if: false) } } }");
    const spread = sizeOf("{ a { ...F } list { ... { ...F } } } fragment F on A { x: b c a { b @skip(if: false) } }");
    expect(spread).toEqual(written);
    expect(written).toEqual({ depth: 3, height: 10, aliases: 2, rootFields: 2, directives: 2 });
  });

  test("of random operations is that of the operation written out", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const { text, expanded } = generate(seed);
      expect({ seed, ...sizeOf(text) }).toEqual({ seed, ...sizeOf(expanded) });
    }
  });

  test("of fragments that multiply each other takes no time and breaks every limit", () => {
    const many = Array.from({ length: 2_000 }, (_, n) => `fragment F${n} on A { ...F${n + 1} ...F${n + 1} }`).join(" ");
    const document = parse(`{ a { ...F0 } } ${many} fragment F2000 on A { x: b }`);
    const operation = getOperationAST(document);
    if (!operation) throw new Error("no operation");
    expect(createLimitCheck()({ document, operation })?.code).toBe("HEIGHT_EXCEEDED");
  });

  test("of multiplied fragments is as large when they only ask for type names", () => {
    const many = Array.from({ length: 40 }, (_, n) => `fragment F${n} on A { ...F${n + 1} ... { ...F${n + 1} } }`).join(
      " ",
    );
    const small = source(
      `{ a { ...F30 } } ${many.slice(many.indexOf("fragment F30"))} fragment F40 on A { __typename }`,
    );
    expect(createLimitCheck()(small)).toBeNull();
    const document = parse(`{ a { ...F0 } } ${many} fragment F40 on A { __typename }`);
    const operation = getOperationAST(document);
    expect(operation && createLimitCheck()({ document, operation })?.code).toBe("HEIGHT_EXCEEDED");
  });

  test("leaves introspection out, but for its height and directives", () => {
    expect(sizeOf("{ __schema { types { x: name @skip(if: false) } } }")).toEqual({
      depth: 0,
      height: 3,
      aliases: 0,
      rootFields: 0,
      directives: 1,
    });
  });
});

/** A random operation, with fragments and written out. */
function generate(seed: number): { text: string; expanded: string } {
  let state = seed;
  const below = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) % n;
  };
  const fragments: string[] = [];
  function set(depth: number): [string, string] {
    const parts = Array.from({ length: 1 + below(3) }, () => selection(depth));
    return [parts.map(([text]) => text).join(" "), parts.map(([, expanded]) => expanded).join(" ")];
  }
  function selection(depth: number): [string, string] {
    const directive = below(4) === 0 ? " @skip(if: false)" : "";
    if (depth === 0 || below(3) === 0) {
      const leaf = `${below(2) ? `x${below(1_000_000)}: b` : "b"}${directive}`;
      return [leaf, leaf];
    }
    const [text, expanded] = set(depth - 1);
    if (below(3) > 0) return [`a${directive} { ${text} }`, `a${directive} { ${expanded} }`];
    const name = `F${fragments.length}`;
    fragments.push(`fragment ${name} on A { ${text} }`);
    return [`...${name}`, `... on A { ${expanded} }`];
  }
  const [text, expanded] = set(4);
  return { text: `{ a { ${text} } } ${fragments.join(" ")}`, expanded: `{ a { ${expanded} } }` };
}
