/** The plain way of one body to a subgraph and its answer back. */
import type { Socket } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { RouterError } from "../../src/errors/router-error.js";
import { fromLatin1, toLatin1 } from "../../src/request/json-text.js";
import { connect } from "./connect.js";
import { answering, bodyOf, contextOf, eventually, mutation, query, refusal, serve } from "./servers.js";

describe("a body", () => {
  test("arrives byte by byte, and the answer comes back byte by byte", async () => {
    const { listener, received } = answering({ data: { name: "Zoë ☕ 猫" } });
    const { url } = await serve(listener);
    const body = JSON.stringify({ query: "{ ok }", variables: { name: "Zoë ☕ 猫" } });
    const { text, status } = await connect({ url }).post(query(contextOf(), toLatin1(body)));
    expect(received[0]?.body).toBe(body);
    expect(received[0]?.headers).toMatchObject({ "content-type": "application/json", "x-request-id": "request-0001" });
    expect(status).toBe(200);
    expect(JSON.parse(fromLatin1(text))).toEqual({ data: { name: "Zoë ☕ 猫" } });
  });

  test("goes over a connection that is kept: undici takes turns between two", async () => {
    const server = await serve(answering().listener);
    const connection = connect({ url: server.url });
    for (let call = 0; call < 5; call++) await connection.post(query());
    expect(server.opened()).toBeLessThanOrEqual(2);
  });
});

describe("an answer", () => {
  const answer = JSON.stringify({ data: { name: "Zoë".repeat(100) } });
  test.each([
    ["gzip", gzipSync(answer)],
    ["br", brotliCompressSync(answer)],
    ["deflate", deflateSync(answer)],
    ["deflate", deflateRawSync(answer)],
    ["identity", Buffer.from(answer)],
  ])("in %s is decompressed", async (encoding, bytes) => {
    const { url } = await serve((_, response) => response.writeHead(200, { "content-encoding": encoding }).end(bytes));
    const { text } = await connect({ url }).post(query());
    expect(fromLatin1(text)).toBe(answer);
  });

  test("of the largest size is taken, and one byte more is refused", async () => {
    const { url } = await serve((_, response) => response.end(answer));
    const largest = Buffer.byteLength(answer);
    const taken = await connect({ url, traffic: { maxAnswerBytes: largest } }).post(query());
    expect(taken.text).toHaveLength(largest);
    const refused = connect({ url, traffic: { maxAnswerBytes: largest - 1 } }).post(query());
    expect(await refusal(refused)).toBe("SUBGRAPH_RESPONSE_TOO_LARGE");
  });

  test("is bounded after decompression as well", async () => {
    const bomb = gzipSync(`{"data":"${"0".repeat(10_000_000)}"}`);
    const { url } = await serve((_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb));
    const post = connect({ url, traffic: { maxAnswerBytes: 1_000_000 } }).post(query());
    expect(await refusal(post)).toBe("SUBGRAPH_RESPONSE_TOO_LARGE");
  });

  test("that is not GraphQL is refused; errors with a status of 500 are GraphQL", async () => {
    const page = await serve((_, response) => response.writeHead(502).end("<h1>Bad gateway</h1>"));
    expect(await refusal(connect({ url: page.url }).post(query()))).toBe("SUBGRAPH_INVALID_RESPONSE");
    const broken = await serve((_, response) => response.writeHead(500).end('{"errors":[{"message":"no"}]}'));
    expect(await connect({ url: broken.url }).post(query())).toMatchObject({ status: 500 });
  });

  test("that never comes is given up when the request is aborted, with its reason", async () => {
    const { url } = await serve(() => {});
    const controller = new AbortController();
    const post = connect({ url }).post(query(contextOf({ signal: controller.signal })));
    controller.abort(new RouterError("REQUEST_TIMEOUT", { limit: 1 }));
    expect(await refusal(post)).toBe("REQUEST_TIMEOUT");
    expect(await refusal(connect({ url }).post(query(contextOf({ signal: controller.signal }))))).toBe(
      "REQUEST_TIMEOUT",
    );
  });

  test("later than the subgraph may take is given up, and a quick one is not", async () => {
    const slow = await serve(() => {});
    const quick = await serve(answering().listener);
    expect(await refusal(connect({ url: slow.url, traffic: { timeoutMs: 50 } }).post(query()))).toBe(
      "SUBGRAPH_TIMEOUT",
    );
    expect(await connect({ url: quick.url, traffic: { timeoutMs: 10_000 } }).post(query())).toMatchObject({
      status: 200,
    });
  });
});

describe("an idle connection", () => {
  test("is closed by the router before the subgraph does it", async () => {
    const server = await serve(answering().listener);
    server.server.keepAliveTimeout = 0;
    await connect({ url: server.url, traffic: { keepAliveTimeoutMs: 20 } }).post(query());
    await eventually(() => server.sockets.size).toBe(0);
  });

  test("is kept for a second less than the subgraph says", async () => {
    const server = await serve(
      answering({ data: {} }, { "keep-alive": "timeout=1", connection: "keep-alive" }).listener,
    );
    const connection = connect({ url: server.url, traffic: { keepAliveTimeoutMs: 60_000 } });
    await connection.post(query());
    await eventually(() => server.sockets.size).toBe(0);
  });
});

describe("a connection that breaks", () => {
  test("by never being there makes the subgraph unavailable", async () => {
    const post = connect({ url: "http://127.0.0.1:9/graphql" }).post(mutation());
    expect(await refusal(post)).toBe("SUBGRAPH_UNAVAILABLE");
  });

  test("as the request arrives loses no query", async () => {
    let arrived = 0;
    const answers = answering();
    const server = await serve((request, response) => {
      arrived += 1;
      if (arrived % 2 === 0) request.socket.resetAndDestroy();
      else answers.listener(request, response);
    });
    const connection = connect({ url: server.url });
    for (let call = 0; call < 40; call++) expect(await connection.post(query())).toMatchObject({ status: 200 });
    expect(answers.received).toHaveLength(40);
  });

  test("while idle, at any moment, loses no query and runs no mutation twice", async () => {
    const ran = new Map<string, number>();
    const idle = new Set<Socket>();
    const server = await serve(async (request, response) => {
      idle.delete(request.socket);
      const body = (await bodyOf(request)).toString();
      ran.set(body, (ran.get(body) ?? 0) + 1);
      response.end('{"data":{}}', () => idle.add(request.socket));
    });
    const closing = setInterval(() => {
      for (const socket of idle)
        if (idle.size % 2 === 0) socket.resetAndDestroy();
        else socket.end();
      idle.clear();
    }, 1);
    const connection = connect({ url: server.url });
    const failed = { query: 0, mutation: 0 };
    const callMany = async (make: typeof query, kind: "query" | "mutation") => {
      for (let call = 0; call < 100; call++) {
        const post = connection.post(make(contextOf(), `{"id":"${kind} ${call}"}`));
        await post.catch(() => {
          failed[kind] += 1;
        });
      }
    };
    await Promise.all([callMany(query, "query"), callMany(mutation, "mutation")]);
    clearInterval(closing);
    const mutations = [...ran].filter(([body]) => body.includes("mutation"));
    expect(failed.query).toBe(0);
    expect(mutations.every(([, times]) => times === 1)).toBe(true);
    expect(mutations.length).toBeGreaterThanOrEqual(100 - failed.mutation);
  });

  test("under a mutation fails it, because the subgraph may have acted on it", async () => {
    let arrived = 0;
    const server = await serve((request) => {
      arrived += 1;
      request.socket.resetAndDestroy();
    });
    expect(await refusal(connect({ url: server.url }).post(mutation()))).toBe("SUBGRAPH_UNAVAILABLE");
    expect(arrived).toBe(1);
  });

  test("before a mutation was written costs nothing", async () => {
    const answers = answering();
    const server = await serve(answers.listener);
    const connection = connect({ url: server.url });
    await connection.post(mutation());
    for (const socket of server.sockets) socket.destroy();
    await eventually(() => server.sockets.size).toBe(0);
    expect(await connection.post(mutation())).toMatchObject({ status: 200 });
    expect(answers.received).toHaveLength(2);
  });
});
