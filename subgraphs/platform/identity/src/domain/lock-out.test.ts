import { expect, test } from "vitest";
import { type Attempts, afterFailure, secondsLocked } from "./lock-out.js";

const now = new Date("2026-01-05T12:00:00Z");
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

function fail(times: number, at = now): Attempts | null {
  let attempts: Attempts | null = null;
  for (let n = 0; n < times; n++) attempts = afterFailure(attempts, at);
  return attempts;
}

test("nobody is locked who did not fail", () => expect(secondsLocked(null, now)).toBe(0));

test.each([
  [4, 0],
  [5, 30],
  [6, 60],
  [7, 120],
  [10, 960],
  [12, 3600],
  [200, 3600],
])("after %i failures the lock lasts %i seconds", (failures, seconds) => {
  expect(secondsLocked(fail(failures), now)).toBe(seconds);
});

test("a lock runs out, and the next failure locks for longer", () => {
  const attempts = fail(5);
  expect(secondsLocked(attempts, later(29))).toBe(1);
  expect(secondsLocked(attempts, later(30))).toBe(0);
  expect(secondsLocked(afterFailure(attempts, later(30)), later(30))).toBe(60);
});

test("a quiet day is forgiven", () => {
  expect(afterFailure(fail(9), later(24 * 3600 + 1)).failures).toBe(1);
  expect(afterFailure(fail(9), later(24 * 3600 - 1)).failures).toBe(10);
});
