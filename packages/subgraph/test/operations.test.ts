/** The operator's side of events in a module: only where the definition asks for it, only of the own tenant. */
import { newId } from "@tessera/database";
import { startSubgraph, type TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Context, createStage } from "../src/index.js";
import library, { bookAdded } from "./library/library.js";

const tenantId = newId();
let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await startSubgraph({ ...library, reactions: [{ ...refusing(), contract: bookAdded }] });
});
afterAll(() => subgraph.close());

const contextOf = (operates: readonly "events"[], tenant = tenantId): Context =>
  createStage({ ...library, operates }, subgraph.runtime).as({ id: newId(), tenantId: tenant, roles: [] });

function refusing() {
  return { options: {}, handle: () => Promise.reject(new Error("never ever")) };
}

test("a module that says it operates events has operations; one that does not say so is refused", async () => {
  // A consumer is known once its group has been opened, which nobody waits for.
  await expect.poll(() => contextOf(["events"]).operations.consumers()).toMatchObject([{ module: library.name }]);
  expect(() => contextOf([]).operations).toThrow(expect.objectContaining({ code: "OPERATIONS_NOT_STATED" }));
});

test("it sees and discards dead letters of its own tenant, and none of another", async () => {
  await subgraph.deliverTwice(bookAdded, { bookId: newId(), title: "Emma" }, { tenantId });
  await expect.poll(async () => (await contextOf(["events"]).operations.deadLetters.list()).length).toBe(1);
  expect(await contextOf(["events"], newId()).operations.deadLetters.list()).toEqual([]);
  const { deadLetters } = contextOf(["events"]).operations;
  const [letter] = await deadLetters.list();
  await deadLetters.discard(letter?.id ?? "", { reason: "a test" });
  expect(await deadLetters.list({ state: "discarded" })).toMatchObject([{ discarded: { reason: "a test" } }]);
});
