import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorld, type World } from "./world/world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld({ limits: { bodyBytes: 4_000, depth: 4, aliases: 3, rootFields: 3, tokens: 120 } });
});
afterAll(() => world.router.close());

const codeOf = async (query: string) => {
  const { status, errors } = await world.ask(query);
  return [status, errors?.[0]?.extensions.code ?? null];
};

describe("an operation is refused before anything is executed", () => {
  test.each([
    [
      "depth",
      "{ sites { manager { boss { boss { name } } } } }",
      "{ sites { manager { boss { name } } } }",
      "DEPTH_EXCEEDED",
    ],
    ["aliases", "{ a: sites { b: id c: id d: id } }", "{ a: sites { b: id c: id } }", "ALIASES_EXCEEDED"],
    [
      "root fields",
      "{ sites { id } people { id } latest { id } broken }",
      "{ sites { id } people { id } latest { id } }",
      "ROOT_FIELDS_EXCEEDED",
    ],
  ])("%s beyond the limit, and not at it", async (_, tooMuch, justEnough, code) => {
    world.calls.length = 0;
    expect(await codeOf(tooMuch)).toEqual([400, code]);
    expect(world.calls).toEqual([]);
    expect(await codeOf(justEnough)).toEqual([200, null]);
  });

  test("fragments hide nothing", async () => {
    const text =
      "{ sites { ...F } } fragment F on Site { manager { ...G } } fragment G on Person { boss { boss { id } } }";
    expect(await codeOf(text)).toEqual([400, "DEPTH_EXCEEDED"]);
    expect(await codeOf("{ a: sites { ...F } b: sites { ...F } } fragment F on Site { x: id }")).toEqual([
      400,
      "ALIASES_EXCEEDED",
    ]);
  });

  test("fragments that multiply each other are counted in no time", async () => {
    const fragments = Array.from({ length: 8 }, (_, n) => `fragment F${n} on Site { ...F${n + 1} ...F${n + 1} }`).join(
      " ",
    );
    const started = Date.now();
    expect(await codeOf(`{ sites { ...F0 } } ${fragments} fragment F8 on Site { a: id }`)).toEqual([
      400,
      "ALIASES_EXCEEDED",
    ]);
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  test("introspection does not count as depth", async () => {
    const deep = "{ __schema { types { fields { type { ofType { ofType { name } } } } } } }";
    expect(await codeOf(deep)).toEqual([200, null]);
  });

  test("tokens beyond the limit stop the parser", async () => {
    expect(await codeOf(`{ sites { ${"id ".repeat(130)} } }`)).toEqual([200, "TOKENS_EXCEEDED"]);
    expect(await codeOf(`{ sites { ${"id ".repeat(90)} } }`)).toEqual([200, null]);
  });
});

describe("a request is refused", () => {
  const post = async (body: string, headers: Record<string, string> = {}) => {
    const url = `${world.router.url}/graphql`;
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
    });
    const { errors } = (await response.json()) as { errors?: { extensions: { code: string; requestId: string } }[] };
    return [response.status, errors?.[0]?.extensions.code ?? null];
  };
  const padded = (bytes: number) =>
    JSON.stringify({ query: "{ sites { id } }", extensions: { pad: "x".repeat(bytes) } });

  test("when its body is too large, and not when it just fits", async () => {
    expect(await post(padded(5_000))).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect(await post(padded(3_000))).toEqual([200, null]);
  });

  test("when it is too large without saying so", async () => {
    const chunks = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 10; n++) controller.enqueue(new TextEncoder().encode("x".repeat(1_000)));
        controller.close();
      },
    });
    const init = { method: "POST", body: chunks, duplex: "half", headers: { "content-type": "application/json" } };
    const response = await fetch(`${world.router.url}/graphql`, init as RequestInit);
    expect(response.status).toBe(413);
  });

  test("when it is a batch of more than ten operations, and not when it has ten", async () => {
    const batch = (count: number) => `[${Array(count).fill('{"query":"{ sites { id } }"}').join()}]`;
    expect(await post(batch(11))).toEqual([400, "BATCH_TOO_LARGE"]);
    expect(await post(batch(10))).toEqual([200, null]);
  });

  test("when it is no JSON", async () => {
    expect(await post("{")).toEqual([400, "INVALID_JSON"]);
    expect(await post("a=b", { "content-type": "application/x-yaml" })).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
  });

  test("when it names no operation", async () => {
    expect(await post("{}")).toEqual([400, "QUERY_MISSING"]);
  });
});
