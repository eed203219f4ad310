import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { exactTwoSided, trendOf } from "./trend.js";

const series = (values: readonly number[]) => values.map((y, x) => ({ x, y }));

describe("Mann–Kendall", () => {
  test("reproduces the example with ties of US EPA QA/G-9S, page 109: S = 22, Var = 155.33, Z = 1.685", () => {
    const result = trendOf(series([10, 10, 10, 5, 10, 20, 18, 17, 15, 24, 15]));
    expect(result.s).toBe(22);
    expect(result.variance).toBeCloseTo(155.33, 2);
    expect(result.z).toBeCloseTo(1.685, 3);
  });

  test("reproduces pyMannKendall's published result on 30 years of rainfall with many ties", () => {
    const file = new URL("../../test/vectors/bogra-rainfall.json", import.meta.url);
    const { values, expected } = JSON.parse(readFileSync(file, "utf8"));
    const result = trendOf(series(values));
    expect(result.s).toBe(expected.s);
    expect(result.variance).toBeCloseTo(expected.variance, 6);
    expect(result.z).toBeCloseTo(expected.z, 12);
    expect(result.pValue).toBeCloseTo(expected.pValue, 12);
    expect(result.slope).toBeCloseTo(expected.slope, 15);
    expect(result.direction).toBe("NONE");
  });

  test("agrees with MannKendall.jl on the numbers 1 to 100", () => {
    const result = trendOf(series(Array.from({ length: 100 }, (_, index) => index + 1)));
    expect(result).toMatchObject({ s: 4950, variance: 112750, slope: 1, direction: "RISING" });
    expect(result.z).toBeCloseTo(14.73869998208331, 12);
  });

  test.each([
    [4, 6, 0.042],
    [4, 4, 0.167],
    [5, 10, 0.0083],
    [5, 8, 0.042],
    [5, 6, 0.117],
    [8, 28, 0.000025],
    [10, 21, 0.036],
    [10, 23, 0.023],
  ])("for n = %i and S = %i has the exact one-sided probability %d of Gilbert's table A18", (n, s, probability) => {
    expect(exactTwoSided(n, s) / 2).toBeCloseTo(probability, probability < 0.001 ? 6 : 3);
  });

  test("finds no trend in a constant series, instead of dividing by a variance of zero", () => {
    expect(trendOf(series([7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7]))).toMatchObject({
      s: 0,
      z: 0,
      pValue: 1,
      direction: "NONE",
    });
  });
});

describe("Theil–Sen", () => {
  test("is not moved by one wild value, and counts gaps as time", () => {
    const line = [0, 1, 2, 5, 6, 7, 8].map((x) => ({ x, y: 3 + 2 * x }));
    expect(trendOf([...line, { x: 9, y: 1000 }])).toMatchObject({ slope: 2, intercept: 3 });
  });
});
