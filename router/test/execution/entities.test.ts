/** Root fields and entities of several subgraphs: the same answer in every form, as Apollo's gateway gives it. */
import { ApolloGateway, LocalGraphQLDataSource } from "@apollo/gateway";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { expect, test } from "vitest";
import { Federation, link } from "./federation.js";
import { largeQuery, shop } from "./shop.js";

const federation = new Federation(shop);

async function answerOfGateway(query: string): Promise<unknown> {
  const gateway = new ApolloGateway({
    supergraphSdl: federation.supergraphSdl,
    buildService: ({ name }) => {
      const { sdl = "", resolvers } = shop[name] ?? {};
      return new LocalGraphQLDataSource(
        buildSubgraphSchema({ typeDefs: parse(link + sdl), resolvers: resolvers as never }),
      );
    },
  });
  const { executor } = await gateway.load();
  const document = parse(query);
  const result = await executor({
    document,
    request: { variables: {} },
    operationName: null,
    context: {},
    queryHash: "q",
    schema: federation.apiSchema,
    metrics: {},
    cache: {},
    logger: console,
  } as never);
  await gateway.stop();
  return JSON.parse(JSON.stringify(result.data));
}

test("the large query of the comparison is answered as Apollo's gateway answers it", async () => {
  const { data, errors } = await federation.askEveryWay(largeQuery);
  expect(errors).toEqual([]);
  expect(data).toEqual(await answerOfGateway(largeQuery));
});

test("its sixteen fetches become six calls, or stay sixteen when merging is off", async () => {
  federation.asked.length = 0;
  await federation.ask(largeQuery);
  const merged = federation.asked.map(({ subgraph }) => subgraph).sort();
  expect(merged).toEqual(["accounts", "accounts", "inventory", "products", "products", "reviews"]);
  federation.asked.length = 0;
  await federation.ask(largeQuery, {}, { form: "text", mergeFetches: false });
  expect(federation.asked).toHaveLength(16);
});

test("each entity is asked for once", async () => {
  federation.asked.length = 0;
  await federation.ask("{ topProducts { upc reviews { id author { name } } } }");
  const [, , authors] = federation.asked;
  expect(authors?.variables.representations).toEqual([
    { __typename: "User", id: "1" },
    { __typename: "User", id: "2" },
    { __typename: "User", id: "3" },
  ]);
});
