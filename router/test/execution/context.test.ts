/** Arguments that come from objects above an entity. */
import { expect, test } from "vitest";
import { Federation, type SubgraphOfTest, ways } from "./federation.js";

const lands: Record<string, SubgraphOfTest> = {
  geo: {
    sdl: `type Query { lands: [Land!]! }
      type Land @key(fields: "id") @context(name: "land") { id: ID! currency: String! towns: [Town!]! capital: Town main: Shop }
      type Town @key(fields: "id") { id: ID! shops: [Shop] }
      type Shop @key(fields: "id") { id: ID! price(n: Int!, currency: String @fromContext(field: "$land { currency }")): String rank(of: Int): Int }`,
    resolvers: {
      Query: {
        lands: () => [
          {
            id: "DE",
            currency: "EUR",
            towns: [{ id: "B", shops: [{ id: "1" }, { id: "2" }, null] }],
            capital: { id: "B", shops: [{ id: "1" }] },
          },
          { id: "CH", currency: 'CHF"', towns: [{ id: "Z", shops: [{ id: "1" }] }], capital: null },
          { id: "FR", currency: "EUR", towns: [], capital: { id: "P", shops: [{ id: "1" }] } },
        ],
      },
      Shop: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        price: ({ id }: { id: string }, { n, currency }: { n: number; currency: string }) => `${n}${currency}${id}`,
      },
    },
  },
  other: {
    sdl: `type Shop @key(fields: "id") { id: ID! open: Boolean } type Town @key(fields: "id") { id: ID! mayor: String }`,
    resolvers: { Shop: { open: () => true }, Town: { mayor: ({ id }: { id: string }) => `M ${id}` } },
  },
};
const federation = new Federation(lands);
const shop = (id: string, currency: string) => ({ id, price: `3${currency}${id}` });

test("each entity gets the value of the object it is under, the same entity several", async () => {
  const { data, errors } = await federation.askEveryWay(
    "query ($n: Int!) { lands { id towns { shops { id price(n: $n) } } capital { shops { id price(n: $n) } } } }",
    { n: 3 },
  );
  expect(errors).toEqual([]);
  expect(data).toEqual({
    lands: [
      {
        id: "DE",
        towns: [{ shops: [shop("1", "EUR"), shop("2", "EUR"), null] }],
        capital: { shops: [shop("1", "EUR")] },
      },
      { id: "CH", towns: [{ shops: [shop("1", 'CHF"')] }], capital: null },
      { id: "FR", towns: [], capital: { shops: [shop("1", "EUR")] } },
    ],
  });
});

test("entities with equal values share one list of representations", async () => {
  for (const way of ways) {
    federation.asked.length = 0;
    await federation.ask("{ lands { towns { shops { price(n: 1) } } } }", {}, way);
    const variables = federation.asked.at(-1)?.variables ?? {};
    expect(variables).toEqual({
      r0: [
        { __typename: "Shop", id: "1" },
        { __typename: "Shop", id: "2" },
      ],
      r1: [{ __typename: "Shop", id: "1" }],
      contextualArgument_1_0_0: "EUR",
      contextualArgument_1_0_1: 'CHF"',
    });
  }
});
