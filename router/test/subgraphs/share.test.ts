/** Which requests share an answer, and that nobody pays for another's leaving. */
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { HeaderRules } from "../../src/subgraphs/headers/header-rules.js";
import type { SubgraphTraffic } from "../../src/subgraphs/traffic/subgraph-traffic.js";
import { connect } from "./connect.js";
import { contextOf, eventually, mutation, query, refusal, serve } from "./servers.js";

const headers: HeaderRules = { request: [{ propagate: { named: "authorization" } }] };

async function subgraph(shareInFlight: SubgraphTraffic["shareInFlight"] = true) {
  const held: ServerResponse[] = [];
  let gone = 0;
  const { url } = await serve((_, response) => {
    held.push(response);
    response.once("close", () => {
      if (!response.writableEnded) gone += 1;
    });
  });
  const connection = connect({ url, headers, traffic: { shareInFlight } });
  const answer = () => {
    for (const response of held.splice(0)) response.end('{"data":{}}');
  };
  return { connection, held, answer, gone: () => gone };
}

const asked = (requestId: string, authorization = "ada", signal = new AbortController().signal) =>
  contextOf({ requestId, signal, clientHeaders: { authorization } });

describe("equal queries in flight", () => {
  test("share one request, though their ids differ; later ones get one of their own", async () => {
    const { connection, held, answer } = await subgraph();
    const calls = [connection.post(query(asked("one"))), connection.post(query(asked("two")))];
    await eventually(() => held.length).toBe(1);
    answer();
    const [one, two] = await Promise.all(calls);
    expect(one).toBe(two);
    const later = connection.post(query(asked("three")));
    await eventually(() => held.length).toBe(1);
    answer();
    await later;
  });

  test("share nothing when anything that is forwarded or asked differs", async () => {
    const { connection, held, answer } = await subgraph();
    const calls = [
      connection.post(query(asked("one"))),
      connection.post(query(asked("two", "grace"))),
      connection.post(query(asked("three"), '{"query":"{ other }"}')),
      connection.post(mutation(asked("four"))),
      connection.post(mutation(asked("five"))),
    ];
    await eventually(() => held.length).toBe(5);
    answer();
    await Promise.all(calls);
  });

  test("go on for the others when the first one leaves", async () => {
    const { connection, held, answer, gone } = await subgraph();
    const leader = new AbortController();
    const first = refusal(connection.post(query(asked("one", "ada", leader.signal))));
    const second = connection.post(query(asked("two")));
    await eventually(() => held.length).toBe(1);
    leader.abort();
    expect(await first).toBe("REQUEST_ABORTED");
    answer();
    expect(await second).toMatchObject({ status: 200 });
    expect(gone()).toBe(0);
  });

  test("end when all have left, and a newcomer starts anew", async () => {
    const { connection, held, answer, gone } = await subgraph();
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }, at) => refusal(connection.post(query(asked(`${at}`, "ada", signal)))));
    await eventually(() => held.length).toBe(1);
    for (const controller of controllers) controller.abort();
    expect(await Promise.all(calls)).toEqual(["REQUEST_ABORTED", "REQUEST_ABORTED"]);
    await eventually(gone).toBe(1);
    const newcomer = connection.post(query(asked("new")));
    await eventually(() => held.length).toBe(2);
    answer();
    expect(await newcomer).toMatchObject({ status: 200 });
  });

  test("share up to a bound, and run for themselves beyond it", async () => {
    const { connection, held, answer } = await subgraph({ maxRequests: 1, maxBodyBytes: 100 });
    const bodies = ["{ a }", "{ a }", "{ b }", "{ b }"].map((text) => JSON.stringify({ query: text }));
    const calls = bodies.map((body, at) => connection.post(query(asked(`${at}`), body)));
    await eventually(() => held.length).toBe(3);
    answer();
    await Promise.all(calls);
  });
});
