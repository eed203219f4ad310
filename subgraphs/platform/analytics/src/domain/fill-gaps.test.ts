import { describe, expect, test } from "vitest";
import type { Fill } from "../tables.js";
import { fillGaps } from "./fill-gaps.js";

const month = (number: number) => new Date(Date.UTC(2024, number - 1));
const measured = [
  { at: month(2), value: "10", count: 3 },
  { at: month(5), value: "11.5", count: 1 },
];
const filled = (fill: Fill) =>
  fillGaps(measured, month(1), month(7), "MONTH", fill).map(({ at, value }) => [at.getUTCMonth() + 1, value]);

describe("a gap", () => {
  test("is left out with NONE", () => {
    expect(filled("NONE")).toEqual([
      [2, "10"],
      [5, "11.5"],
    ]);
  });
  test("is shown without value with NULL", () => {
    expect(filled("NULL")).toEqual([
      [1, null],
      [2, "10"],
      [3, null],
      [4, null],
      [5, "11.5"],
      [6, null],
    ]);
  });
  test("is 0 with ZERO", () => {
    expect(filled("ZERO")).toEqual([
      [1, "0"],
      [2, "10"],
      [3, "0"],
      [4, "0"],
      [5, "11.5"],
      [6, "0"],
    ]);
  });
  test("repeats the last value with PREVIOUS, and stays open before the first one", () => {
    expect(filled("PREVIOUS")).toEqual([
      [1, null],
      [2, "10"],
      [3, "10"],
      [4, "10"],
      [5, "11.5"],
      [6, "11.5"],
    ]);
  });
  test("lies on the line between its neighbours with LINEAR, and stays open at both ends", () => {
    expect(filled("LINEAR")).toEqual([
      [1, null],
      [2, "10"],
      [3, "10.5"],
      [4, "11"],
      [5, "11.5"],
      [6, null],
    ]);
  });
  test("has no measured points, whatever stands in it", () => {
    expect(fillGaps(measured, month(1), month(4), "MONTH", "ZERO").map(({ count }) => count)).toEqual([0, 3, 0]);
  });
});
