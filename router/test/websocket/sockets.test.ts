import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toJson } from "../../src/request/json-text.js";
import { type Door, openDoor } from "../http/door.js";
import { sources } from "../http/schema.js";
import { client, initiated, rawSocket, take } from "./socket-clients.js";

const gauge = {
  open: 0,
  inc() {
    this.open += 1;
  },
  dec() {
    this.open -= 1;
  },
};
let door: Door;
beforeAll(async () => {
  door = await openDoor({ operationsPerSocket: 2, activeStreams: gauge });
});
afterAll(() => door.close());

const subscribe = (id: string, query: string, more = {}) => ({ type: "subscribe", id, payload: { query, ...more } });
const endless = "subscription { ticks(count: 100000, ms: 5) }";

describe("operations", () => {
  test("are answered with every character intact", async () => {
    expect(await take(client(door), '{ hello(name: "Zoë 🏊") }')).toEqual([{ data: { hello: "Hello Zoë 🏊" } }]);
  });

  test("may change something", async () => {
    expect(await take(client(door), "mutation { count(by: 0) }")).toEqual([{ data: { count: expect.any(Number) } }]);
  });

  test("may be answered in parts", async () => {
    const first = { data: { a: 1 }, hasNext: true };
    const deferring = await openDoor({
      run: async () => ({
        kind: "parts",
        parts: (async function* () {
          yield { body: { text: toJson(first) }, hasNext: true };
          yield { body: { text: '{"incremental":[],"hasNext":false}' }, hasNext: false };
        })(),
      }),
    });
    expect(await take(client(deferring), "{ a }")).toEqual([first, { incremental: [], hasNext: false }]);
    await deferring.close();
  });

  test("may be streams, which end by themselves or when the client has enough", async () => {
    expect(await take(client(door), "subscription { ticks(count: 3) }")).toEqual(
      [1, 2, 3].map((ticks) => ({ data: { ticks } })),
    );
    expect(await take(client(door), endless, 2)).toHaveLength(2);
    await expect.poll(() => [sources.open, gauge.open]).toEqual([0, 0]);
  });

  test("keep their errors beside their data, and are refused with errors alone", async () => {
    const [answer] = await take(client(door), "{ broken }");
    expect(answer).toMatchObject({ data: { broken: null }, errors: [{ message: "broken" }] });
    await expect(take(client(door), "{ nothing }")).rejects.toMatchObject([
      { message: expect.stringMatching("nothing") },
    ]);
  });

  test("are over when their source fails, and others go on", async () => {
    const failing = await openDoor({
      run: async () => ({
        kind: "events",
        events: (async function* () {
          yield { body: { text: '{"data":1}' }, status: 200, isRequestError: false };
          throw new Error("secret");
        })(),
      }),
    });
    const raw = await initiated(failing);
    raw.send(subscribe("1", "subscription { a }"));
    const errors = (await raw.heard("error", "1")) as { message: string; extensions: { code: string } }[];
    expect(errors[0]?.extensions.code).toBe("INTERNAL_SERVER_ERROR");
    expect(JSON.stringify(errors)).not.toContain("secret");
    raw.send(subscribe("2", "subscription { a }"));
    await raw.heard("next", "2");
    raw.socket.close();
    await failing.close();
  });

  test("end with the socket", async () => {
    const raw = await initiated(door);
    raw.send(subscribe("1", endless));
    await raw.heard("next", "1");
    raw.socket.close();
    await expect.poll(() => sources.open).toBe(0);
    expect(door.seen.at(-1)?.context.facts.signal.aborted).toBe(true);
  });

  test("are refused when too many run, and taken again when one is complete", async () => {
    const raw = await initiated(door);
    raw.send(subscribe("1", endless));
    raw.send(subscribe("2", endless));
    raw.send(subscribe("3", endless));
    expect(await raw.heard("error", "3")).toMatchObject([{ extensions: { code: "TOO_MANY_OPERATIONS" } }]);
    raw.send({ type: "complete", id: "1" });
    raw.send(subscribe("4", endless));
    await raw.heard("next", "4");
    raw.socket.close();
  });

  test("carry no cookie, and say who asks from where", async () => {
    await take(client(door, { "X-Api-Key": "k" }), "{ who }");
    const { facts, clientHeaders } = door.seen.at(-1)?.context ?? {};
    expect(facts).not.toHaveProperty("cookie");
    expect(facts?.clientAddress).toBe("127.0.0.1");
    expect(clientHeaders).toEqual({ "x-api-key": "k" });
  });
});

test("a client that does not read slows its own stream and nothing else", async () => {
  const raw = await initiated(door);
  raw.socket.pause();
  raw.send(subscribe("1", "subscription { flood }"));
  await expect.poll(() => sources.made).toBeGreaterThan(10);
  let before = -1;
  await expect
    .poll(
      () => {
        const isSlowed = before === sources.made;
        before = sources.made;
        return isSlowed;
      },
      { interval: 100, timeout: 20_000 },
    )
    .toBe(true);
  expect(await take(client(door), "{ hello }")).toHaveLength(1);
  raw.socket.terminate();
  await expect.poll(() => sources.open).toBe(0);
});

describe("the protocol", () => {
  test.each([
    ["no subprotocol", 4406, async () => rawSocket(door, [])],
    [
      "an operation before the connection is initiated",
      4401,
      async () => {
        const raw = await rawSocket(door);
        raw.send(subscribe("1", "{ hello }"));
        return raw;
      },
    ],
    [
      "two initiations",
      4429,
      async () => {
        const raw = await initiated(door);
        raw.send({ type: "connection_init" });
        return raw;
      },
    ],
    [
      "an id that is in use",
      4409,
      async () => {
        const raw = await initiated(door);
        raw.send(subscribe("1", endless));
        await raw.heard("next");
        raw.send(subscribe("1", endless));
        return raw;
      },
    ],
    [
      "what is no message",
      4400,
      async () => {
        const raw = await initiated(door);
        raw.send({ type: "hello" });
        return raw;
      },
    ],
    ["silence", 4408, async () => rawSocket(door)],
  ])("closes the socket for %s", async (_, code, open) => {
    const raw = await open();
    expect((await raw.closed)[0]).toBe(code);
  });

  test("lets an id be used again when its operation is over", async () => {
    const raw = await initiated(door);
    raw.send(subscribe("1", "{ hello }"));
    await raw.heard("complete", "1");
    raw.messages.length = 0;
    raw.send(subscribe("1", "{ hello }"));
    await raw.heard("complete", "1");
    raw.socket.close();
  });

  test("answers a ping with what it said", async () => {
    const raw = await initiated(door);
    raw.send({ type: "ping", payload: { a: 1 } });
    expect(await raw.heard("pong")).toEqual({ a: 1 });
    raw.socket.close();
  });

  test("disconnects who does not answer pings, and keeps who does", async () => {
    const quick = await openDoor({ pingEveryMs: 500 });
    const deaf = await initiated(quick);
    const listening = await initiated(quick);
    deaf.socket.pause();
    const { server } = quick.server;
    const open = () => new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
    await expect.poll(open).toBe(1);
    deaf.socket.resume();
    expect(await deaf.closed).toEqual([1013, "PING_NOT_ANSWERED"]);
    expect(listening.socket.readyState).toBe(listening.socket.OPEN);
    listening.socket.close();
    await quick.close();
  });
});

describe("identity", () => {
  test.each([
    ["a forged token, for good", "Bearer forged", 4401, "TOKEN_INVALID"],
    ["a token that runs out, so that a fresh one is tried", "Bearer ada:100", 4403, "TOKEN_EXPIRED"],
  ])("closes the socket for %s", async (_, authorization, code, reason) => {
    expect(await (await initiated(door, { authorization })).closed).toEqual([code, reason]);
  });

  test("may be renewed by a ping, and the streams go on", async () => {
    const raw = await initiated(door, { Authorization: "Bearer ada:2000" });
    raw.send(subscribe("1", endless));
    await raw.heard("next");
    raw.send({ type: "ping", payload: { authorization: "Bearer ada:60000" } });
    expect(await raw.heard("pong")).toMatchObject({ renewed: true });
    const { facts } = door.seen.at(-1)?.context ?? {};
    expect(facts?.deadline).toBeGreaterThan(Date.now() + 30_000);
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    raw.messages.length = 0;
    await raw.heard("next", "1");
    raw.socket.close();
  });

  test("that is another person's closes the socket", async () => {
    const raw = await initiated(door, { authorization: "Bearer ada" });
    raw.send({ type: "ping", payload: { authorization: "Bearer bob" } });
    expect(await raw.closed).toEqual([4403, "OTHER_IDENTITY"]);
  });

  test("that may see something else ends the streams of the old one, not the socket", async () => {
    const raw = await initiated(door, { authorization: "Bearer ada" });
    raw.send(subscribe("1", endless));
    await raw.heard("next");
    raw.send({ type: "ping", payload: { authorization: "Bearer ada+admin" } });
    expect(await raw.heard("error", "1")).toMatchObject([{ extensions: { code: "ACCESS_CHANGED" } }]);
    raw.send(subscribe("1", "{ who }"));
    expect(await raw.heard("complete", "1")).toBeUndefined();
    raw.socket.close();
  });

  test("comes with each operation of an explorer, on a socket that said nothing", async () => {
    const ask = (authorization: string) => take(client(door), "{ who }", 1, { headers: { authorization } });
    expect(await ask("Bearer ada")).toEqual([{ data: { who: "ada" } }]);
    await expect(ask("Bearer forged")).rejects.toMatchObject([{ extensions: { code: "TOKEN_INVALID" } }]);
    const stream = take(client(door), endless, 1000, { headers: { authorization: "Bearer ada:100" } });
    await expect(stream).rejects.toMatchObject([{ extensions: { code: "TOKEN_EXPIRED" } }]);
  });

  test("of a socket is not changed by what an operation says", async () => {
    const ada = client(door, { authorization: "Bearer ada" });
    const headers = { authorization: "Bearer bob", "x-more": "1" };
    expect(await take(ada, "{ who }", 1, { headers })).toEqual([{ data: { who: "ada" } }]);
    expect(door.seen.at(-1)?.context.clientHeaders).toEqual({ authorization: "Bearer ada", "x-more": "1" });
  });
});

test("shutting down waits for queries and closes with 1001", async () => {
  const other = await openDoor();
  const raw = await initiated(other);
  raw.send(subscribe("s", endless));
  raw.send(subscribe("q", "{ wait(ms: 150) }"));
  await raw.heard("next", "s");
  await other.close();
  expect(await raw.closed).toEqual([1001, "Going away"]);
  expect(await raw.heard("next", "q")).toEqual({ data: { wait: 150 } });
});

test("only the path of GraphQL is a socket", async () => {
  const wrong = { ...door, socketUrl: door.socketUrl.replace("/graphql", "/other") };
  await expect(rawSocket(wrong)).rejects.toThrow("404");
});
