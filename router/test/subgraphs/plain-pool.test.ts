/** Connections over plain HTTP/1.1: kept, shared out, and given up. */

import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { PlainPool, type PlainPoolOptions } from "../../src/subgraphs/wire/plain/plain-pool.js";
import { eventually } from "./servers.js";

interface Peer {
  readonly url: URL;
  readonly sockets: Socket[];
  readonly heard: string[];
}

/** A server that is told byte by byte what to do. */
async function peer(onRequest: (socket: Socket, text: string, count: number) => void): Promise<Peer> {
  const sockets: Socket[] = [];
  const heard: string[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      heard.push(bytes.toString("latin1"));
      onRequest(socket, bytes.toString("latin1"), heard.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`), sockets, heard };
}

function open({ url }: Pick<Peer, "url">, options: Partial<PlainPoolOptions> = {}): PlainPool {
  const pool = new PlainPool(url, {
    maxConnections: 256,
    connectTimeoutMs: 2_000,
    keepAliveTimeoutMs: 4_000,
    ...options,
  });
  onTestFinished(() => pool.destroy());
  return pool;
}

const request = { path: "/graphql", headers: ["content-type", "application/json"], body: "{}" };

function send(pool: PlainPool, one: typeof request = request, isOver = () => false): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    pool.dispatch(one, {
      onConnect: () => {
        if (isOver()) throw new Error("over");
      },
      onHeaders: () => {},
      onData: (chunk) => {
        text += chunk.toString("latin1");
      },
      onComplete: () => resolve(text),
      onError: reject,
    });
  });
}

const answer = (text: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`;

test("a request is what the grammar says, and one connection serves many", async () => {
  const world = await peer((socket, _, count) => socket.write(answer(`n${count}`)));
  const pool = open(world);
  expect([await send(pool), await send(pool), await send(pool)]).toEqual(["n1", "n2", "n3"]);
  expect(world.sockets).toHaveLength(1);
  expect(world.heard[0]).toBe(
    `POST /graphql HTTP/1.1\r\nhost: ${world.url.host}\r\nconnection: keep-alive\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
  );
});

test("more requests than connections wait for their turn", async () => {
  const world = await peer((socket, _, count) => setTimeout(() => socket.write(answer(`n${count}`)), 5));
  const pool = open(world, { maxConnections: 3 });
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(pool)));
  expect(new Set(answers).size).toBe(20);
  expect(world.sockets.length).toBeLessThanOrEqual(3);
});

test("who waits no longer is not sent, and those behind it are", async () => {
  const world = await peer((socket) => setTimeout(() => socket.write(answer("x")), 20));
  const pool = open(world, { maxConnections: 1 });
  const [first, second, third] = [send(pool), send(pool, request, () => true), send(pool)];
  await expect(second).rejects.toThrow("over");
  expect([await first, await third]).toEqual(["x", "x"]);
  expect(world.heard).toHaveLength(2);
});

test("a connection the other side has closed while idle is not used again", async () => {
  const world = await peer((socket) => socket.write(answer("x")));
  const pool = open(world);
  await send(pool);
  world.sockets[0]?.end();
  await new Promise((resolve) => world.sockets[0]?.once("close", resolve));
  expect(await send(pool)).toBe("x");
  expect(world.sockets).toHaveLength(2);
});

test("a connection that says something unasked is closed", async () => {
  const world = await peer((socket) => socket.write(answer("x")));
  const pool = open(world);
  await send(pool);
  world.sockets[0]?.write(answer("for somebody else"));
  await eventually(() => world.sockets[0]?.destroyed).toBe(true);
  expect(await send(pool)).toBe("x");
});

test("an idle connection is closed before the other side closes it", async () => {
  const kept = await peer((socket) =>
    socket.write("HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 1\r\n\r\nx"),
  );
  await send(open(kept));
  await eventually(() => kept.sockets[0]?.destroyed).toBe(true);
  const silent = await peer((socket) => socket.write(answer("x")));
  await send(open(silent, { keepAliveTimeoutMs: 50 }));
  await eventually(() => silent.sockets[0]?.destroyed).toBe(true);
});

test.each([
  ["closes in the middle of an answer", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", "ECONNRESET"],
  ["answers something else than HTTP", "hello\r\n\r\n", "INVALID_HTTP_RESPONSE"],
])("a peer that %s fails that request alone", async (_, text, code) => {
  const world = await peer((socket, __, count) => socket.end(count === 1 ? text : answer("x")));
  const pool = open(world);
  await expect(send(pool)).rejects.toMatchObject({ code });
  expect(await send(pool)).toBe("x");
});

test("a peer that is not there fails each request with the reason", async () => {
  const world = await peer(() => {});
  const { url } = world;
  const nobody = new URL(url);
  nobody.port = "1";
  const pool = open({ url: nobody });
  const outcomes = await Promise.allSettled([send(pool), send(pool), send(pool)]);
  expect(outcomes.map((one) => one.status === "rejected" && one.reason.code)).toEqual(Array(3).fill("ECONNREFUSED"));
});

test("a header cannot bring another one along", async () => {
  const world = await peer((socket) => socket.write(answer("x")));
  const pool = open(world);
  await expect(send(pool, { ...request, headers: ["a", "b\r\nc: d"] })).rejects.toThrow("cannot be sent");
  await expect(send(pool, { ...request, headers: ["a b", "c"] })).rejects.toThrow("cannot be sent");
  expect(await send(pool, { ...request, headers: ["a", "Zo\u00eb\tb"] })).toBe("x");
  expect(world.heard).toHaveLength(1);
});

test("closing fails what waits and what is under way", async () => {
  const world = await peer(() => {});
  const pool = open(world, { maxConnections: 1 });
  const outcomes = Promise.allSettled([send(pool), send(pool)]);
  await eventually(() => world.heard.length).toBe(1);
  await pool.destroy();
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
