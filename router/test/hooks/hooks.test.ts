import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GraphQLError } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { composeHooks } from "../../src/hooks/compose-hooks.js";
import { HooksProblem, loadHooks } from "../../src/hooks/load-hooks.js";
import { hookNames, type RouterHooks } from "../../src/hooks/router-hooks.js";
import type { ClientAnswer } from "../../src/request/outcome.js";
import { createRequestContext } from "../../src/request/request-context.js";

const facts = { requestId: "r-1", actor: null, deadline: 0, signal: new AbortController().signal };
const context = () => createRequestContext(facts, {});
const answer = (text: string): ClientAnswer => ({
  body: { text },
  status: 200,
  isRequestError: false,
  errors: [],
});

describe("hooks of several sources", () => {
  test("are there only for the moments somebody has a hook for, and a single one is called directly", () => {
    expect(composeHooks([])).toEqual({});
    const hooks = composeHooks([{ onOperation() {} }, {}]);
    expect(Object.keys(hooks)).toEqual(["onOperation"]);
    // Nothing to wait for where the hook has nothing to wait for.
    expect(
      composeHooks([{ onResponse: () => undefined }]).onResponse?.({ context: context(), answer: answer("") }),
    ).toBe(undefined);
  });

  test("run in order, each seeing what the one before it returned", async () => {
    const add = (letter: string): RouterHooks => ({
      onRequest: ({ request }) => ({ query: `${request.query}${letter}` }),
      onResponse: async ({ answer: { body } }) => answer(`${body.text}${letter}`),
    });
    const hooks = composeHooks([add("a"), { onRequest() {} }, add("b")]);
    expect(await hooks.onRequest?.({ request: { query: "" }, context: context() })).toEqual({ query: "ab" });
    expect(await hooks.onResponse?.({ context: context(), answer: answer("") })).toEqual(answer("ab"));
  });

  test("leave things as they are when none returns anything", async () => {
    const hooks = composeHooks([{ onRequest() {} }, { onRequest() {} }]);
    expect(await hooks.onRequest?.({ request: { query: "{ a }" }, context: context() })).toBeUndefined();
  });

  test("leave an event out as soon as one says so", async () => {
    const seen: string[] = [];
    const hooks = composeHooks([
      { onSubscriptionEvent: ({ answer: { body } }) => (body.text === "out" ? null : undefined) },
      { onSubscriptionEvent: ({ answer: { body } }) => void seen.push(body.text) },
    ]);
    expect(await hooks.onSubscriptionEvent?.({ context: context(), answer: answer("out") })).toBeNull();
    expect(await hooks.onSubscriptionEvent?.({ context: context(), answer: answer("in") })).toBeUndefined();
    expect(seen).toEqual(["in"]);
  });

  test("end with the first that throws", async () => {
    const called: string[] = [];
    const refuse = () => {
      throw new GraphQLError("no", { extensions: { code: "NO" } });
    };
    const hooks = composeHooks([{ onRequest: refuse }, { onRequest: () => void called.push("second") }]);
    await expect(hooks.onRequest?.({ request: {}, context: context() })).rejects.toMatchObject({
      extensions: { code: "NO" },
    });
    expect(called).toEqual([]);
  });

  test("may be methods of objects with a state of their own", async () => {
    class Counting implements RouterHooks {
      count = 0;
      onOperation(): void {
        this.count += 1;
      }
    }
    const counting = new Counting();
    const hooks = composeHooks([counting, counting]);
    await hooks.onOperation?.({} as Parameters<NonNullable<RouterHooks["onOperation"]>>[0]);
    expect(counting.count).toBe(2);
  });
});

describe("a module of hooks", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "hooks-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const put = (name: string, content: string): string => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };

  test("exports hooks, or a list of them", async () => {
    const one = put("one.mjs", "export default { onRequest() {}, onPlan() {} };");
    expect(Object.keys(await loadHooks(one))).toEqual(["onRequest", "onPlan"]);
    const list = put("list.mjs", "export default [{ onRequest() {} }, { onResponse() {} }];");
    expect(Object.keys(await loadHooks(list))).toEqual(["onRequest", "onResponse"]);
    const every = put("every.mjs", `export default { ${hookNames.map((name) => `${name}() {}`).join(", ")} };`);
    expect(Object.keys(await loadHooks(every))).toEqual(hookNames);
  });

  test("that has changed is loaded again", async () => {
    const file = put("changing.mjs", "export default { onRequest() {} };");
    await loadHooks(file);
    put("changing.mjs", "export default { onPlan() {} };");
    utimesSync(file, new Date(), new Date(Date.now() + 5_000));
    expect(Object.keys(await loadHooks(file))).toEqual(["onPlan"]);
  });

  test.each([
    ["that is not there", null, "is not there"],
    ["without a default export", "export const onRequest = () => {};", "has no default export: export default { … }."],
    ["with a hook that does not exist", "export default { onReqest() {} };", 'Did you mean "onRequest"?'],
    ["with a hook that is no function", "export default { onPlan: 1 };", "has a onPlan that is not a function."],
    ["that exports something else", "export default 'hooks';", "exports something else than hooks"],
    ["that fails", "throw new Error('KEY is missing');", "cannot be loaded: KEY is missing"],
  ])("%s is refused with a sentence", async (what, content, sentence) => {
    const file = content === null ? join(folder, "none.mjs") : put(`${what.replaceAll(" ", "-")}.mjs`, content);
    const refused = await loadHooks(file).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(HooksProblem);
    expect((refused as Error).message).toContain(sentence);
  });
});
