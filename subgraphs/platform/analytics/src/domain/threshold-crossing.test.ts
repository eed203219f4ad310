import { describe, expect, test } from "vitest";
import { type CrossingState, clearsOnSafeSide, type Limit, nextCrossing } from "./threshold-crossing.js";

const minute = (number: number) => new Date(Date.UTC(2025, 0, 1, 0, number));

/** Minutes at which the values, one a minute, are announced. */
function announced(limit: Partial<Limit>, values: readonly string[]): number[] {
  const rule: Limit = { direction: "ABOVE", limit: "100", clearLimit: null, coolDownSeconds: 0, ...limit };
  let state: CrossingState = { exceeded: false, lastExceededAt: null };
  return values.flatMap((value, at) => {
    const next = nextCrossing(rule, state, value, minute(at));
    state = next;
    return next.crossed ? [at] : [];
  });
}

describe("a crossing", () => {
  test("is announced once while the value stays beyond the limit", () => {
    expect(announced({}, ["90", "101", "105", "103", "99", "101"])).toEqual([1, 5]);
  });

  test("does not happen at the limit itself, only beyond it", () => {
    expect(announced({}, ["100", "100.000000000000000000000000001"])).toEqual([1]);
  });

  test("below the limit works the same way round", () => {
    expect(announced({ direction: "BELOW" }, ["101", "99", "98", "100", "99"])).toEqual([1, 4]);
  });

  test("is not announced again by a value that trembles around the limit, with hysteresis", () => {
    expect(announced({ clearLimit: "90" }, ["101", "99", "101", "91", "102", "90", "101"])).toEqual([0, 6]);
  });

  test("is not announced again within the cool-down, but after it when the value is still beyond", () => {
    expect(announced({ coolDownSeconds: 180 }, ["101", "99", "101", "102", "103"])).toEqual([0, 3]);
  });
});

test("a clearing limit must lie on the safe side of the limit", () => {
  expect(clearsOnSafeSide({ direction: "ABOVE", limit: "100", clearLimit: "101" })).toBe(false);
  expect(clearsOnSafeSide({ direction: "ABOVE", limit: "100", clearLimit: "90" })).toBe(true);
  expect(clearsOnSafeSide({ direction: "BELOW", limit: "100", clearLimit: "90" })).toBe(false);
});
