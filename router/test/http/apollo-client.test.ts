import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { Defer20220824Handler } from "@apollo/client/incremental";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toJson } from "../../src/request/json-text.js";
import type { RunOperation } from "../../src/request/outcome.js";
import { type Door, openDoor, runOn } from "./door.js";
import { schema, sources } from "./schema.js";

let door: Door;
beforeAll(async () => {
  door = await openDoor({ run: deferring, heartbeatMs: 50 });
});
afterAll(() => door.close());

/** What an executor makes of `@defer`; everything else is executed. */
const deferring: RunOperation = async (request, context, transport) => {
  if (!request.query?.includes("@defer") || !transport.mayStream) return runOn(schema)(request, context, transport);
  const person = { __typename: "Person", id: "1", name: "Ada" };
  const later = [{ data: { slow: "spät", __typename: "Person" }, path: ["person"], label: "late" }];
  return { kind: "parts", parts: parts([{ data: { person } }, { incremental: later }]) };
};

/** Each part waits until the client has shown the one before. */
let isShown = Promise.resolve();

async function* parts(texts: readonly object[]) {
  for (const [index, part] of texts.entries()) {
    const hasNext = index < texts.length - 1;
    yield { body: { text: toJson({ ...part, hasNext }) }, hasNext };
    await isShown;
  }
}

function apollo(headers: Record<string, string> = {}): ApolloClient {
  return new ApolloClient({
    link: new HttpLink({ uri: door.url, headers }),
    cache: new InMemoryCache(),
    incrementalHandler: new Defer20220824Handler(),
  });
}

describe("Apollo Client", () => {
  test("asks queries and mutations", async () => {
    expect(await apollo().query({ query: gql("{ hello }") })).toMatchObject({ data: { hello: "Hello Wörld" } });
    const { data } = await apollo().mutate({ mutation: gql("mutation { count(by: 0) }") });
    expect(data).toEqual({ count: expect.any(Number) });
  });

  test("sees the errors of an answer", async () => {
    await expect(apollo().query({ query: gql("{ nothing }") })).rejects.toThrow(/nothing/);
  });

  test("gets a deferred fragment after the rest", async () => {
    const query = gql(`{ person { id name ... @defer(label: "late") { slow } } }`);
    const states: unknown[] = [];
    let show = () => {};
    isShown = new Promise((resolve) => {
      show = resolve;
    });
    await new Promise<void>((resolve, reject) => {
      apollo()
        .watchQuery({ query })
        .subscribe({
          next: ({ data, dataState }) => {
            if (dataState !== "empty") states.push([dataState, structuredClone(data)]);
            if (dataState === "streaming") show();
            if (dataState === "complete") resolve();
          },
          error: reject,
        });
    });
    const person = { __typename: "Person", id: "1", name: "Ada" };
    expect(states).toEqual([
      ["streaming", { person }],
      ["complete", { person: { ...person, slow: "spät" } }],
    ]);
  });

  test("gets the events of a subscription, and nothing of the heartbeats between them", async () => {
    const seen: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      apollo()
        .subscribe({ query: gql("subscription { ticks(count: 3, ms: 120) }") })
        .subscribe({ next: ({ data }) => seen.push(data), error: reject, complete: resolve });
    });
    expect(seen).toEqual([{ ticks: 1 }, { ticks: 2 }, { ticks: 3 }]);
  });

  test("ends the stream when it has enough", async () => {
    await new Promise<void>((resolve, reject) => {
      const subscription = apollo()
        .subscribe({ query: gql("subscription { ticks(count: 100000, ms: 5) }") })
        .subscribe({
          next: () => {
            subscription.unsubscribe();
            resolve();
          },
          error: reject,
        });
    });
    await expect.poll(() => sources.open).toBe(0);
  });

  test("is told when its token runs out", async () => {
    const end = await new Promise((resolve, reject) => {
      apollo({ authorization: "Bearer ada:150" })
        .subscribe({ query: gql("subscription { ticks(count: 100000, ms: 20) }") })
        .subscribe({
          next: ({ error }) => {
            if (error) resolve(error);
          },
          error: resolve,
          complete: () => reject(new Error("completed")),
        });
    });
    expect(JSON.stringify(end) + String(end)).toContain("token ran out");
    await expect.poll(() => sources.open).toBe(0);
  });
});

describe("multipart", () => {
  const post = (accept: string, query: string) =>
    fetch(door.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept },
      body: JSON.stringify({ query }),
    });
  const part = "\r\ncontent-type: application/json; charset=utf-8\r\n\r\n";

  test("parts of an answer are what the specification of 2022-08-24 says", async () => {
    const response = await post("multipart/mixed;deferSpec=20220824", "{ person { id ... @defer { slow } } }");
    expect(response.headers.get("content-type")).toBe('multipart/mixed; boundary="-"; deferSpec=20220824');
    const [before, first, second, after] = (await response.text()).split("\r\n---");
    expect([before, after]).toEqual(["", "--\r\n"]);
    expect(first?.startsWith(part)).toBe(true);
    expect(JSON.parse(second?.slice(part.length) ?? "")).toMatchObject({ hasNext: false });
  });

  test("a subscription is an envelope for each event and a boundary after each", async () => {
    const accept = 'multipart/mixed;boundary=graphql;subscriptionSpec="1.0", application/json';
    const response = await post(accept, "subscription { ticks(count: 2) }");
    expect(response.headers.get("content-type")).toBe('multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"');
    const events = [1, 2].map((ticks) => `${part}{"payload":{"data":{"ticks":${ticks}}}}\r\n--graphql`);
    expect(await response.text()).toBe(`\r\n--graphql${events.join("")}--\r\n`);
  });

  test("an operation that is refused before it starts is no stream", async () => {
    const accept = 'multipart/mixed;subscriptionSpec="1.0", application/graphql-response+json';
    expect((await post(accept, "subscription { nothing }")).status).toBe(400);
  });

  test("a client that takes no parts gets the whole answer in one piece", async () => {
    const response = await post("application/json", "{ person { id } }");
    expect(await response.json()).toEqual({ data: { person: { id: "1" } } });
  });

  test("a client that takes nothing else gets one part", async () => {
    const response = await post("multipart/mixed;deferSpec=20220824", "{ hello }");
    expect(await response.text()).toBe(`\r\n---${part}{"data":{"hello":"Hello Wörld"}}\r\n-----\r\n`);
  });
});
