import { request as send } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toJson } from "../../src/request/json-text.js";
import { type Door, openDoor } from "./door.js";

let door: Door;
let proxied: Door;
beforeAll(async () => {
  door = await openDoor({ rules: { cors: { origins: ["https://app.example.org"], exposeHeaders: ["x-mine"] } } });
  proxied = await openDoor({ trustedProxies: ["127.0.0.1", "10.0.0.0/8"] });
});
afterAll(() => Promise.all([door.close(), proxied.close()]));

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** Without the headers and the decompression of `fetch`. */
function post(query: string, headers: Record<string, string> = {}, { url } = door): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send(url, { method: "POST", headers: { "content-type": "application/json", ...headers } });
    request.on("error", reject);
    request.on("response", async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
    });
    request.end(JSON.stringify({ query }));
  });
}

describe("an answer over the threshold", () => {
  const long = "{ long(length: 5000) }";
  const whole = JSON.stringify({ data: { long: "ä".repeat(5_000) } });

  test.each([
    ["gzip", "gzip"],
    ["gzip, deflate, br", "br"],
    ["br;q=0.5, gzip", "gzip"],
    ["*", "br"],
    ["br;q=0, *", "gzip"],
    ["x-gzip", "gzip"],
  ])("is compressed for a client that accepts %s: %s", async (accepted, coding) => {
    const { headers, body } = await post(long, { "accept-encoding": accepted });
    expect(headers["content-encoding"]).toBe(coding);
    expect(headers["content-length"]).toBe(String(body.length));
    expect(headers.vary).toContain("accept-encoding");
    expect((coding === "br" ? brotliDecompressSync(body) : gunzipSync(body)).toString()).toBe(whole);
  });

  test.each([undefined, "identity", "deflate", "gzip;q=0", "identity, gzip;q=0.5", "*;q=0"])(
    "is sent as it is to a client that accepts %s",
    async (accepted) => {
      const { headers, body } = await post(long, accepted === undefined ? {} : { "accept-encoding": accepted });
      expect(headers["content-encoding"]).toBeUndefined();
      expect(headers.vary).toContain("accept-encoding");
      expect(body.toString()).toBe(whole);
    },
  );

  test("is the only one that is compressed, and none where that is off", async () => {
    const accepts = { "accept-encoding": "gzip" };
    expect((await post("{ hello }", accepts)).headers["content-encoding"]).toBeUndefined();
    const small = await openDoor({ compression: { thresholdBytes: 10 } });
    const plain = await openDoor({ compression: false });
    expect((await post("{ hello }", accepts, small)).headers["content-encoding"]).toBe("gzip");
    expect((await post(long, accepts, plain)).headers).toMatchObject({
      "content-length": String(Buffer.byteLength(whole)),
    });
    await Promise.all([small.close(), plain.close()]);
  });
});

describe("the head of an answer", () => {
  test("carries each cookie by itself and the headers subgraphs ask for", async () => {
    const { headers } = await post('{ a: cookie(value: "1") b: cookie(value: "2") }');
    expect(headers["set-cookie"]).toEqual(["a=1", "a=2"]);
    expect(headers["x-answered"]).toBe("2");
  });

  test("says how long an answer may be kept when a subgraph said so", async () => {
    const policies = await openDoor({
      run: async (request, { head }) => {
        const maxAgeSeconds = Number(request.query);
        head.cachePolicy = maxAgeSeconds < 0 ? null : { maxAgeSeconds, scope: "private" };
        return {
          kind: "single",
          answer: { body: { text: "{}" }, status: 200, isRequestError: false },
        };
      },
    });
    const policyOf = async (query: string) => (await post(query, {}, policies)).headers["cache-control"];
    expect([await policyOf("60"), await policyOf("0"), await policyOf("-1")]).toEqual([
      "max-age=60, private",
      "no-store",
      undefined,
    ]);
    await policies.close();
  });

  test("that cannot be written is an internal error, and not the end of the server", async () => {
    const broken = await openDoor({
      run: async (_, { head }) => {
        head.headers.set("x-broken", "line\nbreak");
        return {
          kind: "single",
          answer: { body: { text: "{}" }, status: 200, isRequestError: false },
        };
      },
    });
    expect((await post("{ a }", {}, broken)).status).toBe(500);
    expect((await post("{ a }", {}, broken)).body.toString()).toContain("INTERNAL_SERVER_ERROR");
    await broken.close();
  });

  test("tells its length in bytes", async () => {
    const answers = await openDoor({
      run: async () => ({
        kind: "single",
        answer: { body: { text: toJson("ä") }, status: 200, isRequestError: false },
      }),
    });
    const { headers, body } = await post("{ letter }", {}, answers);
    expect([headers["content-length"], body.toString()]).toEqual(["4", '"ä"']);
    await answers.close();
  });
});

describe("a page of another origin", () => {
  const origin = "https://app.example.org";

  test("may read answers and the headers named for it when its origin is allowed", async () => {
    const { headers } = await post("{ hello }", { origin });
    expect(headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": expect.stringMatching(/x-request-id.*retry-after.*x-mine/),
      vary: "origin",
    });
    const other = await post("{ hello }", { origin: "https://evil.example" });
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
    expect(other.headers.vary).toBe("origin");
  });

  test("may ask first which methods and headers it may use", async () => {
    const ask = (from: string) =>
      fetch(door.url, { method: "OPTIONS", headers: { origin: from, "access-control-request-method": "PUT" } });
    const { status, headers } = await ask(origin);
    expect(status).toBe(204);
    expect(headers.get("access-control-allow-methods")).toBe("GET, POST, PUT, DELETE, OPTIONS");
    expect(headers.get("access-control-allow-headers")).toContain("x-graphql-event-stream-token");
    expect(headers.get("access-control-allow-private-network")).toBeNull();
    expect((await ask("https://evil.example")).headers.get("access-control-allow-methods")).toBeNull();
  });

  test("gets no credentials where every origin may ask", async () => {
    const open = await openDoor({ rules: { cors: { origins: ["*"] } } });
    const { headers } = await post("{ hello }", { origin }, open);
    expect([headers["access-control-allow-origin"], headers["access-control-allow-credentials"]]).toEqual([
      "*",
      undefined,
    ]);
    await open.close();
  });

  test("reads refusals too", async () => {
    const { status, headers } = await post("{ hello }", { origin, authorization: "Bearer forged" });
    expect([status, headers["access-control-allow-origin"]]).toEqual([401, origin]);
  });
});

describe("the address of a client", () => {
  const addressOf = async (forwarded: string | undefined, of = proxied) => {
    const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
    return JSON.parse((await post("{ address }", headers, of)).body.toString()).data.address;
  };

  test.each([
    [undefined, "127.0.0.1"],
    ["203.0.113.7", "203.0.113.7"],
    ["198.51.100.1, 203.0.113.7, 10.1.2.3", "203.0.113.7"],
    ["10.9.9.9, 10.1.2.3", "10.9.9.9"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ["203.0.113.7:5000, ::ffff:10.1.2.3", "203.0.113.7"],
    ["unknown", "127.0.0.1"],
  ])("behind trusted proxies that say %s is %s", async (forwarded, address) => {
    expect(await addressOf(forwarded)).toBe(address);
  });

  test("is not what it says itself", async () => {
    expect(await addressOf("203.0.113.7", door)).toBe("127.0.0.1");
  });
});
