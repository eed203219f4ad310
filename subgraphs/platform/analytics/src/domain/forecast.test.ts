import { describe, expect, test } from "vitest";
import { forecastOf, seasonalNaive } from "./forecast.js";

describe("a forecast", () => {
  const season = [120, 110, 95, 80, 70, 60, 62, 65, 75, 90, 105, 118];
  const noise = [1, -2, 0, 2, -1, 1, 0];
  const monthly = (slope: number) =>
    Array.from({ length: 60 }, (_, month) => (season[month % 12] ?? 0) + slope * month + (noise[month % 7] ?? 0));

  test("follows trend and season with Holt–Winters, and beats the naive baseline that stands beside it", () => {
    const forecast = forecastOf(monthly(1.5), 12, 12);
    expect(forecast?.method).toBe("HOLT_WINTERS");
    expect(forecast?.naiveMethod).toBe("SEASONAL_NAIVE");
    expect(forecast?.mape).toBeLessThan(forecast?.naiveMape ?? 0);
    forecast?.steps.forEach(({ value, low, high }, step) => {
      const truth = (season[step % 12] ?? 0) + 1.5 * (60 + step);
      expect(Math.abs(value - truth)).toBeLessThan(6);
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    });
  });

  test("falls back on the naive method when no model does better", () => {
    const exact = Array.from({ length: 48 }, (_, month) => season[month % 12] ?? 0);
    const forecast = forecastOf(exact, 12, 3);
    expect(forecast).toMatchObject({ method: "SEASONAL_NAIVE", mape: 0, naiveMape: 0 });
    expect(forecast?.steps.map(({ value }) => value)).toEqual([120, 110, 95]);
  });

  test("continues a straight line with Holt's method", () => {
    const forecast = forecastOf([10, 12, 14, 16, 18, 20, 22, 24], 12, 2);
    expect(forecast?.method).toBe("HOLT");
    expect(forecast?.steps.map(({ value }) => Math.round(value))).toEqual([26, 28]);
  });

  test("is refused for fewer values than could be tested on", () => {
    expect(forecastOf([1, 2, 3, 4, 5], 1, 3)).toBeNull();
  });

  test("says no percentage where a true value was zero", () => {
    expect(forecastOf([3, 0, 2, 0, 1, 0, 2, 0], 1, 1)?.mape).toBeNull();
  });
});

test("the seasonal naive interval is 1.96 σ √(k + 1) after k full seasons", () => {
  const history = [10, 20, 14, 22, 12, 26, 13, 24];
  const errors = [4, 2, -2, 4, 1, -2];
  const sigma = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
  const steps = seasonalNaive(history, 2, 5);
  expect(steps.map(({ value }) => value)).toEqual([13, 24, 13, 24, 13]);
  [1, 1, 2, 2, 3].forEach((seasons, index) => {
    const half = ((steps[index]?.high ?? 0) - (steps[index]?.low ?? 0)) / 2;
    expect(half).toBeCloseTo(1.959964 * sigma * Math.sqrt(seasons), 4);
  });
});
