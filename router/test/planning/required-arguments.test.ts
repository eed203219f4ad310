import { beforeAll, expect, test } from "vitest";
import { type ThinWorld, thinWorld } from "./thin-execution.js";

const books: Record<string, { isbn: string; title: string; prices: Record<string, number> }> = {
  b1: { isbn: "b1", title: "Tides", prices: { EUR: 10, USD: 11 } },
  b2: { isbn: "b2", title: "Dunes", prices: { EUR: 20, USD: 23 } },
};
const opinions = ["good", "long", "dry", "new"];

/** Has every price and every opinion. */
const shop = {
  sdl: `
    type Query { books: [Book!]! book(isbn: ID!): Book shelf: Shelf items: [Item!]! }
    type Mutation { restock: Book }
    interface Item { isbn: ID! price(currency: Currency = EUR): Int }
    type Book implements Item @key(fields: "isbn") {
      isbn: ID!
      title: String
      label: String
      price(currency: Currency = EUR): Int
      opinions(first: Int!): [Opinion!]!
      maker: Maker
      sequel: Book
    }
    type Maker { name(short: Boolean): String }
    type Opinion @key(fields: "id") { id: ID! text: String }
    type Shelf @key(fields: "id") { id: ID! items: [Item!]! }
    enum Currency { EUR USD }`,
  resolvers: (() => {
    const stock = { count: 0 };
    const book = (isbn: string) => {
      const { title, prices } = books[isbn] ?? { title: "", prices: {} as Record<string, number> };
      return {
        __typename: "Book",
        isbn,
        title,
        label: `label of ${isbn}`,
        price: ({ currency }: { currency: string }) => prices[currency],
        opinions: ({ first }: { first: number }) => opinions.slice(0, first).map((text, id) => ({ id, text })),
        maker: { name: ({ short }: { short?: boolean }) => (short ? "T" : "Tessel") },
        sequel: () => book(isbn === "b1" ? "b2" : "b1"),
      };
    };
    const all = () => Object.keys(books).map(book);
    return {
      Query: {
        books: all,
        items: all,
        book: (_: unknown, { isbn }: { isbn: string }) => book(isbn),
        shelf: () => ({ id: "s", items: all() }),
      },
      Mutation: {
        restock: () => {
          stock.count += 1;
          return { ...book("b1"), title: `restocked ${stock.count}` };
        },
      },
      Book: { __resolveReference: ({ isbn }: { isbn: string }) => book(isbn) },
      Shelf: { __resolveReference: () => ({ id: "s", items: all() }) },
    };
  })(),
};

/** Works out everything from what it requires, so that a wrong requirement shows. */
const advice = {
  sdl: `
    type Book implements Item @key(fields: "isbn") {
      isbn: ID!
      title: String @external
      price(currency: Currency = EUR): Int @external
      opinions(first: Int!): [Opinion!]! @external
      maker: Maker @external
      inDollars: Int @requires(fields: "price(currency: USD)")
      inEuros: Int @requires(fields: "price(currency: EUR)")
      byDefault: Int @requires(fields: "price")
      both: String @requires(fields: "title price(currency: USD)")
      seen: Int @requires(fields: "opinions(first: 3) { id }")
      initial: String @requires(fields: "maker { name(short: true) }")
      plain: String
    }
    type Maker { name(short: Boolean): String @external }
    type Opinion @key(fields: "id", resolvable: false) { id: ID! }
    enum Currency { EUR USD }
    interface Item { isbn: ID! price(currency: Currency = EUR): Int }
    type Shelf @key(fields: "id") {
      id: ID!
      items: [Item!]! @external
      worth: Int @requires(fields: "items { price(currency: USD) }")
    }`,
  resolvers: {
    Book: {
      inDollars: ({ price }: { price: number }) => price,
      inEuros: ({ price }: { price: number }) => price,
      byDefault: ({ price }: { price: number }) => price,
      both: ({ title, price }: { title: string; price: number }) => `${title} ${price}`,
      seen: ({ opinions: given }: { opinions: unknown[] }) => given.length,
      initial: ({ maker }: { maker: { name: string } }) => maker.name,
      plain: () => "plain",
    },
    Shelf: {
      worth: ({ items }: { items: { price: number }[] }) => items.reduce((sum, { price }) => sum + price, 0),
    },
  },
};

let world: ThinWorld;
beforeAll(async () => {
  const withReferences = {
    ...advice.resolvers,
    Book: { ...advice.resolvers.Book, __resolveReference: (book: object) => book },
    Shelf: { ...advice.resolvers.Shelf, __resolveReference: (shelf: object) => shelf },
  };
  world = await thinWorld({ shop, advice: { ...advice, resolvers: withReferences } });
});

test("A client gets as many items as it asks for beside a field that requires another number of them", async () => {
  expect(await world.ask("{ books { opinions(first: 1) { text } seen } }")).toEqual({
    books: [
      { opinions: [{ text: "good" }], seen: 3 },
      { opinions: [{ text: "good" }], seen: 3 },
    ],
  });
});

test("The same holds when the client says the number in a variable", async () => {
  const text = "query ($first: Int!) { book(isbn: b1) { seen opinions(first: $first) { id } } }".replace("b1", '"b1"');
  expect(await world.ask(text, { first: 2 })).toEqual({ book: { seen: 3, opinions: [{ id: "0" }, { id: "1" }] } });
});

test("The same holds inside fragments, at several depths and under an alias", async () => {
  const text = `
    query { book(isbn: "b1") { ...Seen sequel { ...Seen ...Two } } }
    fragment Seen on Book { seen opinions(first: 1) { ...Words } }
    fragment Two on Book { two: opinions(first: 2) { id } }
    fragment Words on Opinion { text }`;
  expect(await world.ask(text)).toEqual({
    book: {
      seen: 3,
      opinions: [{ text: "good" }],
      sequel: { seen: 3, opinions: [{ text: "good" }], two: [{ id: "0" }, { id: "1" }] },
    },
  });
});

test("Two fields of one subgraph that require one field with different arguments each get theirs", async () => {
  expect(await world.ask("{ books { inDollars inEuros plain price(currency: USD) } }")).toEqual({
    books: [
      { inDollars: 11, inEuros: 10, plain: "plain", price: 11 },
      { inDollars: 23, inEuros: 20, plain: "plain", price: 23 },
    ],
  });
});

test("Their subgraph is asked once for each of the arguments, and the owner of the field once for all", async () => {
  world.sent.length = 0;
  await world.ask("{ books { inDollars both inEuros plain } }");
  expect(world.sent.map((text) => text.split(" ")[0])).toEqual(["shop", "advice", "advice"]);
  expect(world.sent[1]).toMatch(/inDollars both/);
  expect(world.sent[2]).toMatch(/inEuros plain/);
});

test("A field that is required without arguments is told apart from the same field with them", async () => {
  expect(await world.ask('{ book(isbn: "b1") { byDefault inDollars both } }')).toEqual({
    book: { byDefault: 10, inDollars: 11, both: "Tides 11" },
  });
});

test("Fragments of one entity that disagree are taken apart", async () => {
  const text = `
    query ($all: Boolean!) { books { ...All @include(if: $all) inEuros } }
    fragment All on Book { inDollars plain inEuros }`;
  const [first] = (await world.ask(text, { all: true })).books as unknown[];
  expect(first).toEqual({ inDollars: 11, plain: "plain", inEuros: 10 });
  const [without] = (await world.ask(text, { all: false })).books as unknown[];
  expect(without).toEqual({ inEuros: 10 });
});

test("Requirements below a field, and on an interface, keep their arguments", async () => {
  expect(await world.ask('{ book(isbn: "b1") { initial maker { name } } shelf { worth items { price } } }')).toEqual({
    book: { initial: "T", maker: { name: "Tessel" } },
    shelf: { worth: 34, items: [{ price: 10 }, { price: 20 }] },
  });
});

test("A mutation runs once however its requirements disagree", async () => {
  const before = (await world.ask("mutation { restock { title } }")) as { restock: { title: string } };
  const count = Number(before.restock.title.split(" ")[1]);
  expect(await world.ask("mutation { restock { title inDollars inEuros } }")).toEqual({
    restock: { title: `restocked ${count + 1}`, inDollars: 11, inEuros: 10 },
  });
});

test("An alias never passes for the key or a required field that has its name", async () => {
  expect(await world.ask("{ books { isbn: label title: isbn both plain __typename: title } }")).toEqual({
    books: [
      { isbn: "label of b1", title: "b1", both: "Tides 11", plain: "plain", __typename: "Tides" },
      { isbn: "label of b2", title: "b2", both: "Dunes 23", plain: "plain", __typename: "Dunes" },
    ],
  });
});

test("An alias that no plan asks for by itself is left alone", async () => {
  const text = "{ books { called: title isbn } }";
  expect(await world.plan(text)).toMatchObject({ text, responseNames: {} });
  const { responseNames } = await world.plan("{ books { isbn: label } }");
  expect(Object.values(responseNames)).toEqual(["isbn"]);
});

test("A private alias differs from every name the client uses", async () => {
  const text = "{ books { isbn: label _private0_isbn: title _required0_price: title inDollars } }";
  expect(((await world.ask(text)).books as unknown[])[0]).toEqual({
    isbn: "label of b1",
    _private0_isbn: "Tides",
    _required0_price: "Tides",
    inDollars: 11,
  });
});
