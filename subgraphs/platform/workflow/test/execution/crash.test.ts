/** What is left of an execution when its process is killed, and who goes on with it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { startGraph } from "@tessera/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import workflow from "../../src/index.js";
import { type Child, removeProgram, startChild } from "./crash/children.js";
import { shop } from "./shop/shop.js";
import { act, definition, startWorld, takeBack, type World } from "./world.js";

let world: World;
let bank: Server;
let bankUrl: string;
/** Told about every call of the bank, by its key, before it is answered. */
let onCall: (key: string) => Promise<void> = async () => {};
const children: Child[] = [];

beforeAll(async () => {
  // This process only watches; the children do the work.
  world = await startWorld(() => startGraph([workflow, shop], { works: false }));
  bank = createServer(async (request, response) => {
    await onCall(String(request.headers["idempotency-key"]));
    response.writeHead(200, { "content-type": "application/json" }).end('{"paid":true}');
  });
  await new Promise<void>((resolve) => bank.listen(0, "127.0.0.1", resolve));
  bankUrl = `http://127.0.0.1:${(bank.address() as AddressInfo).port}`;
});
afterEach(() => Promise.all(children.splice(0).map((child) => child.kill())));
afterAll(async () => {
  bank.close();
  await world.graph.close();
  removeProgram();
});

type Start = Parameters<typeof startChild>[0]["start"];

async function begin(start?: Start): Promise<Child> {
  const { database, secret } = world.graph;
  const joins = { databaseUrl: database.url, secret };
  const child = await startChild({ joins, ...(start ? { start } : {}) }, { TESSERA_WORKFLOW_HOSTS: bankUrl });
  children.push(child);
  return child;
}

/** Starts a child and ends it while its first call of the bank, kept in `keys` as all are, has no answer. @returns the execution */
async function killedWhileItCalls(keys: string[], start: Start): Promise<string> {
  // The call may be quicker than what the child says before: it is held until the child is gone.
  onCall = async (key) => {
    if (keys.push(key) === 1) await new Promise(() => {});
  };
  const child = await begin(start);
  const id = await child.said("started");
  await expect.poll(() => keys.length, { timeout: 90_000 }).toBe(1);
  await child.kill();
  return id;
}

test("killed while another system works for it, it asks that system again by the same key, and repeats no step", async () => {
  const person = world.newPerson();
  const pay = { id: "pay", type: "http", method: "POST", url: "$input.url", body: "{ 'amount': 5 }", next: "two" };
  const { key } = await world.publish(person, definition([act("one", { next: "pay" }), pay, act("two")]));
  const keys: string[] = [];
  const id = await killedWhileItCalls(keys, { person, key, input: { url: `${bankUrl}/pay` } });
  await begin();
  expect(await world.until(person, id, "COMPLETED")).toMatchObject({
    output: { pay: { status: 200, body: { paid: true } } },
  });
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
  expect(await world.done(person)).toEqual(["one", "two"]);
}, 300_000);

test("killed after an operation was done and before that was written down, its key keeps it from being done twice", async () => {
  const person = world.newPerson();
  const slow = act("slow", { variables: { name: "'slow'", key: "$execution.id & '/slow'" }, timeoutSeconds: 30 });
  const { key } = await world.publish(person, definition([slow]));
  const first = await begin({ person, key, input: {} });
  const id = await first.said("started");
  await expect.poll(() => world.done(person), { timeout: 90_000 }).toEqual(["slow"]);
  await first.kill();
  await begin();
  await world.until(person, id, "COMPLETED");
  expect(await world.done(person)).toEqual(["slow"]);
}, 300_000);

test("killed while it takes things back, it goes on where it was", async () => {
  const person = world.newPerson();
  const call = { type: "http", method: "POST", url: "$input.url" };
  const steps = [
    act("one", { undo: takeBack("one"), next: "two" }),
    act("two", { undo: { ...call }, next: "three" }),
    act("three", { undo: takeBack("three"), next: "bad" }),
    { id: "bad", type: "loop", over: "[1, 2]", limit: 1, steps: [act("never", { undo: "none" })] },
  ];
  const { key } = await world.publish(person, definition(steps, { kind: "SAGA" }));
  const keys: string[] = [];
  const id = await killedWhileItCalls(keys, { person, key, input: { url: bankUrl } });
  await begin();
  await world.until(person, id, "UNDONE");
  expect(new Set(keys).size).toBe(1);
  expect(await world.done(person)).toEqual(["one", "two", "three", "undo three", "undo one"]);
}, 300_000);
