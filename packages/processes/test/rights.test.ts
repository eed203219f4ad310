import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { prepareProcesses } from "../src/index.js";
import { modules, noted, openWorld, paid, processOf, tenantA, tenantB, type World } from "./harness/world.js";

let world: World;
let id: string;
const definition = processOf(
  "stay-private",
  async (process) => {
    await noted(process, "a");
    await process.waitForAnswer("go on", { schema: z.boolean() });
  },
  { hears: [paid] },
);

beforeAll(async () => {
  world = await openWorld();
  world.events.startRelay();
  world.work([definition]);
  id = (await world.as().start(definition, { input: {}, id: "private" })).id;
  await world.reached(id, "WAITING");
  await world.publish("invoice", 1);
  await world.events.idle();
});
afterAll(() => world.close());

const query = (module: string, tenantId: string | null, text: string) =>
  world.database
    .forModule(module)
    .transaction({ tenantId }, async (db) => [...(await db.execute(sql.raw(text)))] as unknown[]);
const refused = { code: "ACCESS_REFUSED" };
const rows = { process: 1, process_step: 2, process_event: 1 };
const tables = Object.keys(rows);

test("a module sees the processes, steps and events of its own tenant", async () => {
  for (const [table, count] of Object.entries(rows)) {
    expect(await query("ledger", tenantA, `select 1 from kernel.${table}`)).toHaveLength(count);
  }
});

test("another tenant, another module and nobody see nothing of them", async () => {
  for (const table of tables) {
    expect(await query("ledger", tenantB, `select 1 from kernel.${table}`)).toEqual([]);
    expect(await query("mail-room", tenantA, `select 1 from kernel.${table}`)).toEqual([]);
    expect(await query("ledger", null, `select 1 from kernel.${table}`)).toEqual([]);
  }
  await expect(query("ledger", tenantA, "select 1 from kernel.process_worker")).rejects.toMatchObject(refused);
});

test("another tenant and another module can neither find nor steer them", async () => {
  for (const foreign of [world.as(tenantB), world.as(tenantA, "mail-room")]) {
    expect(await foreign.find(id)).toBeNull();
    expect((await foreign.list()).processes).toEqual([]);
    const notFound = { code: "PROCESS_NOT_FOUND" };
    await expect(foreign.steps(id)).rejects.toMatchObject(notFound);
    await expect(foreign.answer(id, "go on", true)).rejects.toMatchObject(notFound);
    await expect(foreign.pause(id)).rejects.toMatchObject(notFound);
    await expect(foreign.resume(id)).rejects.toMatchObject(notFound);
    await expect(foreign.cancel(id, { undo: true })).rejects.toMatchObject(notFound);
    await expect(foreign.retry(id)).rejects.toMatchObject(notFound);
  }
  expect(await world.as().find(id)).toMatchObject({ state: "WAITING" });
});

test("the same id of another tenant or module is another process", async () => {
  expect(await world.as(tenantB).start(definition, { input: {}, id })).toEqual({ id, started: true });
  await world.as(tenantB).cancel(id, { undo: false });
  expect(await world.as().find(id)).toMatchObject({ state: "WAITING", tenantId: tenantA });
});

test("no statement of one module or tenant reaches rows of another, whatever it claims to be", async () => {
  const [row] = await world.database.admin`select seq from kernel.process where id = ${id} and tenant_id = ${tenantA}`;
  const seq = String(row?.seq);
  const insert = (tenantId: string, module: string) =>
    `insert into kernel.process_step (process, tenant_id, module, name, kind, status, started_at)
     values (${seq}, '${tenantId}', '${module}', 'forged', 'STEP', 'DONE', now())`;
  await expect(query("ledger", tenantB, insert(tenantA, "ledger"))).rejects.toMatchObject(refused);
  await expect(query("ledger", tenantB, insert(tenantB, "ledger"))).rejects.toMatchObject({
    code: "FOREIGN_KEY_VIOLATION",
  });
  await expect(query("mail-room", tenantA, insert(tenantA, "ledger"))).rejects.toMatchObject(refused);
  expect(
    await query(
      "ledger",
      tenantB,
      "update kernel.process set state = 'CANCELLED' where state = 'WAITING' returning id",
    ),
  ).toEqual([]);
  for (const statement of [
    "update kernel.process set tenant_id = tenant_id",
    "update kernel.process set lease_until = now()",
    "delete from kernel.process",
    "delete from kernel.process_event",
  ]) {
    await expect(query("ledger", tenantA, statement)).rejects.toMatchObject(refused);
  }
});

test("preparing again changes nothing, also from many processes at once", async () => {
  await Promise.all(Array.from({ length: 5 }, () => prepareProcesses(world.database, modules)));
  expect(await world.as().find(id)).toMatchObject({ state: "WAITING" });
});

test("a page of processes leads to the next one; name and state choose among them", async () => {
  const other = processOf("list-me", async (process) => noted(process, "a"));
  world.work([other]);
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push((await world.as().start(other, { input: {} })).id);
  await Promise.all(ids.map((started) => world.reached(started, "COMPLETED")));
  const first = await world.as().list({ name: "list-me", limit: 3 });
  const second = await world.as().list({ name: "list-me", limit: 3, ...(first.next ? { after: first.next } : {}) });
  expect([...first.processes, ...second.processes].map((process) => process.id)).toEqual(ids.reverse());
  expect(second.next).toBeNull();
  expect((await world.as().list({ states: ["WAITING"] })).processes.map((process) => process.id)).toEqual([id]);
  expect((await world.as().list({ states: ["STUCK"] })).processes).toEqual([]);
});
