import { createHmac } from "node:crypto";
import { fileURLToPath } from "node:url";
import { getOperationAST, parse } from "graphql";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { loadHooks } from "../../src/hooks/load-hooks.js";
import type { OperationEvent, RouterHooks } from "../../src/hooks/router-hooks.js";
import { createRequestContext } from "../../src/request/request-context.js";
import type { SubgraphOperation } from "../../src/subgraphs/subgraph-call.js";

const example = (name: string): Promise<RouterHooks> =>
  loadHooks(fileURLToPath(new URL(`../../examples/${name}.mjs`, import.meta.url)));

const facts = { requestId: "r-1", actor: null, deadline: 0, signal: new AbortController().signal };
const context = createRequestContext(facts, {});
const operation: SubgraphOperation = {
  ...{ subgraph: "users", text: "query A{me{id}}", name: "A", kind: "query", entities: [] },
};

afterEach(() => vi.unstubAllEnvs());

test("add-response-header names the deployment in every answer", async () => {
  vi.stubEnv("DEPLOYMENT", "blue");
  const { onResponse } = await example("add-response-header");
  await onResponse?.({
    context,
    answer: { body: { text: "" }, status: 200, isRequestError: false, errors: [] },
  });
  expect(context.head.headers.get("x-deployment")).toBe("blue");
});

test("block-operations refuses the operations it is given, and no others", async () => {
  vi.stubEnv("BLOCKED_OPERATIONS", "ExportAll,SlowReport");
  const { onOperation } = await example("block-operations");
  const run = async (query: string) => onOperation?.(eventOf(query));
  await expect(run("query SlowReport { a }")).rejects.toMatchObject({ extensions: { code: "OPERATION_BLOCKED" } });
  for (const query of ["query Report { a }", "{ a }"]) await expect(run(query)).resolves.toBeUndefined();
});

function eventOf(query: string): OperationEvent {
  const document = parse(query);
  const found = getOperationAST(document);
  if (!found) throw new Error("no operation");
  return { context, document, operation: found, kind: found.operation, name: found.name?.value };
}

test("sign-requests signs what a subgraph can check", async () => {
  const key = "k".repeat(32);
  vi.stubEnv("SIGNING_KEY", key);
  const { onSubgraphRequest } = await example("sign-requests");
  const headers = new Map<string, string>();
  await onSubgraphRequest?.({ subgraph: "users", operation, context, headers });
  const [seconds, signature] = headers.get("x-signature")?.split(".") ?? [];
  const expected = createHmac("sha256", key).update(`${seconds}\nusers\n${operation.text}`).digest("base64url");
  expect(signature).toBe(expected);
});

test("log-slow-subgraphs writes a line for slow answers, and none for quick ones", async () => {
  vi.stubEnv("SLOW_MS", "30");
  const lines = vi.spyOn(console, "log").mockImplementation(() => {});
  const clock = vi.spyOn(performance, "now");
  onTestFinished(() => clock.mockRestore());
  const hooks = await example("log-slow-subgraphs");
  const event = { subgraph: "users", operation, context };
  const ask = async (tookMs: number) => {
    clock.mockReturnValue(0);
    await hooks.onSubgraphRequest?.({ ...event, headers: new Map() });
    clock.mockReturnValue(tookMs);
    await hooks.onSubgraphResponse?.({ ...event, answer: { form: "text", text: "" } });
  };
  await ask(29);
  expect(lines).not.toHaveBeenCalled();
  await ask(30);
  expect(JSON.parse(lines.mock.calls[0]?.[0] as string)).toMatchObject({ subgraph: "users", requestId: "r-1" });
});
