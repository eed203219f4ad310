/** Supergraphs that were replaced are forgotten, whatever went on while they were served. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, test } from "vitest";
import { dataOf, openEvents } from "../subscription/event-client.js";
import { openStage, type Stage, supergraphSdl } from "../subscription/stage.js";

const wait = { timeout: 30_000 };
const stages: Stage[] = [];
afterEach(async () => {
  for (const { router } of stages.splice(0)) await router.close();
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("fifty reloads with queries, a stream and refusals in between leave one supergraph", {
  timeout: 240_000,
}, async () => {
  const opened = await openStage();
  stages.push(opened);
  const { router, feed, connections } = opened;
  const [feedConnection, items] = connections;
  if (!feedConnection || !items) throw new TypeError("The stage has two subgraphs.");
  const stream = await openEvents(router, { query: "subscription { event { id item { name } } }" });
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", headers, body: '{"query":"{ hello item(id: 1) { name } }"}' };
  // A generation holds its connections, so these tell whether it is still there.
  const replaced: WeakRef<object>[] = [];
  const again = () => {
    const own = { ...items };
    replaced.push(new WeakRef(own));
    return own;
  };
  const reloads = 50;
  for (let at = 1; at <= reloads; at++) {
    await router.reload({ supergraphSdl, connections: [feedConnection, again()] });
    const answers = await Promise.all([1, 2].map(async () => (await fetch(`${router.url}/graphql`, request)).json()));
    expect(answers[1]).toEqual({ data: { hello: "hello", item: { name: "item 1" } } });
    if (at % 10 !== 0) continue;
    feed.push(at);
    await expect.poll(() => dataOf(stream).length, wait).toBe(at / 10);
    // The error would be kept by an assertion, and with it the frames it came from.
    const refused = router.reload({ supergraphSdl: "type", connections: [again()] }).then(
      () => false,
      () => true,
    );
    expect(await refused).toBe(true);
  }
  const left = () => {
    collectGarbage();
    return replaced.filter((one) => one.deref() !== undefined).length;
  };
  await expect.poll(left, wait).toBe(1);
  expect(feed.opened).toBe(1);
});
