import { createClient } from "graphql-sse";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Door, openDoor } from "./door.js";
import { sources } from "./schema.js";

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
  door = await openDoor({ heartbeatMs: 30, activeStreams: gauge });
});
afterAll(() => door.close());

const open = (more: Parameters<typeof createClient>[0] | object = {}) =>
  createClient({ url: door.url, retryAttempts: 0, ...more });

async function take(client: ReturnType<typeof open>, query: string, count = 100) {
  const results: unknown[] = [];
  for await (const result of client.iterate({ query })) {
    results.push(result);
    if (results.length === count) break;
  }
  return results;
}

describe.each([
  ["distinct connections", {}],
  ["a single connection", { singleConnection: true }],
])("graphql-sse over %s", (_, mode) => {
  test("answers queries and mutations", async () => {
    expect(await take(open(mode), '{ hello(name: "Zoë") }')).toEqual([{ data: { hello: "Hello Zoë" } }]);
    expect(await take(open(mode), "mutation { count(by: 0) }")).toEqual([{ data: { count: expect.any(Number) } }]);
  });

  test("streams events until the stream ends or the client has enough", async () => {
    const events = [1, 2, 3].map((ticks) => ({ data: { ticks } }));
    expect(await take(open(mode), "subscription { ticks(count: 3, ms: 40) }")).toEqual(events);
    expect(await take(open(mode), "subscription { ticks(count: 100000, ms: 5) }", 2)).toHaveLength(2);
    await expect.poll(() => [sources.open, gauge.open]).toEqual([0, 0]);
  });

  test("runs several operations side by side", async () => {
    const client = open(mode);
    const streams = [1, 2, 3].map((count) => take(client, `subscription { ticks(count: ${count}) }`));
    expect((await Promise.all(streams)).map(({ length }) => length)).toEqual([1, 2, 3]);
  });

  test("reports what goes wrong midway, and refuses who cannot be verified", async () => {
    const [first, second] = (await take(open(mode), "subscription { failing }")) as { errors?: unknown }[];
    expect(first).toEqual({ data: { failing: 1 } });
    expect(second?.errors).toHaveLength(1);
    const forged = open({ ...mode, headers: { authorization: "Bearer forged" } });
    await expect(take(forged, "subscription { ticks(count: 3) }")).rejects.toMatchObject({ response: { status: 401 } });
  });

  test("ends a stream whose token runs out with an error", async () => {
    const client = open({ ...mode, headers: { authorization: "Bearer ada:200" } });
    const events = await take(client, "subscription { ticks(count: 100000, ms: 20) }", 1000);
    expect(events.at(-1)).toMatchObject({ errors: [{ extensions: { code: "TOKEN_EXPIRED" } }] });
    await expect.poll(() => sources.open).toBe(0);
  });
});

const ask = (headers: Record<string, string>, body: object, url = door.url) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const accept = "text/event-stream";

describe("distinct connections", () => {
  test("a refused operation is an event, and its stream is complete", async () => {
    const response = await ask({ accept }, { query: "{ nothing }" });
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/^:\n\nevent: next\ndata: \{"errors":\[.+\n\nevent: complete\ndata: \n\n$/);
  });

  test("a malformed request is refused as such", async () => {
    expect((await ask({ accept }, { query: 1 })).status).toBe(400);
  });

  test("work over GET, for a browser's EventSource", async () => {
    const url = `${door.url}?query=${encodeURIComponent("subscription { ticks(count: 1) }")}`;
    const response = await fetch(url, { headers: { accept, "apollo-require-preflight": "1" } });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(await response.text()).toContain('data: {"data":{"ticks":1}}');
  });

  test("silence is filled with comments", async () => {
    const response = await ask({ accept }, { query: "subscription { ticks(count: 2, ms: 600) }" });
    const [before] = (await response.text()).split('{"data":{"ticks":2}}');
    expect(before?.split(":\n\n").length).toBeGreaterThan(4);
  });

  test("events have ids, and the last one a client has is passed on", async () => {
    const first = await (await ask({ accept }, { query: "subscription { numbered(count: 2) }" })).text();
    expect(first.match(/^id: .*$/gm)).toEqual(["id: e1", "id: e2"]);
    const again = await ask({ accept, "last-event-id": "e2" }, { query: "subscription { numbered(count: 1) }" });
    expect(await again.text()).toContain('id: e3\nevent: next\ndata: {"data":{"numbered":3}}');
  });

  test("a client that does not read is waited for", async () => {
    const response = await ask({ accept }, { query: "subscription { flood }" });
    let before = -1;
    const isSlowed = () => {
      const same = before === sources.made;
      before = sources.made;
      return same;
    };
    await expect.poll(isSlowed, { interval: 100, timeout: 20_000 }).toBe(true);
    await response.body?.cancel();
    await expect.poll(() => sources.open).toBe(0);
  });
});

describe("a single connection", () => {
  const token = async () => (await fetch(door.url, { method: "PUT" })).text();
  const header = (value: string) => ({ "x-graphql-event-stream-token": value });
  const post = (of: string, operationId: string, query = "{ hello }") =>
    ask(header(of), { query, extensions: { operationId } });

  test("is reserved, opened once, and gone with its connection", async () => {
    const mine = await token();
    const listening = new AbortController();
    const headers = { accept, ...header(mine) };
    const stream = await fetch(door.url, { headers, signal: listening.signal });
    expect(stream.status).toBe(200);
    expect((await fetch(door.url, { headers })).status).toBe(409);
    expect((await post(mine, "1")).status).toBe(202);
    listening.abort();
    await expect.poll(async () => (await post(mine, "2")).status).toBe(404);
  });

  test("is one of at most a hundred of a client, and makes room when it is over", async () => {
    const crowded = await openDoor();
    const reserve = () => fetch(crowded.url, { method: "PUT" });
    const tokens: string[] = [];
    for (let count = 0; count < 100; count++) tokens.push(await (await reserve()).text());
    const refused = await reserve();
    expect([refused.status, await refused.json()]).toMatchObject([
      429,
      { errors: [{ extensions: { code: "TOO_MANY_STREAMS" } }] },
    ]);
    const listening = new AbortController();
    const headers = { accept, ...header(tokens[0] ?? "") };
    expect((await fetch(crowded.url, { headers, signal: listening.signal })).status).toBe(200);
    expect((await reserve()).status).toBe(429);
    listening.abort();
    await expect.poll(async () => (await reserve()).status).toBe(201);
    await crowded.close();
  });

  test("may be opened by its token in the address, after operations were sent", async () => {
    const mine = await token();
    expect((await post(mine, "1")).status).toBe(202);
    const listening = new AbortController();
    const stream = await fetch(`${door.url}?token=${mine}`, { headers: { accept }, signal: listening.signal });
    const text = await readUntil(stream, "complete");
    listening.abort();
    expect(text).toContain('event: next\ndata: {"id":"1","payload":{"data":{"hello":"Hello Wörld"}}}\n\n');
    expect(text).toContain('event: complete\ndata: {"id":"1"}\n\n');
  });

  test("refuses an unknown token, an operation without an id, and one that is not valid", async () => {
    const mine = await token();
    expect((await post("guessed", "1")).status).toBe(404);
    expect((await fetch(door.url, { headers: { accept, ...header("guessed") } })).status).toBe(404);
    expect((await ask(header(mine), { query: "{ hello }" })).status).toBe(400);
    expect((await post(mine, "1", "{ nothing }")).status).toBe(400);
    expect((await post(mine, "1")).status).toBe(202);
  });

  test("runs nothing on for an operation that was stopped before it started", async () => {
    const mine = await token();
    const slow = post(mine, "1", "{ wait(ms: 5000) }");
    const before = door.seen.length;
    await expect.poll(() => door.seen.length).toBe(before + 1);
    await fetch(`${door.url}?operationId=1`, { method: "DELETE", headers: header(mine) });
    expect((await slow).status).toBe(202);
    expect(door.seen.at(-1)?.context.facts.signal.aborted).toBe(true);
  });

  test("ends what runs on it when its connection is lost", async () => {
    const mine = await token();
    await post(mine, "1", "subscription { ticks(count: 100000, ms: 5) }");
    const listening = new AbortController();
    const stream = await fetch(door.url, { headers: { accept, ...header(mine) }, signal: listening.signal });
    await readUntil(stream, '{"ticks":2}');
    expect(gauge.open).toBe(1);
    listening.abort();
    await expect.poll(() => [sources.open, gauge.open]).toEqual([0, 0]);
  });

  test("takes an operation id once while it is in use, and again after it was stopped", async () => {
    const mine = await token();
    const endless = "subscription { ticks(count: 100000, ms: 5) }";
    expect((await post(mine, "1", endless)).status).toBe(202);
    expect((await post(mine, "1", endless)).status).toBe(409);
    const stopped = await fetch(`${door.url}?operationId=1`, { method: "DELETE", headers: header(mine) });
    expect(stopped.status).toBe(200);
    expect((await post(mine, "1", endless)).status).toBe(202);
    await fetch(`${door.url}?operationId=1`, { method: "DELETE", headers: header(mine) });
  });
});

async function readUntil({ body }: Response, wanted: string): Promise<string> {
  const reader = body?.getReader();
  let text = "";
  while (reader && !text.includes(wanted)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
  }
  return text;
}
