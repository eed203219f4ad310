/** The executor's way to subgraphs of this process and of others. */
import type { SubgraphConnection, SubgraphRequest, SubgraphResult } from "@tessera/shared-types";
import { createTelemetry } from "@tessera/telemetry";
import { GraphQLError } from "graphql";
import { describe, expect, test } from "vitest";
import { RouterError } from "../../src/errors/router-error.js";
import { type CallSubgraphOptions, createCallSubgraph } from "../../src/subgraphs/call-subgraph.js";
import type { SubgraphCall, SubgraphOperation } from "../../src/subgraphs/subgraph-call.js";
import type { SubgraphRequestEvent, SubgraphResponseEvent } from "../../src/subgraphs/subgraph-hooks.js";
import { connect } from "./connect.js";
import { answering, contextOf, serve } from "./servers.js";
import { registerTracing, spanContext } from "./tracing.js";

const operation: SubgraphOperation = {
  subgraph: "products",
  text: "query Q($r: [_Any!]!) { _entities(representations: $r) { ... on Product { name } } }",
  name: "Q",
  kind: "query",
  entities: [{ alias: "_entities", variable: "r", selection: "name" }],
};

const product = { __typename: "Product", id: "p1" };

function callOf(changes: Partial<SubgraphCall> = {}): SubgraphCall {
  return { operation, variables: { first: 1 }, representations: [[product]], context: contextOf(), ...changes };
}

function prepare(connection: SubgraphConnection, hooks?: CallSubgraphOptions["hooks"]) {
  const lines: string[] = [];
  const telemetry = createTelemetry({
    service: "tests",
    level: "info",
    format: "json",
    destination: { write: (line) => lines.push(line) },
  });
  const bodyOf = ({ operation: { text } }: SubgraphCall) => JSON.stringify({ query: text });
  const options = { connections: new Map([["products", connection]]), telemetry, bodyOf };
  return { call: createCallSubgraph(hooks ? { ...options, hooks } : options), telemetry, lines };
}

function local(execute: (request: SubgraphRequest) => Promise<SubgraphResult>): SubgraphConnection {
  return { name: "products", execute, subscribe: () => Promise.reject(new Error("no streams")), close: async () => {} };
}

describe("a subgraph of this process", () => {
  test("gets representations as a variable, and gives values", async () => {
    const requests: SubgraphRequest[] = [];
    const { call } = prepare(
      local(async (request) => {
        requests.push(request);
        return { data: { _entities: [{ name: "Table" }] }, setCookie: ["a=1", "b=2"] };
      }),
    );
    const context = contextOf();
    expect(await call(callOf({ context }))).toEqual({ form: "value", data: { _entities: [{ name: "Table" }] } });
    expect(requests).toEqual([
      { query: operation.text, operationName: "Q", variables: { first: 1, r: [product] }, facts: context.facts },
    ]);
    expect(context.head.setCookie).toEqual(["a=1", "b=2"]);
  });

  test("gets files where its variables have them, and the client's variables stay as they were", async () => {
    let received: SubgraphRequest["variables"];
    const { call } = prepare(
      local(async ({ variables }) => {
        received = variables;
        return { data: {} };
      }),
    );
    const variables = { input: { files: [null, null] } };
    const file = { filename: "a.txt", mimetype: "text/plain", content: Buffer.from("a") };
    await call(callOf({ variables, files: [{ path: ["input", "files", 1], file }] }));
    expect(received).toMatchObject({ input: { files: [null, file] } });
    expect(variables).toEqual({ input: { files: [null, null] } });
  });

  test("keeps the codes of its errors, and gets one where it has none", async () => {
    const errors = [new GraphQLError("a", { extensions: { code: "LOCKED" } }), new GraphQLError("b", { path: ["x"] })];
    const answer = await prepare(local(async () => ({ data: null, errors }))).call(callOf());
    expect(answer).toMatchObject({
      errors: [
        { message: "a", extensions: { code: "LOCKED", module: "products" } },
        { message: "b", path: ["x"], extensions: { code: "INTERNAL_SERVER_ERROR", module: "products" } },
      ],
    });
  });

  test("is not waited for once the request is aborted", async () => {
    const controller = new AbortController();
    const { call, lines } = prepare(local(() => new Promise(() => {})));
    const answer = call(callOf({ context: contextOf({ signal: controller.signal }) }));
    controller.abort(new RouterError("REQUEST_TIMEOUT", { limit: 5 }));
    expect(await answer).toMatchObject({ data: null, errors: [{ extensions: { code: "REQUEST_TIMEOUT" } }] });
    expect(lines).toEqual([]);
  });

  test("that throws gives a coded error, and one line in the log with the cause", async () => {
    const { call, lines } = prepare(local(() => Promise.reject(new Error("disk on fire"))));
    const answer = await call(callOf());
    expect(answer).toMatchObject({
      form: "value",
      data: null,
      errors: [{ extensions: { code: "SUBGRAPH_UNAVAILABLE" } }],
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("disk on fire");
  });
});

describe("a subgraph of another process", () => {
  test("gets the body as it is, and gives text", async () => {
    const { listener, received } = answering({ data: { name: "Table" } });
    const { url } = await serve(listener);
    const answer = await prepare(connect({ url })).call(callOf());
    expect(answer).toMatchObject({ form: "text", text: '{"data":{"name":"Table"}}' });
    expect(JSON.parse(received[0]?.body ?? "")).toEqual({ query: operation.text });
  });

  test("that is not there gives a coded error, and one line in the log with the cause", async () => {
    const { call, lines } = prepare(connect({ url: "http://127.0.0.1:9/graphql" }));
    expect(await call(callOf())).toMatchObject({ errors: [{ extensions: { code: "SUBGRAPH_UNAVAILABLE" } }] });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("ECONNREFUSED");
  });
});

test("what a subgraph does wrong is logged, and what the router refuses for it is not", async () => {
  const { url } = await serve((_, response) => response.end("<h1>hello</h1>"));
  const circuitBreaker = { minimumCalls: 1 };
  const { call, lines } = prepare(connect({ url, traffic: { circuitBreaker } }));
  expect(await call(callOf())).toMatchObject({ errors: [{ extensions: { code: "SUBGRAPH_INVALID_RESPONSE" } }] });
  expect(await call(callOf())).toMatchObject({ errors: [{ extensions: { code: "SUBGRAPH_CIRCUIT_OPEN" } }] });
  expect(lines).toHaveLength(1);
});

test("a subgraph nobody has connected gives a coded error", async () => {
  const { call } = prepare(local(async () => ({ data: {} })));
  const answer = await call(callOf({ operation: { ...operation, subgraph: "people" } }));
  expect(answer).toMatchObject({
    errors: [{ extensions: { code: "SUBGRAPH_UNAVAILABLE", details: { subgraph: "people" } } }],
  });
});

describe("hooks", () => {
  test("change the headers of a request, and see its answer", async () => {
    const { listener, received } = answering({ data: {} }, { "x-answer": "1" });
    const { url } = await serve(listener);
    const responses: SubgraphResponseEvent[] = [];
    const hooks = {
      onSubgraphRequest: ({ headers, subgraph }: SubgraphRequestEvent) => {
        headers.set("x-hook", subgraph);
        headers.delete("user-agent");
      },
      onSubgraphResponse: (event: SubgraphResponseEvent) => void responses.push(event),
    };
    const { call } = prepare(connect({ url }), hooks);
    await call(callOf({ context: contextOf({ userAgent: "tests" }) }));
    expect(received[0]?.headers).toMatchObject({ "x-hook": "products", "x-request-id": "request-0001" });
    expect(received[0]?.headers["user-agent"]).toBeUndefined();
    expect(responses).toMatchObject([{ status: 200, headers: { "x-answer": "1" }, answer: { form: "text" } }]);
  });

  test("that throw refuse the call with what they threw", async () => {
    const onSubgraphRequest = () => {
      throw new GraphQLError("not today", { extensions: { code: "CLOSED" } });
    };
    let asked = false;
    const connection = local(async () => {
      asked = true;
      return { data: {} };
    });
    const answer = await prepare(connection, { onSubgraphRequest }).call(callOf());
    expect(answer).toMatchObject({ data: null, errors: [{ message: "not today", extensions: { code: "CLOSED" } }] });
    expect(asked).toBe(false);
  });

  test("that break are a fault of their own, not of the subgraph", async () => {
    const onSubgraphResponse = () => Promise.reject(new TypeError("x is not a function"));
    const answer = await prepare(
      local(async () => ({ data: {} })),
      { onSubgraphResponse },
    ).call(callOf());
    expect(answer).toMatchObject({
      data: null,
      errors: [{ originalError: { message: "x is not a function" }, extensions: { code: "INTERNAL_SERVER_ERROR" } }],
    });
  });
});

describe("operators", () => {
  test("see the duration of every call by subgraph and outcome", async () => {
    const { call, telemetry } = prepare(
      local(async ({ variables }) => (variables?.fail ? Promise.reject() : { data: {} })),
    );
    await call(callOf());
    await call(callOf({ variables: { fail: true } }));
    const { text } = await telemetry.metrics.scrape();
    for (const outcome of ["ok", "error"]) {
      expect(text).toMatch(
        new RegExp(`call_duration_seconds_count\\{[^}]*subgraph="products",outcome="${outcome}"[^}]*\\} 1`),
      );
    }
  });

  test("see a span for every call when tracing is set up, and the subgraph joins its trace", async () => {
    const { listener, received } = answering();
    const { url } = await serve(listener);
    const { call } = prepare(connect({ url }));
    await call(callOf());
    const spans = registerTracing();
    await call(callOf());
    expect(spans).toMatchObject([{ name: "router.subgraph", attributes: { "tessera.subgraph": "products" } }]);
    expect(received.map(({ headers }) => headers.traceparent)).toEqual([
      undefined,
      `00-${spanContext.traceId}-${spanContext.spanId}-01`,
    ]);
  });
});
