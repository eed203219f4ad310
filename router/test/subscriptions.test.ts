/** Subscriptions in process: one subgraph has the stream, the others complete each event. */
import type { GraphQLError } from "graphql";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { client, take } from "./world/socket.js";
import { startWorld, type World } from "./world/world.js";

let world: World;
beforeAll(async () => {
  // So no deadline aborts what a client has to.
  world = await startWorld({ requestTimeoutMs: 600_000 });
});
beforeEach(() => {
  world.calls.length = 0;
});
afterAll(() => world.router.close());

const subscribe = (query: string, token?: string, variables = {}) =>
  take(client(world.router, token === undefined ? {} : { authorization: `Bearer ${token}` }), query, 100, variables);
const codes = (errors: readonly GraphQLError[] | undefined) =>
  errors?.map(({ path, extensions }) => [extensions?.code, path?.join(".")]);

describe("an event", () => {
  test("is sent on as it comes when its subgraph has everything", async () => {
    expect(await subscribe("subscription { readings(count: 2) { id value } }")).toEqual([
      { data: { readings: { id: "r1", value: 0.5 } } },
      { data: { readings: { id: "r2", value: 1 } } },
    ]);
    expect(world.calls.map(({ subgraph }) => subgraph)).toEqual(["feed"]);
  });

  test("is completed from other subgraphs, with @requires between them", async () => {
    const [event] = await subscribe(
      "subscription { readings(count: 1) { id by { name sites { name } } site { name kind intensity manager { name } } } }",
    );
    expect(event).toEqual({
      data: {
        readings: {
          id: "r1",
          by: { name: "Ada", sites: [{ name: "Berlin" }, { name: "Oslo" }] },
          site: { name: "Berlin", kind: "PLANT", intensity: 2, manager: { name: "Ada" } },
        },
      },
    });
  });

  test("asks for an entity once, however often it shows it", async () => {
    const [event] = await subscribe("subscription { readings(count: 1) { also { name } } }");
    expect(event?.data).toEqual({ readings: { also: [{ name: "Berlin" }, { name: "Oslo" }, { name: "Berlin" }] } });
    const asked = world.calls.find(({ subgraph }) => subgraph === "sites")?.request.variables?.representations;
    expect(asked).toEqual([
      { __typename: "Site", id: "s1" },
      { __typename: "Site", id: "s2" },
    ]);
  });

  test("keeps aliases, fragments, abstract types, __typename and variables with defaults", async () => {
    const text = `subscription S($site: ID = "s2", $more: Boolean = true) {
      event: readings(site: $site, count: 2) {
        __typename key: id ...More @include(if: $more)
        signal { kind: __typename ... on Alarm { level } ... on Reading { at by @skip(if: $more) { id } } }
      }
    }
    fragment More on Reading { where: site { label: name size: area } }`;
    const where = { label: "Oslo", size: 0 };
    expect((await subscribe(text)).map(({ data }) => data)).toEqual([
      { event: { __typename: "Reading", key: "r1", where, signal: { kind: "Alarm", level: 3 } } },
      { event: { __typename: "Reading", key: "r2", where, signal: { kind: "Reading", at: 0 } } },
    ]);
    const [without] = await subscribe(text, undefined, { more: false });
    expect(without?.data?.event).not.toHaveProperty("where");
  });
});

describe("what goes wrong in an event", () => {
  test("at one entity is reported at every place that shows it, and the rest is there", async () => {
    const [event] = await subscribe('subscription { readings(site: "s3", count: 1) { id site { name } by { name } } }');
    expect(event?.data).toEqual({ readings: { id: "r1", site: null, by: { name: "Ada" } } });
    expect(codes(event?.errors)).toEqual([["SITE_CLOSED", "readings.site"]]);
  });

  test("at a missing entity makes its non-null field, and so the object, null", async () => {
    const [event] = await subscribe('subscription { readings(site: "s9", count: 1) { id site { id name } } }');
    expect(event?.data).toEqual({ readings: { id: "r1", site: null } });
    expect(codes(event?.errors)).toEqual([["INTERNAL_SERVER_ERROR", "readings.site.name"]]);
  });

  test("does not end the stream", async () => {
    const events = await subscribe('subscription { readings(site: "s3", count: 3) { site { name } } }');
    expect(events).toHaveLength(3);
  });
});

describe("access to a subscription", () => {
  test("without the scope there is no stream, and its subgraph is not asked", async () => {
    await expect(subscribe("subscription { audit { id } }")).rejects.toMatchObject([
      { path: ["audit"], extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE", module: "router" } },
    ]);
    expect(world.calls).toEqual([]);
    expect(await subscribe("subscription { audit { id } }", "audit:read")).toEqual([{ data: { audit: { id: "r1" } } }]);
  });

  test("a field that may not be seen is null in every event, and not fetched", async () => {
    const text = "subscription { readings(count: 2) { id note by { name email } } }";
    for (const { data, errors } of await subscribe(text)) {
      expect(data).toMatchObject({ readings: { note: null, by: { name: "Ada", email: null } } });
      expect(codes(errors)).toEqual([
        ["UNAUTHORIZED_FIELD_OR_TYPE", "readings.note"],
        ["UNAUTHORIZED_FIELD_OR_TYPE", "readings.by.email"],
      ]);
    }
    expect(world.calls.map(({ request }) => request.query).join()).not.toMatch(/note|email/);
    const [allowed] = await subscribe(text, "people:read");
    expect(allowed).toEqual({
      data: { readings: { id: "r1", note: "calm", by: { name: "Ada", email: "ada@example.org" } } },
    });
  });
});

describe("a subscription is refused", () => {
  test("by its subgraph, with the subgraph's error", async () => {
    await expect(subscribe("subscription { refused { id } }")).rejects.toMatchObject([
      {
        message: "The feed is full.",
        extensions: { code: "FEED_FULL", module: "feed", requestId: expect.any(String) },
      },
    ]);
  });

  test("when it is not valid", async () => {
    await expect(subscribe("subscription { nothing }")).rejects.toMatchObject([
      { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } },
    ]);
    await expect(subscribe("subscription ($ms: Int!) { ticks(ms: $ms) { at } }")).rejects.toMatchObject([
      { extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});

test("a client that leaves ends the stream of the subgraph", async () => {
  const events = await take(client(world.router), "subscription { ticks(ms: 5) { at } }", 3);
  expect(events.map(({ data }) => data)).toEqual([0, 1, 2].map((at) => ({ ticks: { at } })));
  await expect.poll(() => world.calls[0]?.request.facts.signal.aborted).toBe(true);
});

test("a stream that is silent ends at once when its client leaves", async () => {
  const stream = client(world.router).iterate({ query: "subscription { ticks(ms: 60000) { at } }" });
  await stream.next();
  await stream.return?.();
  await expect.poll(() => world.calls[0]?.request.facts.signal.aborted).toBe(true);
});
