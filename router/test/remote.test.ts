/** The same world with its subgraphs behind sockets: HTTP for requests, graphql-transport-ws for streams. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { SubgraphConnection } from "@tessera/shared-types";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectRemote } from "../src/index.js";
import { EventQueue } from "../src/subgraphs/event-queue.js";
import { type RemoteSubgraph, serveWorld } from "./world/remote.js";
import type { Call } from "./world/resolvers.js";
import { client, take } from "./world/socket.js";
import { startWorld, type World } from "./world/world.js";

const calls: Call[] = [];
let subgraphs: RemoteSubgraph[];
let connections: SubgraphConnection[];
let world: World;
beforeAll(async () => {
  subgraphs = await serveWorld(calls);
  connections = subgraphs.map(({ name, url }) => connectRemote({ name, url }));
  world = await startWorld({ connections, requestTimeoutMs: 3_000 });
});
beforeEach(() => {
  calls.length = 0;
  for (const { headers } of subgraphs) headers.length = 0;
});
afterAll(async () => {
  await world.router.close();
  await Promise.all(connections.map((connection) => connection.close()));
  await Promise.all(subgraphs.map((subgraph) => subgraph.close()));
});

describe("requests", () => {
  test("are answered from three processes' worth of subgraphs", async () => {
    const { data, errors } = await world.ask("{ latest { id by { name } site { name intensity } } }");
    expect(errors).toBeUndefined();
    expect(data).toEqual({ latest: { id: "r1", by: { name: "Ada" }, site: { name: "Berlin", intensity: 2 } } });
  });

  test("carry the token, the request id, the cookie and the time that is left", async () => {
    const headers = { "x-request-id": "caller-0009", cookie: "session=1" };
    await world.ask("{ people { id } }", { token: "people:read", headers });
    const [sent] = subgraphs.find(({ name }) => name === "people")?.headers ?? [];
    expect(sent).toMatchObject({ authorization: "Bearer people:read", ...headers });
    expect(Number(sent?.["x-tessera-deadline"])).toBeGreaterThan(0);
    expect(Number(sent?.["x-tessera-deadline"])).toBeLessThanOrEqual(3_000);
  });

  test("bring every Set-Cookie and every coded error back", async () => {
    const { headers } = await world.ask('mutation { logIn(name: "ada") { id } }');
    expect(headers.getSetCookie()).toEqual(["session=ada; HttpOnly", "seen=1"]);
    const { errors } = await world.ask("{ secretly }");
    expect(errors?.[0]).toMatchObject({
      path: ["secretly"],
      extensions: { code: "PERSON_LOCKED", details: { id: "p1" } },
    });
  });

  test("are aborted at the deadline", async () => {
    const { errors } = await world.ask("{ slow }");
    expect(errors?.[0]?.extensions.code).toBe("REQUEST_TIMEOUT");
    await expect.poll(() => calls[0]?.request.facts.signal.aborted).toBe(true);
  });
});

describe("a subgraph that fails", () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function withPeopleAt(url: string): Promise<World> {
    const people = connectRemote({ name: "people", url });
    const others = connections.filter(({ name }) => name !== "people");
    const other = await startWorld({ connections: [people, ...others] });
    closing.push(other.router.close, () => people.close());
    return other;
  }

  test("by not being there costs its own fields only", async () => {
    const other = await withPeopleAt("http://127.0.0.1:9/graphql");
    const { data, errors, status } = await other.ask('{ latest { id by { name } } site(id: "s1") { name } }');
    expect(status).toBe(200);
    expect(data).toEqual({ latest: { id: "r1", by: { name: null } }, site: { name: "Berlin" } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "SUBGRAPH_UNAVAILABLE", details: { subgraph: "people" } });
  });

  test("by answering something that is not GraphQL is reported as such", async () => {
    const server = createServer((_, response) => response.writeHead(502).end("<h1>Bad gateway</h1>"));
    await new Promise<void>((resolve) => server.listen(0, resolve));
    closing.push(async () => server.close());
    const other = await withPeopleAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
    const { errors } = await other.ask('{ person(id: "p1") { id } }');
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "SUBGRAPH_INVALID_RESPONSE",
      details: { subgraph: "people" },
    });
  });
});

describe("subscriptions", () => {
  const feed = () => subgraphs.find(({ name }) => name === "feed") as RemoteSubgraph;

  test("stream over a socket and are completed over HTTP", async () => {
    const events = await take(
      client(world.router),
      "subscription { readings(count: 2) { id by { name } site { intensity } } }",
    );
    expect(events).toEqual(
      [1, 2].map((id) => ({ data: { readings: { id: `r${id}`, by: { name: "Ada" }, site: { intensity: 2 } } } })),
    );
  });

  test("share one socket, and each says who asks", async () => {
    const text = "subscription { ticks(ms: 5) { at } }";
    const one = client(world.router, { authorization: "Bearer people:read" }).iterate({ query: text });
    const two = client(world.router).iterate({ query: text });
    await Promise.all([one.next(), two.next()]);
    expect(feed().sockets.clients.size).toBe(1);
    expect(
      feed()
        .headers.map(({ authorization }) => authorization)
        .sort(),
    ).toEqual(["Bearer people:read", undefined]);
    await Promise.all([one.return?.(), two.return?.()]);
    await expect.poll(() => calls.every(({ request }) => request.facts.signal.aborted)).toBe(true);
  });

  test("end with an error when the subgraph goes away, and can be started again", async () => {
    const text = "subscription { ticks(ms: 5) { at } }";
    const broken = take(client(world.router), text).catch((error) => error);
    await expect.poll(() => calls.length).toBe(1);
    for (const socket of feed().sockets.clients) socket.terminate();
    expect(await broken).toMatchObject([{ extensions: { code: "SUBGRAPH_UNAVAILABLE" } }]);
    expect(await take(client(world.router), text, 2)).toHaveLength(2);
  });
});

describe("events that wait for a slow reader", () => {
  test("are kept up to the limit, and then the stream ends with a reason", async () => {
    let left = 0;
    const queue = new EventQueue<number>(2, () => left++);
    queue.push(1);
    queue.push(2);
    expect(await queue.next()).toEqual({ done: false, value: 1 });
    queue.push(3);
    expect(left).toBe(0);
    queue.push(4);
    await expect(queue.next()).rejects.toMatchObject({ code: "SLOW_CONSUMER", extensions: { details: { limit: 2 } } });
    expect(await queue.next()).toEqual({ done: true, value: undefined });
    expect(left).toBe(1);
  });

  test("are delivered before the end", async () => {
    const queue = new EventQueue<number>(5, () => {});
    queue.push(1);
    queue.complete();
    queue.push(2);
    expect(await queue.next()).toEqual({ done: false, value: 1 });
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });
});
