import { startSubgraph, type TestSubgraph } from "@tessera/testkit";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { defineProcess, type StepContext } from "../src/index.js";
import library, { bookAdded, books } from "./library/library.js";

const tenantId = "00000000-0000-4000-8000-000000000001";
const other = "00000000-0000-4000-8000-000000000002";

const title = (context: StepContext, name: string) =>
  context.transaction(async (tx) => {
    const [book] = await tx.insert(books).values({ id: context.step.idempotencyKey, title: name }).returning();
    tx.publish(bookAdded, {
      aggregateId: context.step.idempotencyKey,
      payload: { bookId: book?.id ?? "", title: name },
    });
    return context.step.idempotencyKey;
  });

const orderSeries = defineProcess({
  name: "order-series",
  version: 1,
  input: z.object({ titles: z.array(z.string()), fails: z.boolean() }),
  run: async (process, { titles, fails }) => {
    for (const name of titles) {
      await process.step(`add ${name}`, {
        do: (context) => title(context, name),
        undo: (context, id) => context.transaction((tx) => tx.execute(sql`delete from library.book where id = ${id}`)),
      });
    }
    await process.sleep("wait for the printer", { milliseconds: 3_600_000 });
    if (fails) throw new Error("no paper");
    return titles.length;
  },
});

let running: TestSubgraph;
beforeAll(async () => {
  running = await startSubgraph({ ...library, processes: [orderSeries] });
});
afterAll(() => running.close());

const stored = async (): Promise<string[]> =>
  (await running.runtime.database.admin`select title from library.book order by title`).map(
    (row) => row.title as string,
  );
const as = (id: string) => running.stage.as({ id: other, tenantId: id, roles: [] });

test("a module's process writes, publishes and sleeps; the clock of a test wakes it", async () => {
  const { id } = await as(tenantId).processes.start(orderSeries, { input: { titles: ["One", "Two"], fails: false } });
  await running.settle();
  expect((await as(tenantId).processes.find(id))?.state).toBe("WAITING");
  expect(await stored()).toEqual(["One", "Two"]);
  expect(
    running.published(bookAdded).map(({ payload, correlationId }) => [payload.title, correlationId.length > 0]),
  ).toEqual([
    ["One", true],
    ["Two", true],
  ]);
  running.clock.advance({ hours: 2 });
  await running.settle();
  expect(await as(tenantId).processes.find(id)).toMatchObject({ state: "COMPLETED", output: 2 });
});

test("when it fails, what its steps wrote is gone again", async () => {
  const before = await stored();
  const { id } = await as(tenantId).processes.start(orderSeries, { input: { titles: ["Three"], fails: true } });
  await running.settle();
  expect(await stored()).toEqual([...before, "Three"].sort());
  running.clock.advance({ hours: 2 });
  await running.settle();
  expect((await as(tenantId).processes.find(id))?.state).toBe("UNDONE");
  expect(await stored()).toEqual(before);
});

test("a start within a transaction happens with it, or not at all", async () => {
  const start = (id: string, fails: boolean) =>
    as(tenantId).transaction(async (tx) => {
      await tx.processes.start(orderSeries, { id, input: { titles: [], fails: false } });
      if (fails) throw new Error("changed my mind");
    });
  await expect(start("rolled back", true)).rejects.toThrow("changed my mind");
  await start("committed", false);
  expect(await as(tenantId).processes.find("rolled back")).toBeNull();
  expect(await as(tenantId).processes.find("committed")).toMatchObject({ name: "order-series" });
});

test("another tenant finds no process of this one", async () => {
  expect(await as(other).processes.find("committed")).toBeNull();
  expect((await as(other).processes.list()).processes).toEqual([]);
});
