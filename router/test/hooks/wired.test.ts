import { fileURLToPath } from "node:url";
import { GraphQLError } from "graphql";
import { afterEach, describe, expect, test, vi } from "vitest";
import { loadHooks } from "../../src/hooks/load-hooks.js";
import type { RouterHooks } from "../../src/hooks/router-hooks.js";
import type { AnswerHead, RequestContext } from "../../src/request/request-context.js";
import { startWorld, type World } from "../world/world.js";

let world: World | undefined;

afterEach(async () => {
  await world?.router.close();
  vi.unstubAllEnvs();
});

async function start(...hooks: RouterHooks[]): Promise<World> {
  world = await startWorld({ hooks });
  return world;
}

const example = (name: string): Promise<RouterHooks> =>
  loadHooks(fileURLToPath(new URL(`../../examples/${name}.mjs`, import.meta.url)));

describe("hooks of a router that serves", () => {
  test("are called at each moment of a request, in order, with one head of the answer", async () => {
    const moments: string[] = [];
    const heads = new Set<AnswerHead>();
    const seen = (name: string) => (event: object) => {
      moments.push(name);
      if ("context" in event) heads.add((event.context as RequestContext).head);
    };
    const { ask } = await start({
      onRequest: seen("onRequest"),
      onOperation: seen("onOperation"),
      onPlan: seen("onPlan"),
      onSubgraphRequest: seen("onSubgraphRequest"),
      onSubgraphResponse: seen("onSubgraphResponse"),
      onResponse: seen("onResponse"),
    });
    expect((await ask("{ people { id } }")).errors).toBeUndefined();
    const every = ["onRequest", "onOperation", "onPlan", "onSubgraphRequest", "onSubgraphResponse", "onResponse"];
    expect(moments).toEqual(every);
    moments.length = 0;
    await ask("{ people { id } }");
    // A plan is made once.
    expect(moments).toEqual(every.filter((name) => name !== "onPlan"));
    expect(heads.size).toBe(2);
  });

  test("refuse a request with the code they throw, before anything runs", async () => {
    const refuse = () => {
      throw new GraphQLError("Not today.", { extensions: { code: "CLOSED" } });
    };
    const { ask, calls } = await start({ onRequest: refuse });
    const { errors } = await ask("{ people { id } }");
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["CLOSED"]);
    expect(calls).toEqual([]);
  });

  test("fail only the call to a subgraph that they throw for", async () => {
    const { ask } = await start({
      onSubgraphRequest({ subgraph }) {
        if (subgraph === "sites") throw new GraphQLError("Not there.", { extensions: { code: "CLOSED" } });
      },
    });
    const { data, errors } = await ask("{ people { id } latest { __typename } }");
    expect(errors).toBeUndefined();
    expect(data.people).toBeTruthy();
  });

  test("may put another request and another answer in the place of theirs", async () => {
    const { ask } = await start({
      onRequest: () => ({ query: "{ __typename }" }),
      onResponse: ({ answer }) => ({
        ...answer,
        body: { text: answer.body.text.replace("Query", "Root") },
      }),
    });
    expect((await ask("{ people { id } }")).data).toEqual({ __typename: "Root" });
  });
});

describe("the examples", () => {
  test("add-response-header and block-operations do what they say", async () => {
    vi.stubEnv("DEPLOYMENT", "green");
    vi.stubEnv("BLOCKED_OPERATIONS", "SlowReport");
    const { ask } = await start(await example("add-response-header"), await example("block-operations"));
    const allowed = await ask("query Report { people { id } }");
    expect([allowed.errors, allowed.headers.get("x-deployment")]).toEqual([undefined, "green"]);
    const blocked = await ask("query SlowReport { people { id } }");
    expect(blocked.errors?.[0]?.extensions.code).toBe("OPERATION_BLOCKED");
  });

  test("sign-requests and log-slow-subgraphs run for each call", async () => {
    vi.stubEnv("SIGNING_KEY", "k".repeat(32));
    vi.stubEnv("SLOW_MS", "0");
    const lines = vi.spyOn(console, "log").mockImplementation(() => {});
    const { ask } = await start(await example("sign-requests"), await example("log-slow-subgraphs"));
    expect((await ask("{ people { id } }")).errors).toBeUndefined();
    expect(lines.mock.calls.map(([line]) => JSON.parse(line as string).subgraph)).toEqual(["people"]);
    lines.mockRestore();
  });
});
