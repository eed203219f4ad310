/** Streams stay open through silence, and end with a reason before the server does. */
import { createClient } from "graphql-sse";
import { afterEach, describe, expect, test } from "vitest";
import { rawSocket } from "../world/socket.js";
import { codesOf, dataOf, openEvents } from "./event-client.js";
import { openStage, type Stage, type StageOptions } from "./stage.js";

const wait = { timeout: 20_000 };
const multipart = 'multipart/mixed;subscriptionSpec="1.0"';
const stages: Stage[] = [];
afterEach(async () => {
  for (const { router } of stages.splice(0)) await router.close();
});

/** Would wait for longer than the test may take, were it to wait for streams. */
async function stage(options: StageOptions = {}): Promise<Stage> {
  const opened = await openStage({ drainTimeoutMs: 600_000, ...options });
  stages.push(opened);
  return opened;
}

const query = "subscription { event { id } }";

/** A single connection of graphql-sse, read by hand. */
async function singleConnection({ router }: Stage) {
  const url = `${router.url}/graphql`;
  const token = await (await fetch(url, { method: "PUT" })).text();
  const header = { "x-graphql-event-stream-token": token };
  const response = await fetch(url, { headers: { accept: "text/event-stream", ...header } });
  let text = "";
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) text += decoder.decode(chunk);
  })();
  const run = (operationId: string, operation: string) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...header },
      body: JSON.stringify({ query: operation, extensions: { operationId } }),
    });
  return { run, ended, text: () => text };
}

describe("silence is filled", () => {
  test("on streams of events, of parts, and on a connection for all operations", async () => {
    const opened = await stage({ heartbeatMs: 30 });
    const events = await openEvents(opened.router, { query });
    const parts = await openEvents(opened.router, { query }, multipart);
    const single = await singleConnection(opened);
    await expect.poll(events.beats, wait).toBeGreaterThan(3);
    await expect.poll(() => parts.text().split("\r\n\r\n{}\r\n--graphql").length, wait).toBeGreaterThan(3);
    await expect.poll(() => single.text().split(":\n\n").length, wait).toBeGreaterThan(3);
    opened.feed.push(1);
    await expect.poll(() => dataOf(events), wait).toEqual([{ event: { id: "e1" } }]);
    await expect.poll(parts.text, wait).toContain('{"payload":{"data":{"event":{"id":"e1"}}}}');
  });
});

describe("a server that shuts down", () => {
  test("ends streams of events and of parts with a reason, and does not wait for them", async () => {
    const { router, feed } = await stage();
    const events = await openEvents(router, { query });
    const parts = await openEvents(router, { query }, multipart);
    feed.push(1);
    await expect.poll(() => dataOf(events).length, wait).toBe(1);
    await router.close();
    await Promise.all([events.ended, parts.ended]);
    expect([codesOf(events), events.events.at(-1)?.event]).toEqual([["SHUTTING_DOWN"], "complete"]);
    expect(parts.text()).toMatch(/\{"payload":null,"errors":\[.*"SHUTTING_DOWN".*\]\}\r\n--graphql--\r\n$/);
    expect(feed.active).toBe(0);
  });

  test("ends the subscriptions of a single connection with a reason, after the answers that are due on it", async () => {
    let answer: (text: string) => void = () => {};
    const hello = () =>
      new Promise<string>((resolve) => {
        answer = resolve;
      });
    const opened = await stage({ items: { Query: { hello } } });
    const single = await singleConnection(opened);
    expect((await single.run("s", query)).status).toBe(202);
    const asked = single.run("q", "{ hello }");
    await expect.poll(() => opened.asked("items").length, wait).toBe(1);
    const closed = opened.router.close();
    await expect.poll(single.text, wait).toContain("SHUTTING_DOWN");
    answer("late");
    expect((await asked).status).toBe(202);
    await single.ended;
    expect(single.text()).toContain('data: {"id":"q","payload":{"data":{"hello":"late"}}}');
    expect(single.text()).toContain('event: complete\ndata: {"id":"s"}');
    await closed;
  });

  test("ends those that wait for nothing but a reserved connection", async () => {
    const opened = await stage();
    const client = createClient({ url: `${opened.router.url}/graphql`, singleConnection: true, retryAttempts: 0 });
    const next = client.iterate({ query }).next();
    await expect.poll(() => opened.feed.active, wait).toBe(1);
    await opened.router.close();
    expect((await next).value).toMatchObject({ errors: [{ extensions: { code: "SHUTTING_DOWN" } }] });
    client.dispose();
  });

  test("lets a query over a stream of events finish", async () => {
    let answer: (text: string) => void = () => {};
    const hello = () =>
      new Promise<string>((resolve) => {
        answer = resolve;
      });
    const { router, asked } = await stage({ items: { Query: { hello } } });
    const query = openEvents(router, { query: "{ hello }" });
    await expect.poll(() => asked("items").length, wait).toBe(1);
    const closed = router.close();
    answer("late");
    const events = await query;
    await events.ended;
    expect(dataOf(events)).toEqual([{ hello: "late" }]);
    await closed;
  });

  test("refuses a subscription that is still being opened", async () => {
    const opened = await openStage();
    stages.push(opened);
    let answer: () => void = () => {};
    const patience = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let asked = 0;
    const connections = opened.connections.map((connection) => ({
      ...connection,
      subscribe: async (request: Parameters<typeof connection.subscribe>[0]) => {
        asked += 1;
        await patience;
        return connection.subscribe(request);
      },
    }));
    const late = await stage({ connections });
    const opening = openEvents(late.router, { query });
    await expect.poll(() => asked, wait).toBe(1);
    const closed = late.router.close();
    answer();
    const refused = await opening;
    await refused.ended;
    expect([refused.status, refused.text()]).toEqual([503, expect.stringContaining("SHUTTING_DOWN")]);
    await closed;
    await expect.poll(() => opened.feed.active, wait).toBe(0);
  });

  test("closes sockets with 1001 and without a word, so that their clients come back elsewhere", async () => {
    const { router, feed } = await stage();
    const raw = await rawSocket(router);
    raw.send({ type: "connection_init" });
    await expect.poll(() => raw.messages.length, wait).toBe(1);
    raw.send({ type: "subscribe", id: "1", payload: { query } });
    await expect.poll(() => feed.active, wait).toBe(1);
    const closed = router.close();
    expect((await raw.closed())[0]).toBe(1001);
    await closed;
    expect(raw.messages.map(({ type }) => type)).toEqual(["connection_ack"]);
  });
});
