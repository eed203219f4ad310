/** The connection that lives as long as its process keeps nothing of what went over it. */
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createTestDatabase } from "@tessera/database/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SessionConnection } from "../src/session-connection.js";

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let session: SessionConnection;

beforeAll(async () => {
  database = await createTestDatabase([]);
  session = new SessionConnection(database.admin, [], { onNotify() {}, onSession() {} });
  await session.open();
});
afterAll(async () => {
  await session.close();
  await database.close();
});

test("an answer that was read is let go of", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const answers: WeakRef<object>[] = [];
  const ask = async () => {
    const rows = await session.run((sql) => sql`select repeat('x', 1000) as text`);
    answers.push(new WeakRef(rows));
  };
  for (let time = 0; time < 50; time++) await ask();
  await sleep(10);
  collect();
  // The last one or two may still lie on the way.
  expect(answers.filter((one) => one.deref()).length).toBeLessThan(5);
});

test("what has no answer when the session breaks fails, and a new session stands", async () => {
  const { pid } = session;
  const waiting = session.run((sql) => sql`select pg_sleep(30)`);
  const failed = expect(waiting).rejects.toThrow();
  await database.admin`select pg_terminate_backend(${pid})`;
  await failed;
  await expect.poll(() => session.pid).not.toBe(0);
  expect(session.pid).not.toBe(pid);
  expect(await session.run((sql) => sql`select 1 as one`)).toMatchObject([{ one: 1 }]);
});
