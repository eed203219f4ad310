import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Hostile, type HostileOptions, openHostile, startHostile } from "./hostile-world.js";
import { shop } from "./worlds.js";

const body = JSON.stringify({ query: "{ first { id } }" });
const answer = '{"data":{"first":{"id":"1"}}}';

let world: Hostile;
beforeAll(async () => {
  world = await openHostile(shop.subgraphs, { cors: { origins: ["https://good.example"] } });
});
beforeEach(() => {
  world.received.length = 0;
});
afterAll(() => world.close());

/** What comes back for these bytes, until the connection is closed by the server or quiet. */
function sent(to: Hostile, ...lines: (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(to.router.port, "127.0.0.1");
    const done = () => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString("latin1"));
    };
    let quiet = setTimeout(done, 2_000);
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      clearTimeout(quiet);
      quiet = setTimeout(done, 500);
    });
    socket.on("error", () => {});
    socket.on("close", done);
    for (const line of lines) socket.write(line);
  });
}

const statuses = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status ?? "");
const post = (headers: readonly string[], content = body, target = "/graphql") =>
  [`POST ${target} HTTP/1.1`, "host: x", "content-type: application/json", ...headers, "", content].join("\r\n");
const sized = (content: string) => `content-length: ${Buffer.byteLength(content)}`;

describe("a request whose length can be read in two ways", () => {
  const hidden = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n";

  test("is refused, and nothing behind it is taken for another one", async () => {
    const chunked = `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const twoWays: readonly (readonly [headers: string[], content: string])[] = [
      [[sized(body), "transfer-encoding: chunked"], chunked],
      [["transfer-encoding: chunked", sized(body)], chunked],
      [[sized(body), "content-length: 1"], body],
      [["content-length: 1, 2"], body],
      [["transfer-encoding: chunked, identity"], chunked],
      [["transfer-encoding: xchunked"], chunked],
      [["transfer-encoding : chunked"], chunked],
      [["content-length: +5"], body],
      [["content-length: 0x10"], body],
      [["transfer-encoding: chunked"], `5;a\n${body}\r\n0\r\n\r\n`],
      [["x: y\r\n\tfolded"], body],
    ];
    for (const [headers, content] of twoWays) {
      const text = await sent(world, post(headers, `${content}${hidden}`));
      expect([headers, statuses(text).filter((status) => status === "200")]).toEqual([headers, []]);
    }
    expect(world.received).toEqual([]);
    expect(statuses(await sent(world, post([sized(body)])))).toEqual(["200"]);
    expect(statuses(await sent(world, post(["transfer-encoding: chunked"], chunked)))).toEqual(["200"]);
    expect(statuses(await sent(world, post([sized(body)], body + hidden)))).toEqual(["200", "200"]);
  });
});

describe("a body", () => {
  const ask = (content: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(world.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof content === "string" ? content : new Uint8Array(content),
    });

  test("in another encoding than UTF-8, or compressed, is refused", async () => {
    expect(await (await ask(body)).text()).toBe(answer);
    expect(await (await ask(body, { "content-type": "application/json; charset=UTF-8" })).text()).toBe(answer);
    expect(await (await ask(body, { "content-type": 'application/graphql+json;charset="utf-8"' })).text()).toBe(answer);
    expect(await (await ask(`\ufeff${body}`)).text()).toBe(answer);
    for (const charset of ["utf-16", "utf-7", "latin1", "utf-8x", "utf-8;charset=utf-16"]) {
      const { status } = await ask(body, { "content-type": `application/json; charset=${charset}` });
      expect([charset, status]).toEqual([charset, charset.startsWith("utf-8;") ? 200 : 415]);
    }
    expect((await ask(gzipSync(body), { "content-encoding": "gzip" })).status).toBe(415);
    expect((await ask(gzipSync(Buffer.alloc(20_000_000)), { "content-encoding": "gzip" })).status).toBe(415);
    expect((await ask(body, { "content-encoding": "identity" })).status).toBe(200);
    expect((await ask(Buffer.from(body, "utf16le"))).status).toBe(400);
  });

  test("that is no UTF-8 gives an answer that is", async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"query":"{ first { \\"'),
      Buffer.from([0xff, 0xc3, 0x28]),
      Buffer.from('\\" } }"}'),
    ]);
    const response = await ask(bytes);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await response.arrayBuffer());
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: "GRAPHQL_PARSE_FAILED" } }] });
  });

  test("larger than allowed is refused, said so or not, and the next request is served", async () => {
    const small = await startHostile(shop.subgraphs, { limits: { bodyBytes: 1_000 } });
    const big = JSON.stringify({ query: "{ first { id } }", variables: { x: "x".repeat(5_000) } });
    expect(statuses(await sent(small, post([sized(big)], big)))).toEqual(["413"]);
    expect(statuses(await sent(small, post(["content-length: 99999999999999999999"], "x")))[0]).toMatch(/^4/);
    const chunks = Array.from({ length: 30 }, () => `c8\r\n${"x".repeat(200)}\r\n`);
    expect(statuses(await sent(small, post(["transfer-encoding: chunked"], ""), ...chunks))).toEqual(["413"]);
    expect(statuses(await sent(small, post([sized(body)])))).toEqual(["200"]);
  });

  test("of wrong JSON is refused with a status, and never with a crash", async () => {
    const bodies = [
      "",
      "null",
      "7",
      '"x"',
      "[]",
      "[[]]",
      "[null]",
      "{",
      "{}",
      '{"query":7}',
      '{"query":"{a}","variables":[]}',
    ];
    const deep = `{"query":"{ first { id } }","variables":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
    const nested = `{"query":"{ first { id } }","variables":{"a":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}}`;
    for (const one of [...bodies, deep, `${"[".repeat(300_000)}`]) {
      const { status } = await ask(one);
      expect([one.slice(0, 40), [200, 400].includes(status)]).toEqual([one.slice(0, 40), true]);
    }
    expect((await ask(nested)).status).toBeLessThan(500);
    expect(await (await ask(body)).text()).toBe(answer);
  });
});

describe("a page of another site", () => {
  const ask = (init: RequestInit, to = world.url) => fetch(to, init);

  test("cannot send what browsers send without asking", async () => {
    const simple: readonly RequestInit[] = [
      { method: "POST", headers: { "content-type": "text/plain" }, body },
      { method: "POST", headers: { "content-type": "text/plain; charset=application/json" }, body },
      { method: "POST", headers: { "content-type": "text/plain;application/json" }, body },
      { method: "POST", headers: { "content-type": "TEXT/PLAIN" }, body },
      { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "query={first{id}}" },
      { method: "POST", body: new FormData() },
      { method: "POST", headers: { "content-type": "multipart/form-data; boundary=x" }, body },
      { method: "POST", headers: { "content-type": "application/json, text/plain" }, body },
      { method: "POST", headers: { "content-type": "" }, body },
      { method: "GET" },
      { method: "HEAD" },
    ];
    for (const init of simple) {
      const url = init.method === "POST" ? world.url : `${world.url}?query={first{id}}`;
      expect((await ask(init, url)).status).toBeGreaterThanOrEqual(400);
    }
    expect(world.received).toEqual([]);
    const meant = { method: "GET", headers: { "apollo-require-preflight": "1" } };
    expect(await (await ask(meant, `${world.url}?query={first{id}}`)).text()).toBe(answer);
  });

  test("is let in by its exact origin, and others get nothing they may read", async () => {
    const asking = (origin: string) =>
      ask({
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
      });
    const good = await asking("https://good.example");
    expect(good.headers.get("access-control-allow-origin")).toBe("https://good.example");
    expect(good.headers.get("access-control-allow-credentials")).toBe("true");
    for (const origin of [
      "https://good.example.evil",
      "http://good.example",
      "https://evil.good.example",
      "null",
      "https://good.example:444",
      "https://GOOD.example",
      "*",
    ]) {
      const { headers } = await asking(origin);
      expect([
        origin,
        headers.get("access-control-allow-origin"),
        headers.get("access-control-allow-credentials"),
      ]).toEqual([origin, null, null]);
      expect(headers.get("vary")).toContain("origin");
    }
    const open = await startHostile(shop.subgraphs, { cors: { origins: ["*"], credentials: true } });
    const { headers } = await ask(
      { method: "POST", headers: { origin: "https://any.example", "content-type": "application/json" }, body },
      open.url,
    );
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
  });
});

describe("methods and paths", () => {
  test("are taken as they are written", async () => {
    const targets: Readonly<Record<string, string>> = {
      "/graphql": "200",
      "/graphql?x=1": "200",
      "/graphql/": "404",
      "//graphql": "404",
      "/GRAPHQL": "404",
      "/graphql/../graphql": "404",
      "/graphql%2f": "404",
      "/graphql;x": "404",
      "/%67raphql": "404",
      "http://evil/graphql": "404",
      "*": "404",
    };
    for (const [target, status] of Object.entries(targets)) {
      expect([target, ...statuses(await sent(world, post([sized(body)], body, target)))]).toEqual([target, status]);
    }
  });

  test("that GraphQL does not have are refused, and cannot be chosen by a header or parameter", async () => {
    const mutation = encodeURIComponent("mutation { x }");
    const get = { method: "GET", headers: { "apollo-require-preflight": "1", "x-http-method-override": "POST" } };
    expect((await fetch(`${world.url}?query=${mutation}&_method=POST`, get)).status).toBeGreaterThanOrEqual(400);
    for (const method of ["PATCH", "TRACE", "FOO", "CONNECT", "PROPFIND"]) {
      const text = await sent(
        world,
        `${method} /graphql HTTP/1.1\r\nhost: x\r\n${sized(body)}\r\ncontent-type: application/json\r\n\r\n${body}`,
      );
      expect([method, statuses(text).filter((status) => status < "400")]).toEqual([method, []]);
    }
    expect(world.received).toEqual([]);
    const head = await fetch(`${world.url}?query={first{id}}`, {
      method: "HEAD",
      headers: { "apollo-require-preflight": "1" },
    });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test("with a parameter given twice are refused", async () => {
    const get = { headers: { "apollo-require-preflight": "1" } };
    expect((await fetch(`${world.url}?query={first{id}}&query={items{id}}`, get)).status).toBe(400);
    expect((await fetch(`${world.url}?query={first{id}}&variables={}&variables={}`, get)).status).toBe(400);
    expect((await fetch(`${world.url}?query={first{id}}&variables={}`, get)).status).toBe(200);
  });
});

describe("who is slow", () => {
  const slow: HostileOptions = { requestTimeoutMs: 2_000 };

  test("in sending a head or a body is let go, and others are served meanwhile", async () => {
    const small = await startHostile(shop.subgraphs, slow);
    const parts = [
      ["POST /graphql HTTP/1.1\r\nhost: x\r\n"],
      [post([sized(body)], body.slice(0, 5))],
      [post(["transfer-encoding: chunked"], "1\r\n{\r\n")],
      [
        post(
          ["content-type: multipart/form-data; boundary=x", "apollo-require-preflight: 1", "content-length: 900"],
          "--x\r\n",
        ),
      ],
    ];
    const open = parts.map(
      ([start]) =>
        new Promise<string>((resolve) => {
          const socket = connect(small.router.port, "127.0.0.1");
          let text = "";
          socket.on("data", (chunk) => {
            text += chunk;
          });
          socket.on("error", () => {});
          socket.on("close", () => resolve(text));
          socket.write(start ?? "");
          const drip = setInterval(() => socket.write(" "), 400);
          socket.on("close", () => clearInterval(drip));
        }),
    );
    expect((await small.ask("{ first { id } }")).data).toEqual({ first: { id: "1" } });
    for (const text of await Promise.all(open)) expect(statuses(text).join()).toMatch(/^(408|4\d\d)?$/);
  });
});
