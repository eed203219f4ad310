import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, newId, type OrderBy, type PageArguments, paginate, type TenantDb } from "../src/index.js";
import { createTestDatabase } from "../src/testing/index.js";
import { trees } from "./modules/index.js";
import { plantedTrees } from "./modules/trees/tables.js";

const scope = { tenantId: newId() };
const { name, height, plantedAt } = plantedTrees;

describe("paging by keyset", () => {
  let database: Database;
  let db: TenantDb;

  beforeAll(async () => {
    database = await createTestDatabase([trees]);
    const heights = ["1.000000001", null, "1.000000002", "10", null, "2"];
    const rows = heights.map((value, index) => ({
      id: newId(),
      name: index % 2 === 0 ? "Oak" : "Elm",
      height: value,
      // One microsecond apart: a Date would lose the difference.
      plantedAt: `2026-01-02 03:04:05.00000${Math.floor(index / 2)}+00`,
    }));
    await database.forModule("trees").transaction(scope, (tx) => tx.insert(plantedTrees).values(rows));
    db = database.forModule("trees").reader(scope);
  });
  afterAll(() => database?.close());

  const page = (orderBy: readonly OrderBy[], args: PageArguments) =>
    paginate(db, { from: plantedTrees, orderBy, page: args });

  const orders: Record<string, readonly OrderBy[]> = {
    "by id alone": [],
    "by one column ascending": [{ column: name, direction: "asc" }],
    "by microseconds descending": [{ column: plantedAt, direction: "desc" }],
    "by mixed directions": [
      { column: name, direction: "desc" },
      { column: plantedAt, direction: "asc" },
    ],
    "by a nullable numeric ascending": [{ column: height, direction: "asc" }],
    "by a nullable numeric descending, then name": [
      { column: height, direction: "desc" },
      { column: name, direction: "asc" },
    ],
  };
  for (const [title, orderBy] of Object.entries(orders)) {
    for (const size of [1, 2, 4]) {
      test(`pages of ${size} ${title} show every row once, forward and backward alike`, async () => {
        const whole = (await page(orderBy, { first: 200 })).nodes.map((row) => row.id);
        const forward: string[] = [];
        for (let after: string | null = null, more = true; more; ) {
          const part = await page(orderBy, { first: size, after });
          forward.push(...part.nodes.map((row) => row.id));
          after = part.pageInfo.endCursor;
          more = part.pageInfo.hasNextPage;
        }
        const backward: string[] = [];
        for (let before: string | null = null, more = true; more; ) {
          const part = await page(orderBy, { last: size, before });
          backward.unshift(...part.nodes.map((row) => row.id));
          before = part.pageInfo.startCursor;
          more = part.pageInfo.hasPreviousPage;
        }
        expect(whole).toHaveLength(6);
        expect(forward).toEqual(whole);
        expect(backward).toEqual(whole);
      });
    }
  }

  test("the total is counted only when asked for, under the same condition and tenant", async () => {
    const oaks = await paginate(db, { from: plantedTrees, where: eq(name, "Oak"), orderBy: [], page: { first: 1 } });
    expect(oaks.nodes).toHaveLength(1);
    expect(await oaks.totalCount()).toBe(3);
    const foreign = database.forModule("trees").reader({ tenantId: newId() });
    expect(await (await paginate(foreign, { from: plantedTrees, orderBy: [], page: {} })).totalCount()).toBe(0);
  });

  test("a cursor of another order, a forged one and one whose value does not fit are refused", async () => {
    const byName = orders["by one column ascending"] ?? [];
    const { pageInfo } = await page(byName, { first: 1 });
    const forged = (change: (content: unknown[]) => unknown) =>
      Buffer.from(
        JSON.stringify(change(JSON.parse(Buffer.from(pageInfo.endCursor ?? "", "base64url").toString()))),
      ).toString("base64url");
    const wrong = [
      [[], pageInfo.endCursor],
      [byName, "nonsense"],
      [byName, forged(([order, first]) => [order, first, "not a uuid"])],
      [byName, forged(([order, first]) => [order, first, { id: 1 }])],
      [byName, forged(([order]) => [order])],
    ] as const;
    for (const [orderBy, after] of wrong) {
      await expect(page(orderBy, { first: 1, after })).rejects.toMatchObject({ code: "INVALID_CURSOR" });
    }
    expect((await page(byName, { first: 1, after: pageInfo.endCursor })).nodes).toHaveLength(1);
  });

  test("a page has at most 200 rows and one direction", async () => {
    for (const args of [
      { first: 201 },
      { first: -1 },
      { last: 201 },
      { first: 1, last: 1 },
      { first: 1, before: "x" },
    ]) {
      await expect(page([], args)).rejects.toMatchObject({ code: "INVALID_PAGE" });
    }
    expect((await page([], { first: 200 })).nodes).toHaveLength(6);
    expect((await page([], { first: 0 })).pageInfo.hasNextPage).toBe(true);
  });
});
