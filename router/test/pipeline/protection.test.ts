import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestRedis } from "@tessera/database/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createSharingKey } from "../../src/request/sharing-key.js";
import { contextOf } from "../subgraphs/servers.js";
import { asUser, openShop, type Shop } from "./shop.js";

vi.mock("../../src/protection/patient-windows.js", async () =>
  (await import("../protection/patience.js")).patientWindows(),
);

const query = "query Stars { top(first: 2) { stars } }";

describe("the cost of an operation", () => {
  test("is told to clients, written in the access log and counted when it is asked for", async () => {
    const { ask, logged, metrics } = await openShop({
      cost: { mode: "measure", expose: true },
      observability: { accessLog: true },
    });
    const { extensions } = await ask("query Stars { top(first: 50) { stars } }");
    // Of fifty products that could have come, three did: 1 + 5 for each.
    expect(extensions).toEqual({ cost: { estimated: 300, actual: 18 } });
    expect(logged.find(({ msg }) => msg === "request")).toMatchObject({ cost: { estimated: 300, actual: 18 } });
    const text = await metrics();
    expect(text).toMatch(/tessera_router_operation_cost_sum\{[^}]*kind="estimated"[^}]*\} 300/);
    expect(text).toMatch(/tessera_router_operation_cost_sum\{[^}]*kind="actual"[^}]*\} 18/);
  });

  test("is nobody's business unless it is asked for", async () => {
    const { ask, logged, metrics } = await openShop({ observability: { accessLog: true } });
    expect((await ask(query)).extensions).toBeUndefined();
    expect(logged.find(({ msg }) => msg === "request")).not.toHaveProperty("cost");
    expect(await metrics()).not.toMatch(/operation_cost_count\{/);
  });

  test("that refuses an operation is in the log as well", async () => {
    const { ask, logged } = await openShop({ cost: { mode: "enforce", max: 11 }, observability: { accessLog: true } });
    const { errors } = await ask(query);
    expect(errors?.[0]?.extensions.code).toBe("COST_ESTIMATED_TOO_EXPENSIVE");
    expect(logged.find(({ msg }) => msg === "request")).toMatchObject({ cost: { estimated: 12 } });
    expect((await ask("{ top(first: 1) { stars } }")).errors).toBeUndefined();
  });

  test.each(["memory", "redis"] as const)("is taken from a budget that outlives a reload: %s", async (store) => {
    const redis = store === "redis" ? await startTestRedis({ own: true }) : null;
    if (redis) onTestFinished(() => redis.close());
    const shop = await openShop({
      cost: { mode: "enforce", budget: { perClient: 20, windowSeconds: 3_600 } },
      rateLimit: { store, ...(redis ? { url: redis.url } : {}) },
    });
    // The store is connected in the background, and counts nothing until then.
    const spent = async () => (await shop.ask(query, { authorization: "Bearer eve" })).errors?.[0]?.extensions.code;
    await expect.poll(spent).toBe("COST_BUDGET_EXCEEDED");
    expect((await shop.ask(query, asUser)).errors).toBeUndefined();
    await shop.router.reload(shop.supply);
    expect((await shop.ask(query, asUser)).errors?.[0]?.extensions.code).toBe("COST_BUDGET_EXCEEDED");
    expect((await shop.ask(query, { authorization: "Bearer bob" })).errors).toBeUndefined();
  });
});

describe("a dry run of access", () => {
  const offers = "query Offers { top { name } offers { name } }";

  test("leaves everything in, and says what would not be there", async () => {
    const { ask, logged } = await openShop({ authorization: { dryRun: true } });
    const { data, errors, extensions } = await ask(offers);
    expect([Object.keys(data), errors]).toEqual([["top", "offers"], undefined]);
    const wouldRemove = [{ coordinate: "Query.offers", path: ["offers"] }];
    expect(extensions).toEqual({ authorization: { wouldRemove } });
    expect(logged.find(({ msg }) => msg === "access dry run")).toMatchObject({ operation: "Offers", wouldRemove });
  });

  test("has nothing to say to those who may see all of it", async () => {
    const { ask, logged } = await openShop({ authorization: { dryRun: true } });
    expect((await ask(offers, asUser)).extensions).toBeUndefined();
    expect(logged.filter(({ msg }) => msg === "access dry run")).toEqual([]);
  });
});

describe("operations that run at the same time", () => {
  /** The first operation has to wait for the subgraph. */
  async function busy(shop: Shop) {
    let go: (value?: unknown) => void = () => {};
    shop.products.ready = new Promise((resolve) => {
      go = resolve;
    });
    const first = shop.ask("{ top { id } }");
    await expect.poll(() => shop.products.received.length).toBe(1);
    return { first, go };
  }

  test("are refused early when they are too many, and told when to come again", async () => {
    const shop = await openShop({ limits: { concurrentRequests: 1 } });
    const { first, go } = await busy(shop);
    const refused = await shop.ask("{ top { name } }");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(refused.errors?.[0]?.extensions.code).toBe("OVERLOADED");
    // Who asks the same at the same time costs nothing.
    const same = shop.ask("{ top { id } }");
    go();
    expect((await first).errors).toBeUndefined();
    expect((await same).errors).toBeUndefined();
    expect((await shop.ask("{ top { name } }")).errors).toBeUndefined();
  });

  test("may be any number unless the configuration says so", async () => {
    const shop = await openShop();
    const { first, go } = await busy(shop);
    const others = Array.from({ length: 20 }, (_, at) => shop.ask(`{ top { a${at}: name } }`));
    go();
    for (const { errors } of await Promise.all([first, ...others])) expect(errors).toBeUndefined();
  });
});

describe("queries share no answer where a function of the operator may tell their senders apart", () => {
  test("by a policy that looks at a header", async () => {
    const file = join(tmpdir(), `policy-${process.pid}.mjs`);
    onTestFinished(() => rm(file));
    await writeFile(
      file,
      'export const decide = (names, { context }) => ({ staff: context.clientHeaders["x-badge"] === "gold" });',
    );
    const shop = await openShop({ authorization: { policies: { module: file } } });
    let go: (value?: unknown) => void = () => {};
    shop.products.ready = new Promise((resolve) => {
      go = resolve;
    });
    const staff = shop.ask("{ staff top { id } }", { "x-badge": "gold" });
    await expect.poll(() => shop.products.received.length).toBe(1);
    const guest = shop.ask("{ staff top { id } }", { "x-badge": "tin" });
    await expect.poll(() => shop.products.received.length).toBe(2);
    go();
    expect((await staff).data.staff).toBe("only for staff");
    expect((await guest).data.staff).toBeNull();
  });

  test("by all headers and the address, and otherwise by what is forwarded alone", () => {
    const [all, forwarded] = [createSharingKey([], true), createSharingKey([], false)];
    const one = contextOf({ clientAddress: "192.0.2.1", clientHeaders: { "x-badge": "gold" } });
    const differing = [
      contextOf({ clientAddress: "192.0.2.2", clientHeaders: { "x-badge": "gold" } }),
      contextOf({ clientAddress: "192.0.2.1", clientHeaders: { "x-badge": "tin" } }),
    ];
    for (const other of differing) {
      expect(all(other)).not.toBe(all(one));
      expect(forwarded(other)).toBe(forwarded(one));
    }
    expect(all(contextOf({ clientAddress: "192.0.2.1", clientHeaders: { "x-badge": "gold" } }))).toBe(all(one));
  });
});
