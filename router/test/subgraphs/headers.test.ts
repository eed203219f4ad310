/** What of a client's request reaches a subgraph, and what of its answer comes back. */

import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import type { Actor } from "@tessera/shared-types";
import { describe, expect, test } from "vitest";
import { createForwardedKey } from "../../src/subgraphs/headers/forwarded-key.js";
import { type HeaderRule, headerRulesFor } from "../../src/subgraphs/headers/header-rules.js";
import { compileRequestHeaders } from "../../src/subgraphs/headers/request-headers.js";
import { tesseraHeaders } from "../../src/subgraphs/headers/tessera-headers.js";
import { connect } from "./connect.js";
import { answering, contextOf, query, serve } from "./servers.js";
import { registerTracing, spanContext } from "./tracing.js";

const clientHeaders = {
  authorization: "Bearer abc",
  connection: "x-secret",
  "content-length": "7",
  host: "router.example",
  "transfer-encoding": "chunked",
  "x-tenant": "t1",
  "x-feature-a": "on",
  "x-feature-b": ["1", "2"],
};

const actor: Actor = {
  kind: "user",
  id: "u1",
  tenantId: "t1",
  scopes: new Set(["a:read", "b:read"]),
  roles: ["auditor"],
  attributes: { region: ["eu", "us"] },
};

/** What the rules make of the client's headers, without the request's id. */
function written(...request: HeaderRule[]): Record<string, string> {
  const headers = compileRequestHeaders({ request })(contextOf({ clientHeaders, actor }));
  const { "x-request-id": _, ...others } = Object.fromEntries(headers);
  return others;
}

describe("a subgraph", () => {
  test("without rules gets the request's id and nothing of the client", async () => {
    const { listener, received } = answering();
    const { url } = await serve(listener);
    await connect({ url, headers: {} }).post(query(contextOf({ clientHeaders, token: "abc", cookie: "a=1" })));
    expect(Object.keys(received[0]?.headers ?? {}).sort()).toEqual([
      "accept",
      "connection",
      "content-length",
      "content-type",
      "host",
      "x-request-id",
    ]);
  });

  test("of the platform gets who asks and how long anybody waits", async () => {
    const { listener, received } = answering();
    const { url } = await serve(listener);
    const facts = { token: "abc", cookie: "a=1", clientAddress: "10.0.0.1", userAgent: "tests" };
    await connect({ url }).post(query(contextOf({ ...facts, deadline: Date.now() + 9_000 })));
    const headers = received[0]?.headers ?? {};
    expect(headers).toMatchObject({
      authorization: "Bearer abc",
      cookie: "a=1",
      "user-agent": "tests",
      "x-forwarded-for": "10.0.0.1",
      "x-request-id": "request-0001",
    });
    expect(Number(headers["x-tessera-deadline"])).toBeGreaterThan(0);
    expect(Number(headers["x-tessera-deadline"])).toBeLessThanOrEqual(9_000);
  });

  test("joins the trace of the active span", () => {
    expect(written()).toEqual({});
    registerTracing();
    context.with(trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext(spanContext)), () => {
      expect(written()).toEqual({ traceparent: `00-${spanContext.traceId}-${spanContext.spanId}-01` });
    });
  });
});

describe("a rule", () => {
  test.each<[string, HeaderRule[], Record<string, string>]>([
    ["propagates by name", [{ propagate: { named: "X-Tenant" } }], { "x-tenant": "t1" }],
    ["renames", [{ propagate: { named: "x-tenant", rename: "x-org" } }], { "x-org": "t1" }],
    ["has a default", [{ propagate: { named: "x-none", default: "d" } }], { "x-none": "d" }],
    ["propagates nothing that is not there", [{ propagate: { named: "x-none" } }], {}],
    [
      "propagates by pattern",
      [{ propagate: { matching: "x-feature-.*" } }],
      { "x-feature-a": "on", "x-feature-b": "1, 2" },
    ],
    ["matches whole names", [{ propagate: { matching: "feature" } }], {}],
    ["inserts a value", [{ insert: { name: "X-From", value: "router" } }], { "x-from": "router" }],
    ["inserts another header", [{ insert: { name: "x-org", fromHeader: "X-Tenant" } }], { "x-org": "t1" }],
    ["inserts a claim", [{ insert: { name: "x-user", fromClaim: "id" } }], { "x-user": "u1" }],
    ["joins claims", [{ insert: { name: "x-regions", fromClaim: "attributes.region" } }], { "x-regions": "eu,us" }],
    ["joins scopes", [{ insert: { name: "x-scopes", fromClaim: "scopes" } }], { "x-scopes": "a:read,b:read" }],
    ["takes no claim that is not there", [{ insert: { name: "x-none", fromClaim: "constructor.name" } }], {}],
    [
      "removes what earlier ones put there",
      [{ propagate: { matching: "x-.*" } }, { remove: { named: "X-Tenant" } }, { remove: { matching: ".*-a" } }],
      { "x-feature-b": "1, 2" },
    ],
    [
      "replaces what earlier ones put there",
      [{ propagate: { named: "x-tenant" } }, { insert: { name: "x-tenant", value: "t2" } }],
      { "x-tenant": "t2" },
    ],
    [
      "forwards all but what belongs to the connection",
      [{ propagate: { matching: ".*" } }],
      {
        authorization: "Bearer abc",
        "x-tenant": "t1",
        "x-feature-a": "on",
        "x-feature-b": "1, 2",
      },
    ],
    ["cannot end a header", [{ insert: { name: "x-a", value: "1\r\nx-b: 2" } }], {}],
  ])("%s", (_, rules, expected) => {
    expect(written(...rules)).toEqual(expected);
  });

  test("of one subgraph comes after those of all, and counts for no other", () => {
    const config = {
      request: [{ propagate: { named: "x-tenant" } }],
      subgraphs: { products: { request: [{ remove: { named: "x-tenant" } }] } },
    };
    expect(written(...(headerRulesFor("products", config).request ?? []))).toEqual({});
    expect(written(...(headerRulesFor("people", config).request ?? []))).toEqual({ "x-tenant": "t1" });
  });
});

describe("answers", () => {
  const answer = (head: Record<string, string | string[]>) => serve(answering({ data: {} }, head).listener);

  test("bring every Set-Cookie of a subgraph of the platform, and nothing else", async () => {
    const { url } = await answer({ "set-cookie": ["a=1; HttpOnly", "b=2"], "x-other": "1" });
    const context = contextOf();
    await connect({ url }).post(query(context));
    expect(context.head.setCookie).toEqual(["a=1; HttpOnly", "b=2"]);
    expect(context.head.headers.size).toBe(0);
  });

  test("bring no cookie of a subgraph whose rules do not say so", async () => {
    const { url } = await answer({ "set-cookie": "a=1" });
    const context = contextOf();
    await connect({ url, headers: {} }).post(query(context));
    expect(context.head.setCookie).toEqual([]);
  });

  test.each([
    ["first", "one"],
    ["last", "two"],
    ["append", "one, two"],
  ] as const)("of several subgraphs are merged by %s", async (merge, expected) => {
    const context = contextOf();
    for (const value of ["one", "two"]) {
      const { url } = await answer({ "x-mark": value });
      const response = [{ propagate: { named: "X-Mark", rename: "x-marks", merge } }];
      await connect({ url, headers: { response } }).post(query(context));
    }
    expect([...context.head.headers]).toEqual([["x-marks", expected]]);
  });

  test.each([
    ["no-store", { maxAgeSeconds: 0, scope: "private" }],
    ["max-age=5, s-maxage=9", { maxAgeSeconds: 9, scope: "public" }],
    ["max-age=90, private", { maxAgeSeconds: 90, scope: "private" }],
    ["private", null],
    [undefined, null],
  ])("with Cache-Control %s say how long they may be kept as RFC 9111 does", async (cacheControl, expected) => {
    const { url } = await answer(cacheControl === undefined ? {} : { "cache-control": cacheControl });
    expect((await connect({ url }).post(query())).cachePolicy).toEqual(expected);
  });
});

describe("the key of what is forwarded", () => {
  const key = createForwardedKey([tesseraHeaders, { request: [{ propagate: { named: "x-tenant" } }] }]);
  const facts = { token: "abc", clientHeaders: { "x-tenant": "t1" } };

  test("is the same for requests that differ in nothing a subgraph gets to see", () => {
    const other = {
      ...facts,
      requestId: "request-0002",
      deadline: 0,
      clientHeaders: { "x-tenant": "t1", "x-else": "1" },
    };
    expect(key(contextOf(facts))).toBe(key(contextOf(other)));
  });

  test.each([
    ["token", { ...facts, token: "def" }],
    ["cookie", { ...facts, cookie: "a=1" }],
    ["header", { ...facts, clientHeaders: { "x-tenant": "t2" } }],
  ])("differs with the %s", (_, other) => {
    expect(key(contextOf(facts))).not.toBe(key(contextOf(other)));
  });
});
