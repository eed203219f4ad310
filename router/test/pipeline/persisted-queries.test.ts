import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { expect, test } from "vitest";
import { openShop } from "./shop.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Every request the client makes, as `METHOD with text` or `METHOD with hash`, and its status. */
function recording(): { seen: string[]; fetch: typeof fetch } {
  const seen: string[] = [];
  return {
    seen,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const hasText = `${input}${init?.body ?? ""}`.includes("top");
      seen.push(`${init?.method} with ${hasText ? "text" : "hash"}: ${response.status}`);
      return response;
    },
  };
}

test.each([
  [false, ["POST with hash", "POST with text", "POST with hash"]],
  [true, ["GET with hash", "POST with text", "GET with hash"]],
])(
  "Apollo Client registers a query once and then sends its hash, by GET: %s",
  async (useGETForHashedQueries, expected) => {
    const { router } = await openShop();
    const { seen, fetch: recorded } = recording();
    const link = ApolloLink.from([
      new PersistedQueryLink({ sha256, useGETForHashedQueries }),
      new HttpLink({ uri: `${router.url}/graphql`, fetch: recorded }),
    ]);
    const apollo = new ApolloClient({ link, cache: new InMemoryCache() });
    const ask = () => apollo.query({ query: gql("query Names { top { name } }"), fetchPolicy: "no-cache" });
    expect((await ask()).data).toMatchObject({ top: [{ name: "Product 1" }, {}, {}] });
    expect((await ask()).data).toMatchObject({ top: [{ name: "Product 1" }, {}, {}] });
    expect(seen.map((line) => line.split(":")[0])).toEqual(expected);
  },
);

test("a hash that is not known is a question for the text: 200, and kept by no cache", async () => {
  const { router } = await openShop();
  const persistedQuery = { version: 1, sha256Hash: sha256("{ top { id } }") };
  const search = new URLSearchParams({ extensions: JSON.stringify({ persistedQuery }) });
  const ask = (accept: string) =>
    fetch(`${router.url}/graphql?${search}`, { headers: { accept, "apollo-require-preflight": "1" } });
  const missed = await ask("application/json");
  expect([missed.status, missed.headers.get("cache-control")]).toEqual([200, "no-cache"]);
  expect(await missed.json()).toMatchObject({
    errors: [{ message: "PersistedQueryNotFound", extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }],
  });
  expect((await ask("application/graphql-response+json")).status).toBe(400);
});

test("where there are no persisted queries, Apollo Client hears so once and sends texts", async () => {
  const { router } = await openShop({ persistedDocuments: { automatic: false } });
  const { seen, fetch: recorded } = recording();
  const http = new HttpLink({ uri: `${router.url}/graphql`, fetch: recorded });
  const link = ApolloLink.from([new PersistedQueryLink({ sha256 }), http]);
  const apollo = new ApolloClient({ link, cache: new InMemoryCache() });
  for (const name of ["One", "Two"]) {
    const { data } = await apollo.query({ query: gql(`query ${name} { top { id name } }`), fetchPolicy: "no-cache" });
    expect(data).toHaveProperty("top");
  }
  expect(seen.map((line) => line.split(":")[0])).toEqual(["POST with hash", "POST with text", "POST with text"]);
});
