/** Policies decided by a module of the operator or by a field of a subgraph. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTelemetry } from "@tessera/telemetry";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createPolicyDecider,
  decideByField,
  failingClosed,
  loadPolicyModule,
} from "../../src/access/policy-decider.js";
import { createRequestContext } from "../../src/request/request-context.js";
import type { SubgraphAnswer, SubgraphCall } from "../../src/subgraphs/subgraph-call.js";
import { actor } from "./schema.js";

const logged: string[] = [];
const { log } = createTelemetry({ service: "test", destination: { write: (line) => void logged.push(line) } });
const context = createRequestContext(
  { requestId: "r", actor: actor(), deadline: Date.now() + 1000, signal: new AbortController().signal },
  {},
);
const facts = { actor: actor(), context };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "policies-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a policy module", () => {
  test("decides with the actor at hand, at once or later", async () => {
    const file = join(folder, "policies.mjs");
    const body = "({ actor }) => ({ human: actor !== null && actor.kind === 'user' })";
    await writeFile(file, `const of = ${body}; export const decide = (policies, facts) => of(facts);`);
    const decide = await loadPolicyModule(file);
    expect(decide(["human"], facts)).toEqual({ human: true });
    expect(decide(["human"], { ...facts, actor: null })).toEqual({ human: false });
  });

  test("without the function is refused when it is loaded", async () => {
    const file = join(folder, "wrong.mjs");
    await writeFile(file, "export const decides = 1;");
    await expect(loadPolicyModule(file)).rejects.toThrow("exports no function decide");
  });
});

describe("a subgraph field", () => {
  const answering = (answer: SubgraphAnswer, calls: SubgraphCall[] = []) =>
    decideByField({ subgraph: "people", field: "heldPolicies" }, async (call) => {
      calls.push(call);
      return answer;
    });

  test("answers with the policies that hold, in process or as text", async () => {
    const calls: SubgraphCall[] = [];
    const decide = answering({ form: "value", data: { heldPolicies: ["a"] } }, calls);
    expect(await decide(["a", "b"], facts)).toEqual({ a: true, b: false });
    expect(calls[0]).toMatchObject({
      operation: { subgraph: "people", kind: "query" },
      variables: { policies: ["a", "b"] },
      context,
    });
    const text = Buffer.from('{"data":{"heldPolicies":["b","größer"]}}').toString("latin1");
    expect(await answering({ form: "text", text })(["a", "b", "größer"], facts)).toEqual({
      a: false,
      b: true,
      größer: true,
    });
  });

  test("that fails holds nothing, and the log says why", async () => {
    const decide = failingClosed(answering({ form: "value", data: null }), log);
    expect(await decide(["a"], facts)).toEqual({ a: false });
    expect(logged.join()).toContain("people did not say which policies hold");
  });

  test("must have the name of a field", () => {
    expect(() => decideByField({ subgraph: "x", field: "a}{b" }, async () => ({ form: "value", data: {} }))).toThrow();
  });
});

test("a module that throws holds nothing, and one that decides is passed through", () => {
  const broken = failingClosed(() => {
    throw new Error("out of order");
  }, log);
  expect(broken(["a", "b"], facts)).toEqual({ a: false, b: false });
  expect(logged.join()).toContain("out of order");
  expect(failingClosed(() => ({ a: true }), log)(["a"], facts)).toEqual({ a: true });
});

test("without a decider every policy stays undecided", async () => {
  const call = async (): Promise<SubgraphAnswer> => ({ form: "value", data: { held: ["a"] } });
  expect((await createPolicyDecider(undefined, { call, log }))(["a"], facts)).toEqual({});
  const decide = await createPolicyDecider({ subgraph: "people", field: "held" }, { call, log });
  expect(await decide(["a", "b"], facts)).toEqual({ a: true, b: false });
  await expect(createPolicyDecider({ module: join(folder, "missing.mjs") }, { call, log })).rejects.toThrow();
});
