import { organizations, people } from "@tessera/demo-world";
import { buildClientSchema, type GraphQLObjectType, type GraphQLSchema, getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askFor, type Belongings, belongingsOf, digestOf, type Graph, startGraph, takesIds } from "../src/index.js";

/** Thistlemoor's people ask for what belongs to Pinehollow, its competitor. */
const asking = organizations.thistlemoor.id;
const asked = organizations.pinehollow.id;

/** As many calls as the router takes in one operation. */
const callsAtOnce = 10;

let graph: Graph;
let schema: GraphQLSchema;
let theirs: Belongings;
let tokens: [string, string | null][];

beforeAll(async () => {
  graph = await startGraph("single");
  const owner = await graph.login(people.imogen.email, asking);
  schema = buildClientSchema((await graph.ask(getIntrospectionQuery(), {}, owner)).data);
  theirs = await belongingsOf(graph.database, asked);
  const colleagues = Object.values(people).filter((person) => person.memberships[0].organization === "thistlemoor");
  const logins = colleagues.map(
    async (person): Promise<[string, string]> => [person.memberships[0].role, await graph.login(person.email, asking)],
  );
  tokens = [["nobody", null], ...(await Promise.all(logins))];
});
afterAll(() => graph?.close());

/** One id of every kind of thing they own, and their organization itself. */
const theirIds = () => [asked, ...[...theirs.ids.values()].flatMap((ids) => ids.slice(0, 1))];

async function expectNothingOfTheirs(root: GraphQLObjectType | null | undefined): Promise<number> {
  const everyId = new Set([asked, ...[...theirs.ids.values()].flat()]);
  let operations = 0;
  for (const field of Object.values(root?.getFields() ?? {})) {
    const ids = takesIds(field) ? theirIds() : [""];
    for (let start = 0; start < ids.length; start += callsAtOnce) {
      const { coordinate, text } = askFor(root as GraphQLObjectType, field, ids.slice(start, start + callsAtOnce));
      for (const [role, token] of tokens) {
        const { data, errors } = await graph.ask(text, {}, token);
        const refused = errors?.find(({ extensions }) => extensions.code === "GRAPHQL_VALIDATION_FAILED");
        expect(refused?.message, `${coordinate} was not asked properly: ${text}`).toBeUndefined();
        const shown = JSON.stringify(data ?? null);
        const leaked = [...everyId, ...theirs.texts].filter((secret) => shown.includes(secret));
        expect(leaked, `${coordinate} as ${role}`).toEqual([]);
        operations += 1;
      }
    }
  }
  return operations;
}

describe("whoever asks at one organization gets nothing of another", () => {
  test("the other organization has something in every table, so that there is something to leak", () => {
    const empty = [...theirs.ids].filter(([, ids]) => ids.length === 0).map(([table]) => table);
    expect(empty.filter((table) => !emptyByNature.has(table))).toEqual([]);
    expect(theirs.texts.length).toBeGreaterThan(10);
  });

  test("through no query, with any of their ids in any argument, as any role", async () => {
    expect(await expectNothingOfTheirs(schema.getQueryType())).toBeGreaterThan(50);
  });

  test("through no mutation, and nothing of theirs changes", async () => {
    const before = await digestOf(graph.database, asked);
    expect(await expectNothingOfTheirs(schema.getMutationType())).toBeGreaterThan(50);
    expect(await digestOf(graph.database, asked)).toEqual(before);
  });
});

/** Tables that a demo story has no reason to fill. */
const emptyByNature = new Set<string>([]);
