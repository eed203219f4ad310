import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Definition, definitionSchema } from "./definition.js";
import { findingTexts } from "./findings.js";
import { checkDefinition } from "./validate.js";

const surroundings = {
  scopes: new Set<string>(),
  key: null,
  workflows: new Map(),
  people: new Set<string>(),
  refusals: new Map(),
};
const check = (content: unknown) => checkDefinition(content, surroundings);

/** Steps s0 … sn, each condition leading to any of them or to the end. */
const graphs = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.array(
    fc.array(fc.option(fc.integer({ min: 0, max: size - 1 }), { nil: undefined }), { minLength: 2, maxLength: 3 }),
    {
      minLength: size,
      maxLength: size,
    },
  ),
);
type Graph = readonly (readonly (number | undefined)[])[];

const toDefinition = (graph: Graph) => ({
  steps: graph.map((exits, index) => {
    const [otherwise, ...branches] = exits.map((to) => (to === undefined ? {} : { next: `s${to}` }));
    return {
      id: `s${index}`,
      type: "condition",
      branches: branches.map((exit) => ({ when: "true", ...exit })),
      otherwise,
    };
  }),
});
const found = (graph: Graph, code: string) =>
  check(toDefinition(graph))
    .findings.filter((finding) => finding.code === code)
    .map(({ stepId }) => stepId);

/** Reached by following edges until nothing new comes, over all pairs. */
function closure(graph: Graph): boolean[][] {
  const reach = graph.map((exits) => graph.map((_, to) => exits.includes(to)));
  for (const k of graph.keys())
    for (const i of graph.keys())
      for (const j of graph.keys()) if (reach[i]?.[k] && reach[k]?.[j]) (reach[i] as boolean[])[j] = true;
  return reach;
}

describe("for any graph of steps", () => {
  test("exactly those are unreachable that transitive closure does not reach from the first", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const reach = closure(graph);
        const expected = [...graph.keys()].filter((step) => step !== 0 && !reach[0]?.[step]).map((step) => `s${step}`);
        expect(found(graph, "STEP_UNREACHABLE")).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("a circle is found if and only if taking away steps that nothing leads to leaves some over", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        let left = [...graph.keys()];
        for (let before = -1; before !== left.length; ) {
          before = left.length;
          left = left.filter((step) => left.some((from) => graph[from]?.includes(step)));
        }
        expect(found(graph, "STEPS_IN_CIRCLE").length > 0).toBe(left.length > 0);
      }),
      { numRuns: 300 },
    );
  });
});

test("whatever JSON it is given, it answers with findings that have a known code and a pointer to what is there", () => {
  const almost = fc.record(
    {
      kind: fc.constantFrom("SAGA", "WORKFLOW", "OTHER"),
      inputs: fc.jsonValue(),
      scopes: fc.array(fc.string()),
      triggers: fc.array(fc.jsonValue()),
      steps: fc.array(
        fc.oneof(
          fc.jsonValue(),
          fc.record({
            id: fc.string(),
            type: fc.constantFrom("wait", "loop", "http", "condition"),
            url: fc.string(),
            over: fc.string(),
          }),
        ),
      ),
      output: fc.string(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), almost), (content) => {
      const { definition, findings } = check(content);
      expect(definition !== null || findings.length > 0).toBe(true);
      for (const { code, pointer } of findings) {
        expect(Object.keys(findingTexts)).toContain(code);
        expect(pointer === "" || pointer.startsWith("/")).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("any text as an expression is either parsed or said to be wrong, never thrown", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 60 }), (text) => {
      const { findings } = check({ steps: [{ id: "a", type: "wait", wait: { seconds: text } }] });
      for (const { pointer } of findings) expect(pointer).toBe("/steps/0/wait/seconds");
    }),
    { numRuns: 500 },
  );
});

test("what was understood once is understood as the same again", () => {
  const content = {
    steps: [{ id: "a", type: "http", method: "GET", url: "'https://example.org'" }],
    triggers: [{ id: "t", type: "webhook" }],
  };
  const once: Definition = definitionSchema.parse(content);
  expect(definitionSchema.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
});
