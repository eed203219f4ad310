import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { parse } from "graphql";
import { expect, test } from "vitest";
import { composeThin, thinWorld } from "./thin-execution.js";

const owners = {
  sdl: `
    type Plot @key(fields: "id") @key(fields: "number") @key(fields: "place { row column }") {
      id: ID!
      number: ID!
      place: Place!
      owner: String
    }
    type Place { row: ID! column: ID! }`,
  resolvers: {
    Plot: { __resolveReference: (plot: object) => ({ ...plot, owner: "Ada" }) },
  },
};

/** Refers to plots by their place, and finds them by their number. */
const taxes = {
  sdl: `
    type Query { plots: [Plot!]! }
    type Plot @key(fields: "place { row column }", resolvable: false) @key(fields: "number") {
      number: ID!
      place: Place!
      owner: String @external
      bill: String @requires(fields: "owner")
    }
    type Place @shareable { row: ID! column: ID! }`,
  resolvers: {
    Query: { plots: () => [{ number: "n1", place: { row: "r1", column: "c1" } }] },
    Plot: {
      __resolveReference: (plot: { number?: string }) => (plot.number === undefined ? null : plot),
      bill: ({ number, owner }: { number: string; owner: string }) => `${number} of ${owner}`,
    },
  },
};

const shared = { ...owners, sdl: owners.sdl.replace("type Place {", "type Place @shareable {") };

test("Entities are asked for by a key their subgraph resolves, wherever a key it does not resolve stands first", async () => {
  const world = await thinWorld({ owners: shared, taxes });
  expect(await world.ask("{ plots { bill } }")).toEqual({ plots: [{ bill: "n1 of Ada" }] });
});

test("The planner alone takes the key that comes first in the supergraph", () => {
  const supergraph = Supergraph.build(composeThin({ owners: shared, taxes }), { validateSupergraph: false });
  const operation = operationFromDocument(supergraph.apiSchema(), parse("{ plots { bill } }"));
  const text = JSON.stringify(new QueryPlanner(supergraph).buildQueryPlan(operation));
  expect(text).toContain('"name":"row"');
});
