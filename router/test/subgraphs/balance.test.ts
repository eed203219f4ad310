/** Which instance gets a call, and which gets none for a while. */
import type { RequestListener, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { EjectionState } from "../../src/subgraphs/traffic/ejection.js";
import type { SubgraphTraffic } from "../../src/subgraphs/traffic/subgraph-traffic.js";
import { connect } from "./connect.js";
import { eventually, query, refusal, serve } from "./servers.js";

interface TestInstance {
  readonly url: string;
  calls: number;
  isWell: boolean;
  readonly held: ServerResponse[];
}

async function instance(holds = false): Promise<TestInstance> {
  const state: { calls: number; isWell: boolean; held: ServerResponse[] } = { calls: 0, isWell: true, held: [] };
  const listener: RequestListener = (request, response) => {
    const status = state.isWell ? 200 : 503;
    if (request.url === "/health") {
      response.writeHead(status).end();
      return;
    }
    state.calls += 1;
    if (holds) state.held.push(response);
    else response.writeHead(status).end('{"data":{}}');
  };
  const { url } = await serve(listener);
  return Object.assign(state, { url });
}

async function callAll(
  instances: readonly TestInstance[],
  times: number,
  traffic: SubgraphTraffic,
  weights = [1, 1, 1],
) {
  const urls = instances.map(({ url }, at) => ({ url, weight: weights[at] ?? 1 }));
  const connection = connect({ urls, traffic });
  for (let call = 0; call < times; call++) await connection.post(query());
  return instances.map(({ calls }) => calls);
}

describe("calls", () => {
  test("go to all instances by turns", async () => {
    const instances = [await instance(), await instance(), await instance()];
    expect(await callAll(instances, 9, {})).toEqual([3, 3, 3]);
  });

  test("go by weight where weights differ", async () => {
    const instances = [await instance(), await instance(), await instance()];
    expect(await callAll(instances, 12, {}, [4, 1, 1])).toEqual([8, 2, 2]);
  });

  test("go where the fewest are running", async () => {
    const [slow, fast] = [await instance(true), await instance()];
    const urls = [{ url: slow.url }, { url: fast.url }];
    const connection = connect({ urls, traffic: { balancing: "least-connections" } });
    const first = connection.post(query());
    await eventually(() => slow.calls).toBe(1);
    for (let call = 0; call < 5; call++) await connection.post(query());
    expect([slow.calls, fast.calls]).toEqual([1, 5]);
    slow.held[0]?.end('{"data":{}}');
    await first;
  });
});

describe("an instance", () => {
  test("that fails its health checks gets no calls until it passes them again", async () => {
    const [ill, well] = [await instance(), await instance()];
    const healthCheck = { intervalMs: 10, unhealthyAfter: 2, healthyAfter: 2 };
    const urls = [{ url: ill.url }, { url: well.url }];
    const connection = connect({ urls, traffic: { healthCheck, ejection: false } });
    const callsToIll = async () => {
      const before = ill.calls;
      for (let call = 0; call < 4; call++) await connection.post(query());
      return ill.calls - before;
    };
    ill.isWell = false;
    await eventually(callsToIll).toBe(0);
    ill.isWell = true;
    await eventually(callsToIll).toBe(2);
  });

  test("whose calls keep failing is left out", async () => {
    const [ill, well] = [await instance(), await instance()];
    ill.isWell = false;
    const calls = await callAll([ill, well], 20, { ejection: { consecutiveFailures: 3 } });
    expect(calls).toEqual([3, 17]);
  });

  test("is tried all the same when no other is well", async () => {
    const [one, other] = [await instance(), await instance()];
    one.isWell = false;
    other.isWell = false;
    const calls = await callAll([one, other], 20, { ejection: { consecutiveFailures: 3 } });
    expect(calls.reduce((total, count) => total + count)).toBe(20);
  });

  test("that is gone costs a query nothing when queries are repeated", async () => {
    const well = await instance();
    const urls = [{ url: "http://127.0.0.1:9/graphql" }, { url: well.url }];
    const connection = connect({ urls, traffic: { retries: { baseDelayMs: 1 } } });
    for (let call = 0; call < 6; call++) expect(await connection.post(query())).toMatchObject({ status: 200 });
    const lonely = connect({ urls: [{ url: "http://127.0.0.1:9/graphql" }], traffic: { retries: { baseDelayMs: 1 } } });
    expect(await refusal(lonely.post(query()))).toBe("SUBGRAPH_UNAVAILABLE");
  });

  test("rests longer each time it is left out, until a call succeeds", () => {
    const state = new EjectionState({ consecutiveFailures: 2, restMs: 100 });
    state.failed(0);
    expect(state.isOut(0)).toBe(false);
    state.failed(0);
    expect([state.isOut(99), state.isOut(100)]).toEqual([true, false]);
    state.failed(100);
    expect([state.isOut(299), state.isOut(300)]).toEqual([true, false]);
    state.succeeded();
    state.failed(300);
    expect(state.isOut(300)).toBe(false);
    state.failed(300);
    expect([state.isOut(399), state.isOut(400)]).toEqual([true, false]);
  });
});
