/** Steady load while everything is replaced again and again: nobody notices. */
import { Pool } from "undici";
import { expect, onTestFinished, test } from "vitest";
import type { RouterOptions } from "../../src/index.js";
import { dataOf, openEvents } from "../subscription/event-client.js";
import { feedSdl, itemsSdl, openStage, supergraphOf, supergraphSdl, verifier } from "../subscription/stage.js";

const reloads = 20;
const connections = 6;
const query = '{ hello item(id: "1") { name } }';
const expected = { data: { hello: "hello", item: { name: "item 1" } } };
const otherSdl = supergraphOf({ feed: feedSdl, items: itemsSdl.replace("stock: Int", "stock: Int shelf: String") });

/** Asks over as many connections as there are, one request after the other on each. */
function steadyLoad(url: string) {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const seen = { answers: 0, opened: 0, wrong: [] as unknown[] };
  let isOver = false;
  pool.on("connect", () => {
    seen.opened += 1;
  });
  const headers = { "content-type": "application/json" };
  // Of different texts, so that they share no answer.
  const one = async (at: number) => {
    const body = JSON.stringify({ query, extensions: { at } });
    while (!isOver) {
      try {
        const { statusCode, body: answer } = await pool.request({ path: "/graphql", method: "POST", headers, body });
        const said = await answer.json();
        seen.answers += 1;
        if (statusCode !== 200 || JSON.stringify(said) !== JSON.stringify(expected))
          seen.wrong.push([statusCode, said]);
      } catch (error) {
        seen.wrong.push(error);
      }
    }
  };
  const running = Promise.all(Array.from({ length: connections }, (_, at) => one(at)));
  const stop = async () => {
    isOver = true;
    await running;
    await pool.close();
  };
  return { seen, stop };
}

test(`no request fails and no event is lost while ${reloads} reloads happen, with files in between that cannot be used`, {
  timeout: 120_000,
}, async () => {
  const stage = await openStage();
  const { router, feed, telemetry } = stage;
  onTestFinished(() => router.close());
  const stream = await openEvents(router, { query: "subscription { event { id item { name } } }" });
  const { seen, stop } = steadyLoad(router.url);
  const options: RouterOptions = {
    ...{ supergraphSdl, telemetry, verifier, connections: stage.connections },
    execution: { planning: { workers: 0 } },
  };
  const events: unknown[] = [];

  for (let at = 1; at <= reloads; at++) {
    const before = seen.answers;
    const sdl = at % 4 < 2 ? otherSdl : supergraphSdl;
    if (at % 2) await router.reload({ supergraphSdl: sdl, connections: stage.connections });
    else
      await router.reconfigure({ ...options, supergraphSdl: sdl, limits: { aliases: at }, cost: { mode: "measure" } });
    if (at % 5 === 0) {
      await expect(router.reload({ supergraphSdl: "type", connections: [] })).rejects.toThrow();
      await expect(router.reconfigure({ ...options, rateLimit: { defaultTier: "none" } })).rejects.toThrow();
    }
    feed.push(at);
    events.push({ event: { id: `e${at}`, item: { name: `item ${at}` } } });
    await expect.poll(() => dataOf(stream), { timeout: 20_000 }).toEqual(events);
    await expect.poll(() => seen.answers, { timeout: 20_000 }).toBeGreaterThan(before + connections);
  }

  await stop();
  stream.leave();
  expect(seen.wrong).toEqual([]);
  expect([seen.opened, feed.opened]).toEqual([connections, 1]);
});
