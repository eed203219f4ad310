import { describe, expect, test } from "vitest";
import { budget, checkAgainst, evaluate, evaluateAll } from "./evaluate.js";

const failure = async (expression: string, bindings = {}) =>
  evaluate(expression, bindings).then(
    (value) => ({ code: `gave ${JSON.stringify(value)?.slice(0, 80)}` }),
    (error: { code: string }) => ({ code: error.code }),
  );

describe("an expression", () => {
  test("sees what it is given, by name", async () => {
    const bindings = { input: { amount: 3 }, steps: { charge: { lines: [{ net: 2 }, { net: 5 }] } } };
    expect(await evaluate("$sum($steps.charge.lines.net) * $input.amount", bindings)).toBe(21);
    expect(await evaluate('{ "first": $steps.charge.lines[0].net }', bindings)).toEqual({ first: 2 });
  });

  test("gives null for what is not there, and plain lists", async () => {
    expect(await evaluate("$input.nothing", { input: {} })).toBeNull();
    expect(await evaluate("[1..3]")).toEqual([1, 2, 3]);
  });

  test.each(["a", "ab", "abc", "Aladdin:open sesame", "\u00ff\u0000x"])(
    "encodes %j in base64 as RFC 4648 says",
    async (text) => {
      const encoded = Buffer.from(text, "latin1").toString("base64");
      expect(await evaluate("$base64encode($input)", { input: text })).toBe(encoded);
      expect(await evaluate("$base64decode($input)", { input: encoded })).toBe(text);
    },
  );

  test("is evaluated by name in a mapping", async () => {
    expect(await evaluateAll({ a: "1 + 1", b: "$input" }, { input: "x" })).toEqual({ a: 2, b: "x" });
  });

  test("that does not parse or fails says so", async () => {
    expect(await failure("1 +")).toEqual({ code: "EXPRESSION_FAILED" });
    expect(await failure('1 + "a"')).toEqual({ code: "EXPRESSION_FAILED" });
    expect(await failure("$error('no')")).toEqual({ code: "EXPRESSION_FAILED" });
  });
});

describe("a hostile expression", () => {
  test.each([
    ["recurses without end", "($f := function($n) { $f($n + 1) + 1 }; $f(1))"],
    ["recurses without end in tail position", "($f := function($n) { $f($n + 1) }; $f(1))"],
    ["loops over loops", "$count([1..9999].([1..9999].($ * 2)))"],
    ["backtracks in a regular expression", "$match($pad('', 40, 'a') & '!', /^(a+)+$/)"],
    ["backtracks in a regular expression of a replacement", "$replace($pad('', 40, 'a') & '!', /(a|aa)+$/, 'x')"],
    ["asks for a huge list", "[1..9999999]"],
    ["asks for many huge lists", "[1..1000].([1..999999])"],
    ["pads a text to a gigabyte", "$length($pad('', 1000000000, 'abc'))"],
    [
      "doubles a text again and again",
      "($d := function($t, $n) { $n = 0 ? $t : $d($t & $t, $n - 1) }; $d('abcdefgh', 60))",
    ],
    ["gives a result of many megabytes", "$join([1..40000].('0123456789012345678901234567890123456789'))"],
    ["fills the memory", "$map([1..40000], function($i) { $split($pad($string($i), 20000, '-'), '') })"],
    ["evaluates text", "$eval('1 + 1')"],
    ["sorts by a comparison that never ends", "$sort([1..40000], function($a, $b) { $count([1..40000]) > 0 })"],
  ])("that %s is stopped, and the next one is answered", { timeout: 20_000 }, async (_, expression) => {
    const before = Date.now();
    const { code } = await failure(expression);
    expect(["EXPRESSION_FAILED", "EXPRESSION_TIMEOUT", "EXPRESSION_TOO_LARGE"]).toContain(code);
    expect(Date.now() - before).toBeLessThan(15_000);
    expect(await evaluate("1 + 1")).toBe(2);
  });

  test.each([
    ["the constructor of its input", "$input.constructor"],
    ["the prototype of its input", "$input.__proto__"],
    ["the constructor of a function", "$string.constructor"],
    ["a global of the process", "$process"],
    ["a looked-up constructor", "$lookup($input, 'constructor')"],
    ["a looked-up prototype", "$lookup($input, '__proto__')"],
  ])("does not get %s", async (_, expression) => {
    expect(await evaluate(expression, { input: { a: 1 } })).toBeNull();
  });

  test("does not change what the next one sees", async () => {
    await failure("$input ~> |$|{'__proto__': {'polluted': true}}|", { input: {} });
    await failure("$merge([$input, {'__proto__': {'polluted': true}}])", { input: {} });
    expect(await evaluate("$input.polluted", { input: {} })).toBeNull();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("does not hold up the thread that asks", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    await failure("$match($pad('', 40, 'a') & '!', /^(a+)+$/)");
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(20);
  });
});

test("many expressions at once are all answered", async () => {
  const all = Array.from({ length: 200 }, (_, n) => evaluate("$input * 2", { input: n }));
  expect(await Promise.all(all)).toEqual(Array.from({ length: 200 }, (_, n) => n * 2));
});

test("an expression within its budget of steps is answered, one beyond it is not", async () => {
  expect(await evaluate("$sum([1..1000].($ + 1))")).toBe(501_500);
  expect(budget.steps).toBeGreaterThan(3_000);
  expect(await failure("$sum([1..45000].($ + 1 + 1 + 1 + 1))")).toEqual({ code: "EXPRESSION_TIMEOUT" });
});

describe("a form", () => {
  const schema = {
    type: "object",
    properties: { amount: { type: "number", minimum: 0 }, note: { type: "string", pattern: "^[a-z ]+$" } },
    required: ["amount"],
    additionalProperties: false,
  };

  test("takes an answer that fits and says what is wrong with another", async () => {
    expect(await checkAgainst(schema, { amount: 2, note: "fine" })).toEqual([]);
    for (const wrong of [{}, { amount: -1 }, { amount: 1, note: "NO" }, { amount: 1, more: 2 }, null, [1]])
      expect((await checkAgainst(schema, wrong)).length, JSON.stringify(wrong)).toBeGreaterThan(0);
  });

  test("whose pattern backtracks without end is stopped", { timeout: 20_000 }, async () => {
    const hostile = { type: "string", pattern: "^(a+)+$" };
    await expect(checkAgainst(hostile, `${"a".repeat(40)}!`)).rejects.toMatchObject({ code: "EXPRESSION_TIMEOUT" });
    expect(await checkAgainst(hostile, "aaa")).toEqual([]);
  });
});
