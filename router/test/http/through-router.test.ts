import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { serverAudits } from "graphql-http";
import { createClient } from "graphql-sse";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../world/world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.router.close());

const url = () => `${world.router.url}/graphql`;

test.each([false, true])(
  "graphql-sse gets events with fields of other subgraphs, single connection: %s",
  async (mode) => {
    const client = createClient({ url: url(), singleConnection: mode, retryAttempts: 0 });
    const query = "subscription { readings(count: 2) { id site { name } } }";
    const events: unknown[] = [];
    for await (const event of client.iterate({ query })) events.push(event);
    expect(events).toHaveLength(2);
    expect(events[0]).toEqual({ data: { readings: { id: expect.any(String), site: { name: expect.any(String) } } } });
  },
);

test.each([
  ["deferSpec=20220824", new Defer20220824Handler()],
  ["incrementalSpec=v0.2", new GraphQL17Alpha9Handler()],
])("Apollo Client gets a deferred fragment as %s, and the events of a subscription", async (form, handler) => {
  const forms: (string | null)[] = [];
  const fetchNoting: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    forms.push(response.headers.get("content-type"));
    return response;
  };
  const apollo = new ApolloClient({
    link: new HttpLink({ uri: url(), fetch: fetchNoting }),
    cache: new InMemoryCache(),
    incrementalHandler: handler as Defer20220824Handler,
  });
  const query = gql("{ people { id ... @defer { sites { name } } } }");
  const states: string[] = [];
  const whole = await new Promise((resolve, reject) => {
    apollo.watchQuery({ query }).subscribe({
      next: ({ data, dataState }) => {
        states.push(dataState);
        if (dataState === "complete") resolve(data);
      },
      error: reject,
    });
  });
  expect(states).toContain("streaming");
  expect(forms).toEqual([`multipart/mixed; boundary="-"; ${form}`]);
  expect(whole).toMatchObject({ people: [{ id: "p1", sites: expect.any(Array) }, { id: "p2" }] });

  const seen: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    apollo
      .subscribe({ query: gql("subscription { readings(count: 2) { id } }") })
      .subscribe({ next: ({ data }) => seen.push(data), error: reject, complete: resolve });
  });
  expect(seen).toHaveLength(2);
});

test("a client that takes no parts gets everything at once", async () => {
  const { data } = await world.ask("{ people { id ... @defer { sites { name } } } }");
  expect(data).toMatchObject({ people: [{ id: "p1", sites: expect.any(Array) }, { id: "p2" }] });
});

test("what is wrong with a document is 200 as application/json and 400 as application/graphql-response+json", async () => {
  const status = async (accept: string, query: string) => {
    const headers = { "content-type": "application/json", accept };
    return (await fetch(url(), { method: "POST", headers, body: JSON.stringify({ query }) })).status;
  };
  for (const query of ["{", "{ nothing }", "query ($id: ID!) { person(id: $id) { id } }"]) {
    expect(await status("application/json", query)).toBe(200);
    expect(await status("application/graphql-response+json", query)).toBe(400);
  }
  expect(await status("application/json", "subscription { ticks(ms: 1) { at } }")).toBe(406);
});

/** Cross-site request forgery is prevented, so a GET without any header of its own is not accepted. */
const getsWithoutHeaders = new Set(["5A70", "D6D5", "6A70"]);

test("the audits of GraphQL over HTTP pass", async () => {
  const audits = serverAudits({ url, fetchFn: fetch }).filter(({ id }) => !getsWithoutHeaders.has(id));
  const results = await Promise.all(audits.map(async ({ id, name, fn }) => [id, name, (await fn()).status]));
  expect(results.filter(([, , status]) => status !== "ok")).toEqual([]);
  expect(results.length).toBeGreaterThan(50);
});
