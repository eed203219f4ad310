/** When a circuit opens, what it refuses, and how it closes again. */
import { describe, expect, test } from "vitest";
import { RouterError } from "../../src/errors/router-error.js";
import { createCircuitBreaker } from "../../src/subgraphs/traffic/circuit-breaker.js";
import type { Outgoing } from "../../src/subgraphs/wire/outgoing.js";
import { ReceivedAnswer } from "../../src/subgraphs/wire/received-answer.js";
import { connect } from "./connect.js";
import { answering, eventually, query, refusal, serve } from "./servers.js";

const outgoing: Outgoing = { kind: "query", body: Buffer.alloc(1), headers: [], signal: new AbortController().signal };

/** A circuit with a clock that is set by hand, before a subgraph that answers as it is told. */
function circuit() {
  const world = { now: 0, status: 200, error: null as Error | null, calls: 0 };
  const options = { windowMs: 1_000, minimumCalls: 10, restMs: 5_000, probes: 2 };
  const breaker = createCircuitBreaker("products", options, () => world.now);
  const send = breaker.layer(async () => {
    world.calls += 1;
    if (world.error) throw world.error;
    return new ReceivedAnswer(world.status, "{}", []);
  });
  const call = (times: number, status: number) => {
    world.status = status;
    return Promise.all(Array.from({ length: times }, () => refusal(send(outgoing))));
  };
  return { world, call, send, state: breaker.state };
}

describe("a circuit", () => {
  test("stays closed below half of the calls failing, and opens at half", async () => {
    const { call } = circuit();
    await call(10, 200);
    await call(9, 500);
    expect(await call(1, 200)).not.toContain("SUBGRAPH_CIRCUIT_OPEN");
    await call(2, 500);
    expect(await call(1, 200)).toEqual(["SUBGRAPH_CIRCUIT_OPEN"]);
  });

  test("says nothing about fewer calls than its minimum", async () => {
    const { call, world } = circuit();
    await call(9, 500);
    expect(world.calls).toBe(9);
    await call(1, 500);
    expect(await call(1, 200)).toEqual(["SUBGRAPH_CIRCUIT_OPEN"]);
  });

  test("forgets failures that are older than its window", async () => {
    const { call, world } = circuit();
    await call(9, 500);
    world.now = 1_001;
    await call(5, 500);
    expect(await call(1, 200)).not.toContain("SUBGRAPH_CIRCUIT_OPEN");
  });

  test("tells how long it rests, without asking the subgraph", async () => {
    const { call, world, send } = circuit();
    await call(10, 500);
    world.now = 1_500;
    const error = await send(outgoing).catch((thrown: unknown) => thrown as RouterError);
    expect(error).toMatchObject({ extensions: { details: { subgraph: "products", retryAfterSeconds: 4 } } });
    expect(world.calls).toBe(10);
  });

  test("lets as many probes through as it needs after the rest, and closes when they succeed", async () => {
    const { call, world, state } = circuit();
    expect(state()).toBe("closed");
    await call(10, 500);
    expect(state()).toBe("open");
    world.now = 5_000;
    expect(state()).toBe("half-open");
    const outcomes = await call(5, 200);
    expect(outcomes.filter((outcome) => outcome === "SUBGRAPH_CIRCUIT_OPEN")).toHaveLength(3);
    expect(state()).toBe("closed");
    expect(await call(5, 200)).not.toContain("SUBGRAPH_CIRCUIT_OPEN");
    expect(world.calls).toBe(17);
  });

  test("rests again when a probe fails", async () => {
    const { call, world } = circuit();
    await call(10, 500);
    world.now = 5_000;
    await call(1, 500);
    expect(await call(1, 200)).toEqual(["SUBGRAPH_CIRCUIT_OPEN"]);
    world.now = 10_000;
    expect(await call(2, 200)).not.toContain("SUBGRAPH_CIRCUIT_OPEN");
  });

  test("does not hold against a subgraph that clients leave, but that their time runs out", async () => {
    const { call, world } = circuit();
    world.error = new RouterError("REQUEST_ABORTED");
    await call(20, 200);
    world.error = new RouterError("REQUEST_TIMEOUT", { limit: 1 });
    expect(await call(9, 200)).not.toContain("SUBGRAPH_CIRCUIT_OPEN");
    await call(1, 200);
    expect(await call(1, 200)).toEqual(["SUBGRAPH_CIRCUIT_OPEN"]);
  });

  test("opens before a real subgraph that fails, and closes when it is well again", async () => {
    const answers = answering();
    let isWell = false;
    const { url } = await serve((request, response) => {
      if (isWell) answers.listener(request, response);
      else response.writeHead(500).end("{}");
    });
    const connection = connect({ url, traffic: { circuitBreaker: { minimumCalls: 4, restMs: 1_000, probes: 1 } } });
    for (let call = 0; call < 4; call++) await connection.post(query());
    expect(await refusal(connection.post(query()))).toBe("SUBGRAPH_CIRCUIT_OPEN");
    isWell = true;
    await eventually(() => refusal(connection.post(query()))).toEqual({ resolved: true });
  });
});
