import fc from "fast-check";
import { parse } from "graphql";
import { expect, test } from "vitest";
import { problemsOf } from "./check-answer.js";
import { type Hostile, type HostileSubgraphs, startHostile } from "./hostile-world.js";
import { drawSpoiling, spoilText, spoilTree } from "./spoil.js";
import { library, shop } from "./worlds.js";

/** Recorded, so that a failure can be met again. */
const seed = 20_261_122;

const operations: { readonly subgraphs: HostileSubgraphs; readonly queries: readonly string[] }[] = [
  { subgraphs: shop.subgraphs, queries: shop.queries },
  { subgraphs: library.subgraphs, queries: library.queries },
];

async function askSpoiled(world: Hostile, query: string): Promise<string[]> {
  const { data, errors } = await world.ask(query);
  return problemsOf({ schema: world.schema, document: parse(query), data, errors });
}

test.each(operations)(
  "whatever other processes answer, clients get a valid answer and the router goes on",
  async (one) => {
    const world = await startHostile(one.subgraphs, { introspection: true });
    for (const query of one.queries) expect(await askSpoiled(world, query)).toEqual([]);
    const property = fc.asyncProperty(fc.constantFrom(...one.queries), drawSpoiling, async (query, spoiling) => {
      let call = 0;
      world.spoil = (result, response) => {
        call += 1;
        if (call !== spoiling.call) return false;
        response.setHeader("content-type", "application/json").end(spoilText(result, spoiling));
        return true;
      };
      expect(await askSpoiled(world, query)).toEqual([]);
    });
    await fc.assert(property, { seed, numRuns: 250 });
    world.spoil = () => false;
    for (const query of one.queries) expect(await askSpoiled(world, query)).toEqual([]);
  },
  60_000,
);

test.each(operations)(
  "whatever subgraphs of this process answer, clients get a valid answer",
  async (one) => {
    const world = await startHostile(one.subgraphs, { introspection: true, inProcess: Object.keys(one.subgraphs) });
    const property = fc.asyncProperty(fc.constantFrom(...one.queries), drawSpoiling, async (query, spoiling) => {
      let call = 0;
      world.spoilValue = (result) => {
        call += 1;
        return (call === spoiling.call ? spoilTree(result, spoiling) : result) as never;
      };
      expect(await askSpoiled(world, query)).toEqual([]);
    });
    await fc.assert(property, { seed, numRuns: 150 });
  },
  60_000,
);
