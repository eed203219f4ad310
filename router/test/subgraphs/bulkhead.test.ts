/** How many calls one subgraph has to do at a time. */
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { connect } from "./connect.js";
import { contextOf, eventually, query, refusal, serve } from "./servers.js";

/** Answers only when told to. */
async function holding() {
  const held: ServerResponse[] = [];
  const { url } = await serve((_, response) => held.push(response));
  return { url, held, answer: () => held.shift()?.end('{"data":{}}') };
}

describe("a subgraph with two places and one to wait in", () => {
  const traffic = { concurrency: { max: 2, maxWaiting: 1 } };

  test("gets two calls at a time; the third waits for its turn and the fourth is refused", async () => {
    const { url, held, answer } = await holding();
    const connection = connect({ url, traffic });
    const calls = [connection.post(query()), connection.post(query()), connection.post(query())];
    expect(await refusal(connection.post(query()))).toBe("SUBGRAPH_BUSY");
    await eventually(() => held.length).toBe(2);
    answer();
    await calls[0];
    await eventually(() => held.length).toBe(2);
    answer();
    answer();
    expect(await Promise.all(calls)).toHaveLength(3);
  });

  test("gives the place of somebody who stops waiting to the next", async () => {
    const { url, held, answer } = await holding();
    const connection = connect({ url, traffic });
    const calls = [connection.post(query()), connection.post(query())];
    const controller = new AbortController();
    const impatient = refusal(connection.post(query(contextOf({ signal: controller.signal }))));
    controller.abort();
    expect(await impatient).toBe("REQUEST_ABORTED");
    const patient = connection.post(query());
    await eventually(() => held.length).toBe(2);
    answer();
    answer();
    await Promise.all(calls);
    await eventually(() => held.length).toBe(1);
    answer();
    expect(await patient).toMatchObject({ status: 200 });
  });
});
