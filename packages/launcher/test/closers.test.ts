import { expect, test } from "vitest";
import { Closers, StartStopped } from "../src/closers.js";

function part(name: string, log: string[], failure?: Error) {
  return {
    close: async () => {
      log.push(name);
      if (failure) throw failure;
    },
  };
}

test("what was opened last is closed first, once, however often somebody asks", async () => {
  const log: string[] = [];
  const closers = new Closers();
  await closers.add(part("database", log));
  await closers.add(part("router", log));
  await Promise.all([closers.close(), closers.close()]);
  expect(log).toEqual(["router", "database"]);
});

test("a part that fails to close does not keep the others open, and its failure is told", async () => {
  const log: string[] = [];
  const closers = new Closers();
  await closers.add(part("database", log));
  await closers.add(part("bus", log, new Error("the bus is stuck")));
  await expect(closers.close()).rejects.toThrow("the bus is stuck");
  expect(log).toEqual(["bus", "database"]);
});

test("a part that is ready after the stop began is closed at once and ends the start", async () => {
  const log: string[] = [];
  const closers = new Closers();
  await closers.close();
  await expect(closers.add(part("late", log))).rejects.toBeInstanceOf(StartStopped);
  expect(log).toEqual(["late"]);
});
