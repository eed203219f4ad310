import { request as send } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Door, openDoor } from "./door.js";

let door: Door;
beforeAll(async () => {
  door = await openDoor({ bodyBytes: 2_000 });
});
afterAll(() => door.close());

const json = { "content-type": "application/json" };
const preflight = { "apollo-require-preflight": "1" };

async function ask(init: RequestInit & { search?: string } = {}, { url } = door) {
  const response = await fetch(`${url}${init.search ?? ""}`, { method: "POST", ...init });
  const text = await response.text();
  const body = text.startsWith("{")
    ? (JSON.parse(text) as { data?: unknown; errors?: [{ extensions?: Error }] })
    : null;
  return { status: response.status, headers: response.headers, body, code: body?.errors?.[0].extensions?.code };
}
type Error = { code: string; details: Record<string, unknown> };

const post = (body: unknown, headers: Record<string, string> = {}) =>
  ask({ headers: { ...json, ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) });
const get = (query: string, headers: Record<string, string> = preflight, more = "") =>
  ask({ method: "GET", headers, search: `?query=${encodeURIComponent(query)}${more}` });

describe("a POST request", () => {
  test("is read in UTF-8, byte order mark or not, in one piece or several", async () => {
    const text = JSON.stringify({ query: '{ hello(name: "Zoë 🏊") }' });
    const answer = { data: { hello: "Hello Zoë 🏊" } };
    expect((await post(text)).body).toEqual(answer);
    expect((await post(`\ufeff${text}`)).body).toEqual(answer);
    const bytes = Buffer.from(text);
    const pieces = new ReadableStream({
      start(controller) {
        // In the middle of a character.
        const middle = bytes.indexOf("ë") + 1;
        controller.enqueue(bytes.subarray(0, middle));
        setTimeout(() => {
          controller.enqueue(bytes.subarray(middle));
          controller.close();
        }, 20);
      },
    });
    const init = { headers: json, body: pieces, duplex: "half" } as RequestInit;
    expect((await ask(init)).body).toEqual(answer);
  });

  test.each([
    ["no JSON", "{", "INVALID_JSON"],
    ["nothing", "", "INVALID_JSON"],
    ["a string", '"query"', "INVALID_PARAMETER"],
    ["no query", "{}", "QUERY_MISSING"],
    ["a query that is no text", '{"query":1}', "INVALID_PARAMETER"],
    ["variables that are no object", '{"query":"{hello}","variables":[]}', "INVALID_PARAMETER"],
    ["an operation name that is no text", '{"query":"{hello}","operationName":{}}', "INVALID_PARAMETER"],
    ["extensions that are no object", '{"query":"{hello}","extensions":"x"}', "INVALID_PARAMETER"],
  ])("with %s is refused with a code", async (_, body, code) => {
    const answer = await post(body);
    expect([answer.status, answer.code]).toEqual([400, code]);
  });

  test("may name its operation by extensions instead of a query", async () => {
    await post({ extensions: { persistedQuery: { version: 1, sha256Hash: "x" } } });
    const { request } = door.seen.at(-1) ?? {};
    expect([request?.query, request?.extensions]).toEqual([
      undefined,
      { persistedQuery: { version: 1, sha256Hash: "x" } },
    ]);
  });

  test.each([
    ["text/plain", { "content-type": "text/plain", ...preflight }],
    ["another charset", { "content-type": "application/json; charset=latin1" }],
    ["a compressed body", { ...json, "content-encoding": "gzip" }],
  ])("is refused with 415 for %s", async (_, headers) => {
    const answer = await ask({ headers, body: '{"query":"{ hello }"}' });
    expect([answer.status, answer.code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
  });

  test.each(["application/json", "application/json; charset=UTF-8", "application/graphql+json"])(
    "may be %s",
    async (type) => expect((await post({ query: "{ hello }" }, { "content-type": type })).status).toBe(200),
  );

  test("may be as large as the limit and no larger, whatever length it says", async () => {
    const query = '{"query":"{ hello }"}';
    expect((await post(query.padEnd(2_000))).status).toBe(200);
    const tooLong = await post(query.padEnd(2_001));
    expect([tooLong.status, tooLong.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect(await statusOfEndless(door.url)).toBe(413);
  });

  test("keeps its text for whoever recognises it, and is parsed when somebody looks into it", async () => {
    const before = JSON.stringify({ query: '{ hello(name: "ä") }' });
    await post(before);
    expect(Buffer.from(door.seen.at(-1)?.request.bodyText ?? "", "latin1").toString()).toBe(before);
  });
});

describe("a GET request", () => {
  test("may ask a query, with variables and an operation name", async () => {
    const variables = `&variables=${encodeURIComponent('{"name":"Ada"}')}&operationName=A`;
    const { body } = await get("query A($name: String) { hello(name: $name) } query B { who }", preflight, variables);
    expect(body).toEqual({ data: { hello: "Hello Ada" } });
  });

  test("changes nothing", async () => {
    const answer = await get("mutation { count(by: 1) }");
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test.each([
    ["variables that are no JSON", "&variables=x", "INVALID_JSON"],
    ["variables that are no object", "&variables=[]", "INVALID_PARAMETER"],
    ["two queries", "&query=x", "INVALID_PARAMETER"],
  ])("with %s is refused", async (_, more, code) => {
    expect(await get("{ hello }", preflight, more)).toMatchObject({ status: 400, code });
  });

  test("has a HEAD of the same kind and an OPTIONS that lists methods; anything else is refused", async () => {
    const head = await ask({ method: "HEAD", headers: preflight, search: "?query={hello}" });
    expect([head.status, head.headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    const options = await ask({ method: "OPTIONS" });
    expect([options.status, options.headers.get("allow")]).toEqual([204, expect.stringContaining("POST")]);
    const patch = await ask({ method: "PATCH", headers: preflight });
    expect([patch.status, patch.code]).toEqual([405, "METHOD_NOT_ALLOWED"]);
  });
});

describe("the answer", () => {
  const graphql = "application/graphql-response+json";
  test.each([
    ["*/*", "application/json"],
    ["application/*", "application/json"],
    [graphql, graphql],
    [`${graphql}, application/json;q=0.9`, graphql],
    [`application/json;q=0.8, ${graphql};q=0.9`, graphql],
    [`${graphql};q=0.1, */*`, "application/json"],
    ["application/json;q=0, */*", graphql],
    [`text/html, ${graphql}; charset=utf-8, */*;q=0.1`, graphql],
    ["text/event-stream;q=0.5, application/json", "application/json"],
    ["multipart/mixed;deferSpec=20220824, application/json", "application/json"],
  ])("to a client that accepts %s is %s", async (accept, type) => {
    expect((await post({ query: "{ hello }" }, { accept })).headers.get("content-type")).toBe(`${type}; charset=utf-8`);
  });

  test.each(["text/html", "application/json;q=0", "application/json; charset=latin1"])(
    "is not there for a client that accepts %s",
    async (accept) => {
      const count = door.seen.length;
      expect(await post({ query: "{ hello }" }, { accept })).toMatchObject({ status: 406, code: "NOT_ACCEPTABLE" });
      expect(door.seen).toHaveLength(count);
    },
  );

  test("says with its status what went wrong, except as application/json", async () => {
    const query = "{ nothing }";
    expect((await post({ query }, { accept: graphql })).status).toBe(400);
    expect((await post({ query }, { accept: "application/json" })).status).toBe(200);
    expect((await post({ query: "{ broken }" }, { accept: graphql })).status).toBe(200);
  });

  test("to a stream nobody accepts is a refusal", async () => {
    expect((await post({ query: "subscription { ticks(count: 1) }" })).code).toBe("SUBSCRIPTION_NEEDS_STREAM");
  });

  test("carries the id of the request, also in errors", async () => {
    const { headers, body } = await post("{", { "x-request-id": "my-request-0001" });
    expect(headers.get("x-request-id")).toBe("my-request-0001");
    expect(body?.errors?.[0].extensions).toMatchObject({ requestId: "my-request-0001" });
  });

  test("to somebody who cannot be verified is 401 and says how to ask", async () => {
    const { status, headers, code } = await post({ query: "{ who }" }, { authorization: "Bearer forged" });
    expect([status, code, headers.get("www-authenticate")]).toEqual([401, "TOKEN_INVALID", 'Bearer realm="tessera"']);
    expect((await post({ query: "{ who }" }, { authorization: "Bearer ada" })).body).toEqual({ data: { who: "ada" } });
  });
});

describe("what a page of another site could send without asking first", () => {
  const simple = { "content-type": "text/plain" };
  test.each([
    ["a GET", () => get("{ hello }", {})],
    ["a GET with a simple type", () => get("{ hello }", simple)],
    ["a GET with an empty header", () => get("{ hello }", { "apollo-require-preflight": "" })],
    ["a POST of text", () => ask({ headers: simple, body: '{"query":"{ hello }"}' })],
    ["a form", () => ask({ body: new FormData() })],
  ])("is refused: %s", async (_, run) => {
    expect(await run()).toMatchObject({ status: 400, code: "CSRF_PREVENTED" });
  });

  test.each([
    ["a header of Apollo's clients", { "x-apollo-operation-name": "A" }],
    ["a header for this purpose", preflight],
    ["a type that is not simple", json],
  ])("is taken with %s", async (_, headers) => {
    expect((await get("{ hello }", headers)).status).toBe(200);
  });

  test("can be let in, or made to send another header", async () => {
    const open = await openDoor({ csrf: false });
    const own = await openDoor({ csrf: { requiredHeaders: ["X-Mine"] } });
    const search = "?query={hello}";
    expect((await ask({ method: "GET", search }, open)).status).toBe(200);
    expect((await ask({ method: "GET", search, headers: preflight }, own)).status).toBe(400);
    expect((await ask({ method: "GET", search, headers: { "x-mine": "1" } }, own)).status).toBe(200);
    await Promise.all([open.close(), own.close()]);
  });
});

describe("time", () => {
  test("that runs out aborts what runs, and so does a client that leaves", async () => {
    const quick = await openDoor({ requestTimeoutMs: 50 });
    const body = JSON.stringify({ query: "{ wait(ms: 5000) }" });
    expect((await ask({ headers: json, body }, quick)).body).toEqual({ data: { wait: -1 } });
    await quick.close();

    const leaving = new AbortController();
    const left = fetch(door.url, { method: "POST", headers: json, body, signal: leaving.signal }).catch(() => "left");
    const count = door.seen.length;
    await expect.poll(() => door.seen.length).toBe(count + 1);
    const { signal } = door.seen.at(-1)?.context.facts ?? {};
    leaving.abort();
    expect(await left).toBe("left");
    await expect.poll(() => signal?.aborted).toBe(true);
    expect(signal?.reason).toMatchObject({ code: "REQUEST_ABORTED" });
  });

  test("is no matter for what is over, and facts that are copied keep their signal", async () => {
    await post({ query: "{ hello }" });
    const { facts } = door.seen.at(-1)?.context ?? {};
    const copy = { ...facts };
    expect(copy.signal).toBe(facts?.signal);
    expect(copy.signal?.aborted).toBe(false);
  });
});

/** A body that says no length and has no end. */
function statusOfEndless(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const sending = setInterval(() => request.write(Buffer.alloc(1_000, " ")), 5);
    const request = send(url, { method: "POST", headers: json }, ({ statusCode }) => {
      clearInterval(sending);
      request.destroy();
      resolve(statusCode);
    });
    request.on("error", () => clearInterval(sending));
  });
}
