import type { ServerResponse } from "node:http";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Hostile, type HostileOptions, type Spoil, startHostile } from "./hostile-world.js";
import { shop } from "./worlds.js";

const query = "{ items { id cost } matrix }";
const usual = {
  items: [
    { id: "1", cost: 14 },
    { id: "2", cost: 14 },
  ],
  matrix: [[1, 2], [3]],
};

const start = (options: HostileOptions = {}): Promise<Hostile> => startHostile(shop.subgraphs, options);

/** Spoils what the first subgraph answers. */
function ofCatalog(write: (response: ServerResponse, text: string) => void): Spoil {
  return (result, response, { subgraph }) => {
    if (subgraph !== "catalog") return false;
    response.on("error", () => {});
    response.setHeader("content-type", "application/json");
    write(response, JSON.stringify(result));
    return true;
  };
}

function ofShipping(text: (result: string) => string): Spoil {
  return (result, response, { subgraph }) => {
    if (subgraph !== "shipping") return false;
    response.setHeader("content-type", "application/json").end(text(JSON.stringify(result)));
    return true;
  };
}

async function codesFor(world: Hostile, spoil: Spoil): Promise<unknown[]> {
  world.spoil = spoil;
  const { errors } = await world.ask(query);
  world.spoil = () => false;
  expect((await world.ask(query)).data).toEqual(usual);
  return [...new Set(errors.map(({ extensions }) => extensions.code))];
}

describe("a subgraph that", () => {
  test("sends bytes without end is cut at the limit, however they are encoded", async () => {
    const world = await start({ remote: { traffic: { maxAnswerBytes: 100_000 } } });
    const endless = ofCatalog((response) => {
      const more = () => {
        while (!response.destroyed && response.write(" ".repeat(10_000))) {}
      };
      response.write("{").valueOf();
      response.on("drain", more);
      more();
    });
    expect(await codesFor(world, endless)).toEqual(["SUBGRAPH_RESPONSE_TOO_LARGE"]);
    const bomb = Buffer.from(`{"data":{"items":"${"a".repeat(30_000_000)}"}}`);
    for (const [encoding, bytes] of [
      ["gzip", gzipSync(bomb)],
      ["br", brotliCompressSync(bomb)],
      ["gzip, gzip", gzipSync(gzipSync(bomb))],
    ] as const) {
      const spoil = ofCatalog((response) => response.setHeader("content-encoding", encoding).end(bytes));
      expect(await codesFor(world, spoil)).toEqual(["SUBGRAPH_RESPONSE_TOO_LARGE"]);
    }
    const plain = ofCatalog((response, text) =>
      response.setHeader("content-encoding", "gzip, br").end(brotliCompressSync(gzipSync(text))),
    );
    expect(await codesFor(world, plain)).toEqual([]);
  });

  test("compresses its answer more often than anybody would is not followed", async () => {
    const world = await start();
    const often = ofCatalog((response, text) => {
      const four = [1, 2, 3, 4].reduce((bytes) => gzipSync(bytes), Buffer.from(text));
      response.setHeader("content-encoding", "gzip, gzip, gzip, gzip").end(four);
    });
    expect(await codesFor(world, often)).toEqual(["SUBGRAPH_UNAVAILABLE"]);
    const broken = ofCatalog((response, text) => response.setHeader("content-encoding", "gzip").end(text));
    expect(await codesFor(world, broken)).toEqual(["SUBGRAPH_UNAVAILABLE"]);
  });

  test("never answers, or never to the end, costs its own fields after the timeout", async () => {
    const world = await start({ remote: { traffic: { timeoutMs: 1_500 } } });
    expect(
      await codesFor(
        world,
        ofCatalog(() => {}),
      ),
    ).toEqual(["SUBGRAPH_TIMEOUT"]);
    expect(
      await codesFor(
        world,
        ofCatalog((response, text) => response.write(text.slice(0, 9))),
      ),
    ).toEqual(["SUBGRAPH_TIMEOUT"]);
    expect(
      await codesFor(
        world,
        ofCatalog((response) => response.destroy()),
      ),
    ).toEqual(["SUBGRAPH_UNAVAILABLE"]);
    const cut = ofCatalog((response, text) => {
      response.setHeader("content-length", "1000000");
      response.write(text, () => response.destroy());
    });
    expect(await codesFor(world, cut)).toEqual(["SUBGRAPH_UNAVAILABLE"]);
  });

  test("writes no UTF-8 gives an answer that is", async () => {
    const world = await start();
    world.spoil = ofCatalog((response) => {
      const name = Buffer.from([0x22, 0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0x22]);
      response.end(Buffer.concat([Buffer.from('{"data":{"items":[{"name":'), name, Buffer.from("}]}}")]));
    });
    const { data } = await world.ask("{ items { name } }");
    expect(data?.items).toEqual([{ name: expect.stringMatching(/^\ufffd+$/) }]);
    world.spoil = () => false;
    expect((await world.ask("{ items { name } }")).data?.items).toEqual([{ name: "Chair" }, { name: "Tåble" }]);
  });

  test("reports a hundred thousand errors has a thousand of them told, at no more places", async () => {
    const world = await start();
    const list = (path: unknown) =>
      JSON.stringify(
        Array.from({ length: 100_000 }, (_, at) => ({ message: `no ${at}`, path, extensions: { code: "NO" } })),
      );
    for (const path of [undefined, ["_entities"], ["_entities", 0, "cost"]]) {
      world.spoil = ofShipping((text) => `{"errors":${list(path)},${text.slice(1)}`);
      const { data, errors } = await world.ask(query);
      expect(data?.items).toEqual(usual.items);
      expect(errors.length).toBe(1_000);
      for (const { path } of errors) expect(path?.slice(0, 1)).toEqual(["items"]);
    }
    world.spoil = ofShipping((text) => `{"errors":[{"message":"no","extensions":{"code":"NO"}}],${text.slice(1)}`);
    expect((await world.ask(query)).errors.map(({ path }) => path)).toEqual([
      ["items", 0],
      ["items", 1],
    ]);
  });

  test("reports errors at places that are not asked for has them told all the same", async () => {
    const world = await start();
    for (const path of [
      ["_entities", 7, "cost"],
      ["nothing"],
      ["_entities", -1],
      [],
      ["_entities", 0, "secretField"],
    ]) {
      world.spoil = ofShipping(
        (text) =>
          `{"errors":[{"message":"no","path":${JSON.stringify(path)},"extensions":{"code":"NO"}}],${text.slice(1)}`,
      );
      const { errors } = await world.ask(query);
      expect(errors.length).toBeGreaterThan(0);
      for (const { message, path: shown } of errors) {
        expect(message).toBe("no");
        expect(shown?.length).toBe(2);
      }
    }
  });

  test("gives another number of entities than it was asked for gets none believed", async () => {
    const world = await start();
    for (const change of [
      (list: unknown[]) => list.slice(1),
      (list: unknown[]) => [...list, list[0]],
      () => [],
      () => null,
    ]) {
      world.spoil = ofShipping((text) => {
        const { data } = JSON.parse(text) as { data: { _entities: unknown[] } };
        return JSON.stringify({ data: { _entities: change(data._entities) } });
      });
      const { data, errors } = await world.ask(query);
      expect(data?.items).toEqual([
        { id: "1", cost: null },
        { id: "2", cost: null },
      ]);
      expect(errors.map(({ extensions, path }) => [extensions.code, path])).toEqual([
        ["SUBGRAPH_INVALID_RESPONSE", ["items", 0]],
        ["SUBGRAPH_INVALID_RESPONSE", ["items", 1]],
      ]);
    }
    world.spoil = ofShipping(() => '{"data":{"_entities":[null,{"__typename":"Item","cost":1}]}}');
    expect((await world.ask(query)).data?.items).toEqual([
      { id: "1", cost: null },
      { id: "2", cost: 1 },
    ]);
  });

  test("sends strange headers changes neither the answer nor the connection of the client", async () => {
    const names = ["x-good", "x-evil", "content-length", "transfer-encoding", "connection", "set-cookie"];
    const response = names.map((named) => ({ propagate: { named } }));
    const world = await start({ remote: { headers: { response } } });
    world.spoil = (result, answer) => {
      answer.setHeader("x-good", "a, b");
      answer.setHeader("x-evil", Buffer.from("caf\u00e9 \t;", "latin1").toString("latin1"));
      answer.setHeader("set-cookie", ["a=1; Path=/", "b=2; HttpOnly"]);
      answer.setHeader("connection", "close");
      answer.end(JSON.stringify(result));
      return true;
    };
    const { data, headers } = await world.ask(query);
    expect(data).toEqual(usual);
    expect(headers.get("x-good")).toBe("a, b");
    expect(headers.get("connection")).not.toBe("close");
    expect(headers.get("transfer-encoding")).toBeNull();
    expect(headers.getSetCookie()).toEqual(expect.arrayContaining(["a=1; Path=/", "b=2; HttpOnly"]));
  });
});

describe("entities that are kept", () => {
  const cached: HostileOptions = { entityCache: { subgraphs: { shipping: { ttlSeconds: 60, scope: "public" } } } };
  const list = (change: string) => ofShipping(() => `{"data":{"_entities":${change}}}`);

  test("are those of proper answers; what else came is an error, told each time", async () => {
    const world = await start(cached);
    const spoiled = ["null", "[]", '["x","y"]', '{"0":{"cost":1}}', '[{"__typename":"Item","cost":9}]', "7"];
    for (const change of spoiled) {
      world.spoil = list(change);
      const { data, errors } = await world.ask(query);
      expect(data?.items).toEqual([
        { id: "1", cost: null },
        { id: "2", cost: null },
      ]);
      if (!change.includes('"x"')) expect(errors[0]?.extensions.code).toBe("SUBGRAPH_INVALID_RESPONSE");
    }
    for (const text of ['{"errors":"x"}', '{"errors":[null]}', "{}", '{"data":null,"errors":{}}', "7"]) {
      world.spoil = ofShipping(() => text);
      expect((await world.ask(query)).errors[0]?.extensions.code).toBe("SUBGRAPH_INVALID_RESPONSE");
    }
    world.spoil = () => false;
    expect((await world.ask(query)).data).toEqual(usual);
    // Kept from now on.
    world.spoil = list("null");
    expect((await world.ask(query)).data).toEqual(usual);
  });
});
