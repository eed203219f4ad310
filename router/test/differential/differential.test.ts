/** Random operations over several supergraphs: our executor has to answer as Apollo's gateway does. */
import fc from "fast-check";
import { parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { differenceOf } from "./compare.js";
import { type DrawnOperation, drawOperation } from "./draw-operation.js";
import { apolloExecutor, type Executor, ourExecutor } from "./executors.js";
import { minimise } from "./minimise.js";
import { createWorld, type World, type WorldOptions, type WorldSource } from "./world.js";
import { shop } from "./worlds/shop.js";
import { small } from "./worlds/small.js";
import { tessera } from "./worlds/tessera.js";

/** Other operations: DIFFERENTIAL_SEED; more of them: DIFFERENTIAL_RUNS. */
const seed = Number(process.env.DIFFERENTIAL_SEED ?? 20_250_101);
const numRuns = Number(process.env.DIFFERENTIAL_RUNS ?? 12);

const moods: readonly (readonly [string, WorldOptions])[] = [
  ["every subgraph answers in full", { errors: 0, nulls: 0, missing: 0 }],
  ["values are null, fields fail and entities are missing", { errors: 4, nulls: 12, missing: 8 }],
  ["subgraphs break their promise not to answer null", { errors: 1, nulls: 10, missing: 3, broken: true }],
];

const choices = fc.array(fc.nat({ max: 9_999 }), { maxLength: 400, size: "max" });

interface Sides {
  readonly apollo: Executor;
  readonly ours: Executor;
}

describe.each([shop, tessera, ...small])("over $name", (source) => {
  describe.each(moods)("when %s", (_, options) => {
    test.each(["text", "value"] as const)(
      "we answer as Apollo's gateway does, with leaves as %s",
      async (form) => {
        const world = createWorld(source, options);
        const sides = { apollo: await apolloExecutor(world), ours: await ourExecutor(world, form) };
        const property = fc.asyncProperty(choices, async (drawn) => {
          const operation = drawOperation(world.schema, drawn);
          fc.pre(validate(world.schema, parse(operation.query)).length === 0);
          await expectSameAnswer(source, world, sides, operation);
        });
        // What fails is made smaller by taking selections out, which knows more of operations than shrinking numbers does.
        await fc.assert(property, { seed, numRuns, endOnFailure: true });
      },
      120_000,
    );
  });
});

async function expectSameAnswer(source: WorldSource, world: World, sides: Sides, { query, variables }: DrawnOperation) {
  const found = await ask(source, sides, query, variables);
  if (found === null) return;
  const kind = kindOf(found);
  const smallest = await minimise(world.schema, query, async (smaller) => {
    const difference = await ask(source, sides, smaller, variables);
    return difference !== null && kindOf(difference) === kind;
  });
  const difference = await ask(source, sides, smallest, variables);
  expect.fail(`${smallest}\n${JSON.stringify(variables)}\n${difference}`);
}

const kindOf = (difference: string) => difference.split("\n")[0];

/** @returns what differs. An operation Apollo's planner cannot plan is not compared, since we use the same. */
async function ask(source: WorldSource, { apollo, ours }: Sides, query: string, variables: Record<string, unknown>) {
  const expected = await apollo(query, variables).catch(() => null);
  if (expected === null) return null;
  const answer = await ours(query, variables).catch((error: Error) => error);
  if (answer instanceof Error) return `failure:\n  ours   ${answer.stack}`;
  return differenceOf(answer, expected, { world: source, query });
}
