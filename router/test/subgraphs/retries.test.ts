/** What is repeated, how often, and what never is. */
import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { createRetries } from "../../src/subgraphs/traffic/retries.js";
import { RetryBudget } from "../../src/subgraphs/traffic/retry-budget.js";
import type { RetryOptions } from "../../src/subgraphs/traffic/subgraph-traffic.js";
import { ConnectionFailure } from "../../src/subgraphs/wire/connection-failure.js";
import type { Outgoing } from "../../src/subgraphs/wire/outgoing.js";
import { ReceivedAnswer } from "../../src/subgraphs/wire/received-answer.js";
import { connect } from "./connect.js";
import { answering, contextOf, mutation, query, refusal, serve } from "./servers.js";

const quick: RetryOptions = { attempts: 3, baseDelayMs: 1, maxDelayMs: 4 };

/** Fails the first `times` requests as `fail` says, and answers the others. */
function failing(times: number, fail: RequestListener) {
  const answers = answering();
  let arrived = 0;
  const listener: RequestListener = (request, response) => {
    arrived += 1;
    if (arrived > times) answers.listener(request, response);
    else fail(request, response);
  };
  return { listener, arrived: () => arrived };
}

const unavailable: RequestListener = (_, response) => response.writeHead(503).end('{"errors":[{"message":"busy"}]}');
const reset: RequestListener = (request) => request.socket.resetAndDestroy();

describe("a query", () => {
  test("is repeated until it succeeds", async () => {
    const { listener, arrived } = failing(2, unavailable);
    const { url } = await serve(listener);
    expect(await connect({ url, traffic: { retries: quick } }).post(query())).toMatchObject({ status: 200 });
    expect(arrived()).toBe(3);
  });

  test("is repeated as often as allowed; then its last failure is the answer", async () => {
    const { listener, arrived } = failing(9, unavailable);
    const { url } = await serve(listener);
    expect(await connect({ url, traffic: { retries: quick } }).post(query())).toMatchObject({ status: 503 });
    expect(arrived()).toBe(4);
  });

  test("is not repeated when its errors are its own", async () => {
    const { listener, arrived } = failing(9, (_, response) => response.writeHead(400).end('{"errors":[]}'));
    const { url } = await serve(listener);
    await connect({ url, traffic: { retries: quick } }).post(query());
    expect(arrived()).toBe(1);
  });

  test("is not repeated for somebody who has left", async () => {
    const controller = new AbortController();
    const { listener, arrived } = failing(9, (_, response) => {
      controller.abort();
      response.destroy();
    });
    const { url } = await serve(listener);
    const post = connect({ url, traffic: { retries: quick } }).post(query(contextOf({ signal: controller.signal })));
    expect(await refusal(post)).toBe("REQUEST_ABORTED");
    expect(arrived()).toBe(1);
  });

  test("waits as long as the subgraph asks, and gives up when that is too long", async () => {
    const patient: RequestListener = (_, response) =>
      response.writeHead(503, { "retry-after": "30" }).end('{"errors":[{"message":"busy"}]}');
    const { listener, arrived } = failing(1, patient);
    const { url } = await serve(listener);
    expect(await connect({ url, traffic: { retries: quick } }).post(query())).toMatchObject({ status: 503 });
    expect(arrived()).toBe(1);
  });
});

describe("a mutation", () => {
  test.each([
    ["was answered with 503", unavailable],
    ["met a reset", reset],
  ])("is never sent twice when it %s", async (_, fail) => {
    const { listener, arrived } = failing(9, fail);
    const { url } = await serve(listener);
    await refusal(connect({ url, traffic: { retries: quick } }).post(mutation()));
    expect(arrived()).toBe(1);
  });

  test("is repeated when nothing of it was sent", async () => {
    const outcomes = [new ConnectionFailure("unsent", new Error("refused")), new ReceivedAnswer(200, "{}", [])];
    let sent = 0;
    const send = createRetries(quick)(async () => {
      const outcome = outcomes[sent++];
      if (outcome instanceof Error) throw outcome;
      return outcome as ReceivedAnswer;
    });
    const outgoing: Outgoing = {
      kind: "mutation",
      body: Buffer.alloc(1),
      headers: [],
      signal: new AbortController().signal,
    };
    expect(await send(outgoing)).toMatchObject({ status: 200 });
    expect(sent).toBe(2);
  });
});

describe("the budget", () => {
  test("lets a fifth of all calls be repeated once its reserve is used up", async () => {
    const { listener, arrived } = failing(Number.POSITIVE_INFINITY, unavailable);
    const { url } = await serve(listener);
    const connection = connect({ url, traffic: { retries: { ...quick, budgetReserve: 5 } } });
    for (let call = 0; call < 100; call++) await connection.post(query());
    expect(arrived()).toBeGreaterThanOrEqual(100 + 20);
    expect(arrived()).toBeLessThanOrEqual(100 + 20 + 5);
  });

  test("refuses when empty, and fills with calls up to its reserve", () => {
    const budget = new RetryBudget(25, 2);
    expect([budget.withdraw(), budget.withdraw(), budget.withdraw()]).toEqual([true, true, false]);
    for (let call = 0; call < 100; call++) budget.deposit();
    expect([budget.withdraw(), budget.withdraw(), budget.withdraw()]).toEqual([true, true, false]);
  });
});
