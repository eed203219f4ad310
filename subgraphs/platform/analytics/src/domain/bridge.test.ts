import { Decimal } from "decimal.js";
import { describe, expect, test } from "vitest";
import { bridge } from "./bridge.js";

const line = (key: string, activity: string, factor: string, more = {}) => ({ key, activity, factor, ...more });
const effects = (result: ReturnType<typeof bridge>) => [result.activity, result.factor, result.boundary, result.method];

describe("the year-on-year bridge", () => {
  test("splits a product at the means: 100 × 2 → 120 × 1.5 is +35 activity and −55 factor", () => {
    // ΔA·(F0+F1)/2 = 20 × 1.75; ΔF·(A0+A1)/2 = −0.5 × 110.
    expect(bridge([line("gas", "100", "2")], [line("gas", "120", "1.5")])).toEqual({
      previous: "200",
      current: "180",
      change: "-20",
      activity: "35",
      factor: "-55",
      boundary: "0",
      method: "0",
    });
  });

  test("counts a site that joined or left as boundary, unless it is organic", () => {
    const result = bridge(
      [line("sold", "10", "3")],
      [line("bought", "4", "5"), line("opened", "2", "5", { organic: true })],
    );
    expect(effects(result)).toEqual(["10", "0", "-10", "0"]);
  });

  test("keeps apart what a new method did, when this year's factor by the old one is known", () => {
    const before = [line("flights", "1000", "0.15", { method: "distance" })];
    const after = [line("flights", "1000", "0.18", { method: "spend", factorByPreviousMethod: "0.14" })];
    expect(effects(bridge(before, after))).toEqual(["0", "-10", "0", "40"]);
  });

  test("gives the whole change of the factor to the method when nothing else is known", () => {
    const before = [line("flights", "1000", "0.15", { method: "distance" })];
    const after = [line("flights", "1000", "0.18", { method: "spend" })];
    expect(effects(bridge(before, after))).toEqual(["0", "0", "0", "30"]);
  });

  test("adds up to the change to the last digit, whatever the figures", () => {
    const figure = (seed: number) =>
      `${(seed * 7919) % 100003}.${String((seed * 104729) % 1000000007).padStart(9, "0")}`;
    const year = (offset: number) =>
      Array.from({ length: 200 }, (_, index) =>
        line(`line ${(index + offset) % 220}`, figure(index + 3 * offset), figure(index + 11), {
          method: (index + offset) % 5 === 0 ? "A" : "B",
        }),
      );
    const result = bridge(year(0), year(9));
    const sum = effects(result).reduce(
      (total, effect) => total.plus(effect),
      new (Decimal.clone({ precision: 200 }))(0),
    );
    expect(sum.toFixed()).toBe(result.change);
  });
});
