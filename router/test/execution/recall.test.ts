/** A query that ran before is not worked out again while all subgraphs say the same; they are asked every time. */
import { GraphQLError } from "graphql";
import { describe, expect, test } from "vitest";
import { RouterError } from "../../src/errors/router-error.js";
import type { Executable, Executed } from "../../src/execution/executable.js";
import { Recordings } from "../../src/execution/recordings.js";
import type { SubgraphAnswer, SubgraphCall } from "../../src/subgraphs/subgraph-call.js";
import { Federation, readable } from "./federation.js";
import { shop } from "./shop.js";

/** Subgraphs in other processes, in this one, and one here while the others are elsewhere. */
const forms = ["text", "value", "mixed"] as const;
type Form = (typeof forms)[number];
const deep = "{ users { name reviews { body product { name price inStock shippingEstimate } } } }";

/** What one test needs: an operation with a memory, and the same without one to compare with. */
function world(query: string, form: Form = "text") {
  const way = { form, mergeFetches: true };
  const federation = new Federation(shop);
  const recordings = new Recordings(1 << 20);
  const remembering = federation.compile(query, way, {}, recordings);
  const forgetful = federation.compile(query, way);
  const run = (executable: Executable, variables = {}) => executable.run(federation.execution(query, variables, form));
  return {
    federation,
    remembering,
    ask: (variables = {}): Promise<Executed> => run(remembering, variables),
    askAnew: (variables = {}): Promise<Executed> => run(forgetful, variables),
  };
}

const gone: Record<Form, SubgraphAnswer> = {
  text: { form: "text", text: '{"data":null,"errors":[{"message":"Gone."}]}' },
  value: { form: "value", data: null, errors: [new GraphQLError("Gone.")] },
  mixed: { form: "text", text: '{"data":null,"errors":[{"message":"Gone."}]}' },
};

type Change = (text: string, call: SubgraphCall) => string;

/** Lets subgraphs say something else. */
function change(federation: Federation, { text: write }: { text: Change }): void {
  federation.answer = async (call, usual): Promise<SubgraphAnswer> => {
    const answer = await usual();
    if (answer.form === "text") return { ...answer, text: write(answer.text, call) };
    return { ...answer, data: JSON.parse(write(JSON.stringify(answer.data), call)) };
  };
}

describe.each(forms)("while subgraphs say the same (%s)", (form) => {
  test("the answer is the one from before, and every subgraph was asked", async () => {
    const { federation, ask, askAnew } = world(deep, form);
    const expected = readable(await askAnew());
    const calls = federation.asked.length;
    const [, second, third, fourth] = [await ask(), await ask(), await ask(), await ask()];
    expect(third?.data).toBe(second?.data);
    expect(fourth?.data).toBe(second?.data);
    expect(readable(fourth as Executed)).toEqual(expected);
    expect(federation.asked.length).toBe(5 * calls);
    const bodies = federation.asked.map(({ text, variables }) => JSON.stringify([text, variables]));
    expect(bodies.slice(4 * calls).sort()).toEqual(bodies.slice(0, calls).sort());
  });

  test("each set of variables has an answer of its own", async () => {
    const query = "query ($first: Int!) { topProducts(first: $first) { upc reviews { body } } }";
    const { ask, askAnew } = world(query, form);
    for (let round = 0; round < 4; round++) {
      for (const first of [1, 2, 3]) {
        expect(readable(await ask({ first }))).toEqual(readable(await askAnew({ first })));
      }
    }
    expect((await ask({ first: 1 })).data).toBe((await ask({ first: 1 })).data);
    expect((await ask({ first: 1 })).data).not.toBe((await ask({ first: 2 })).data);
  });

  test("requests that run at the same moment do not disturb each other", async () => {
    const { ask, askAnew } = world(deep, form);
    const expected = readable(await askAnew());
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
    for (const answer of answers) expect(readable(answer)).toEqual(expected);
  });
});

describe.each(forms)("when a subgraph says something else (%s)", (form) => {
  const changes: [string, Change][] = [
    ["the first that is asked", (text) => text.replaceAll("Uri Goldshtein", "Uri")],
    [
      "one that is asked later",
      (text, { operation }) => (operation.subgraph === "products" ? text.replaceAll("899", "1899") : text),
    ],
    [
      "the last",
      (text, { operation }) => (operation.subgraph === "inventory" ? text.replaceAll("true", "false") : text),
    ],
  ];
  test.each(changes)("the answer is worked out anew: %s", async (_, write) => {
    const { federation, ask, askAnew } = world(deep, form);
    for (let round = 0; round < 3; round++) await ask();
    const before = readable(await ask());
    change(federation, { text: write });
    const expected = readable(await askAnew());
    expect(expected).not.toEqual(before);
    for (let round = 0; round < 5; round++) expect(readable(await ask())).toEqual(expected);
    expect((await ask()).data).toBe((await ask()).data);
  });

  test("no call is made twice for one request", async () => {
    const { federation, ask } = world(deep, form);
    for (let round = 0; round < 3; round++) await ask();
    const calls = federation.asked.length / 3;
    change(federation, {
      text: (text, { operation }) => (operation.subgraph === "inventory" ? text.replaceAll("true", "false") : text),
    });
    federation.asked.length = 0;
    await ask();
    expect(federation.asked.length).toBe(calls);
  });

  test("errors are told, and an answer with errors is never the one from before", async () => {
    const { federation, ask } = world(deep, form);
    for (let round = 0; round < 3; round++) await ask();
    federation.answer = (call, usual) =>
      call.operation.subgraph === "reviews" ? Promise.resolve<SubgraphAnswer>(gone[form]) : usual();
    for (let round = 0; round < 4; round++) {
      const { errors } = await ask();
      expect(errors.map(({ message }) => message)).toContain("Gone.");
    }
  });

  test("a lost call is reported, and the next answer is whole", async () => {
    const { federation, ask, askAnew } = world(deep, form);
    for (let round = 0; round < 3; round++) await ask();
    const lost = new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph: "products" });
    federation.answer = async (call, usual) =>
      call.operation.subgraph === "products" ? { form: "value", data: null, errors: [lost] } : usual();
    expect((await ask()).errors.length).toBeGreaterThan(0);
    federation.answer = (_, usual) => usual();
    expect(readable(await ask())).toEqual(readable(await askAnew()));
  });

  test("what a request that is over still gets is thrown away", async () => {
    const { federation, ask, askAnew, remembering } = world(deep, form);
    for (let round = 0; round < 3; round++) await ask();
    const controller = new AbortController();
    federation.answer = async (_, usual) => {
      controller.abort(new RouterError("REQUEST_ABORTED"));
      return usual();
    };
    const { errors } = await remembering.run(federation.execution(deep, {}, form, controller.signal));
    expect(errors.map(({ extensions }) => extensions?.code)).toEqual(["REQUEST_ABORTED"]);
    federation.answer = (_, usual) => usual();
    expect(readable(await ask())).toEqual(readable(await askAnew()));
  });
});

test.each(forms)(
  "whatever subgraphs say, the answer is the one they would give without a memory (%s)",
  async (form) => {
    const { federation, ask, askAnew } = world(deep, form);
    let seed = 20_261_122;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const words = ["Table", "Love it!", "899", "true", "urigo", "100", "Uri Goldshtein", "Too expensive."];
    let spoken: [string, string] = ["", ""];
    change(federation, { text: (text) => (spoken[0] === "" ? text : text.replaceAll(spoken[0], spoken[1])) });
    for (let round = 0; round < 150; round++) {
      if (random(3) === 0)
        spoken = [words[random(words.length)] as string, ["1", "null", "Other", "12"][random(4)] as string];
      if (random(4) === 0) spoken = ["", ""];
      const [remembered, worked] = await Promise.all([ask(), askAnew()]);
      expect(readable(remembered), `round ${round}: ${spoken.join(" → ")}`).toEqual(readable(worked));
    }
  },
);

test("what no subgraph is asked for is answered every time", async () => {
  const { ask } = world("{ __typename }");
  for (let round = 0; round < 4; round++) expect(readable(await ask()).data).toEqual({ __typename: "Query" });
});

test("what a subgraph of this process does to the objects it gets and gives changes nothing later", async () => {
  const { federation, ask, askAnew } = world(deep, "value");
  const expected = readable(await askAnew());
  federation.answer = async ({ representations }, usual) => {
    const answer = await usual();
    for (const one of representations.flatMap((list) => [...(list as readonly object[])]))
      Object.assign(one, { __typename: "Nobody", upc: "0", id: "0" });
    return answer;
  };
  for (let round = 0; round < 5; round++) expect(readable(await ask())).toEqual(expected);
});
