import { gate } from "@tessera/database/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Door, openDoor, runOn } from "./door.js";
import { schema } from "./schema.js";

let door: Door;
beforeAll(async () => {
  door = await openDoor({ batching: { maxOperations: 3 } });
});
afterAll(() => door.close());

async function ask(operations: unknown, headers: Record<string, string> = {}, { url } = door) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(operations),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe("a batch", () => {
  test("is answered in its order, each operation by itself", async () => {
    const { status, body } = await ask([{ query: "{ wait(ms: 50) }" }, { query: "{ nothing }" }, { query: 1 }]);
    expect(status).toBe(200);
    expect(body).toMatchObject([
      { data: { wait: 50 } },
      { errors: [{ message: expect.stringContaining("nothing") }] },
      { errors: [{ extensions: { code: "INVALID_PARAMETER" } }] },
    ]);
  });

  test("runs its operations side by side", async () => {
    const allRun = gate();
    // Each waits for all of them.
    const meeting = await openDoor({
      run: async (...asked) => {
        if (meeting.seen.length === 3) allRun.open();
        await allRun.opened;
        return runOn(schema)(...asked);
      },
    });
    const { body } = await ask(Array(3).fill({ query: "{ hello }" }), {}, meeting);
    expect(body).toEqual(Array(3).fill({ data: { hello: "Hello Wörld" } }));
    await meeting.close();
  });

  test("gathers the cookies of all of them", async () => {
    const { headers } = await ask(["1", "2"].map((value) => ({ query: `{ cookie(value: "${value}") }` })));
    expect(headers.getSetCookie().sort()).toEqual(["a=1", "a=2"]);
  });

  test("may be as long as the limit and no longer, and not empty", async () => {
    const batch = (length: number) => ask(Array.from({ length }, () => ({ query: "{ hello }" })));
    expect((await batch(3)).body).toHaveLength(3);
    expect(await batch(4)).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: "BATCH_TOO_LARGE" } }] },
    });
    expect((await batch(0)).status).toBe(400);
  });

  test("holds no streams", async () => {
    const batch = [{ query: "subscription { ticks(count: 1) }" }];
    const { body } = await ask(batch, { accept: "application/json, text/event-stream;q=0.5" });
    expect(body).toMatchObject([{ errors: [{ extensions: { code: "SUBSCRIPTION_NEEDS_STREAM" } }] }]);
    expect((await ask(batch, { accept: "text/event-stream" })).status).toBe(406);
  });

  test("is refused where batching is off, and a single operation is not", async () => {
    const single = await openDoor({ batching: false });
    expect(await ask([{ query: "{ hello }" }], {}, single)).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: "BATCHING_NOT_SUPPORTED" } }] },
    });
    expect((await ask({ query: "{ hello }" }, {}, single)).status).toBe(200);
    await single.close();
  });
});
