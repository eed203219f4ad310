import { describe, expect, test } from "vitest";
import { ahead, fitWeights, holtStart, seasonalStart, smooth, varianceFactor } from "./smoothing.js";

/** Air passengers in Australia 1990–2004, from FPP, 1st edition §7.2 (R package fpp, `ausair`). */
const air = [
  17.5534, 21.8601, 23.8866, 26.9293, 26.8885, 28.8314, 30.0751, 30.9535, 30.1857, 31.5797, 32.577569, 33.477398,
  39.021581, 41.386432, 41.596552,
];

describe("Holt's linear method", () => {
  test("reproduces the forecasts of FPP's worked example with α = 0.8 and β* = 0.2", () => {
    const states = smooth(air, { alpha: 0.8, beta: 0.2 }, holtStart(air));
    expect([1, 2, 3, 4, 5].map((step) => ahead(states, step).toFixed(2))).toEqual([
      "43.76",
      "45.59",
      "47.43",
      "49.27",
      "51.10",
    ]);
  });

  test("reproduces the fitted values and trends of that example", () => {
    const states = smooth(air, { alpha: 0.8, beta: 0.2 }, holtStart(air));
    const fitted = [21.8601, 22.032368, 25.48461872, 27.54058587, 30.28813356, 30.26106173, 31.58122149, 32.599234];
    const trends = [3.617628, 3.59006512, 3.33438212, 3.23657639, 2.69263502, 2.46388914, 2.2229097, 1.95959226];
    for (const [index, value] of fitted.entries()) expect(states.fitted[index]).toBeCloseTo(value, 6);
    for (const [index, value] of trends.entries()) expect(states.trends[index]).toBeCloseTo(value, 6);
  });

  test("continues a straight line without error, whatever the weights", () => {
    const line = [5, 8, 11, 14, 17, 20];
    const states = smooth(line.slice(1), { alpha: 0.3, beta: 0.7 }, { level: 5, trend: 3, season: [] });
    expect(ahead(states, 3)).toBeCloseTo(29, 10);
  });
});

/** Nights of visitors to Australia, quarters of 1999 and 2000 (R package fpp2, `austourists`). */
const tourists = [30.052513, 19.148496, 25.317692, 27.591437, 32.076456, 23.487961, 28.47594, 35.123753];

describe("additive Holt–Winters", () => {
  test("starts as R's forecast::hw(initial = 'simple') does", () => {
    const start = seasonalStart(tourists, 4);
    expect(start.level).toBeCloseTo(25.5275345, 7);
    expect(start.trend).toBeCloseTo(1.06587325, 8);
    const terms = [4.5249785, -6.3790385, -0.2098425, 2.0639025];
    for (const [index, term] of terms.entries()) expect(start.season[index]).toBeCloseTo(term, 7);
  });

  test("reaches the states that R's forecast::hw prints after two seasons, α = 0.441, β = 0.030, γ = 0.002", () => {
    const weights = { alpha: 0.441, beta: 0.03, gamma: 0.002 };
    const states = smooth(tourists, weights, seasonalStart(tourists, 4));
    expect([states.level, states.trend, ...states.season].map((state) => state.toFixed(4))).toEqual(
      [
        31.6186014537107, 1.00659064213558, 4.52260406322175, -6.37978566983114, -0.216664733898538, 2.06488449502578,
      ].map((state) => state.toFixed(4)),
    );
  });
});

test("the error variance grows with the distance, and is the one-step variance at distance one", () => {
  const weights = { alpha: 0.3, beta: 0.2, gamma: 0.4 };
  const factors = [1, 2, 5, 13].map((step) => varianceFactor(weights, 4, step));
  expect(factors[0]).toBe(1);
  expect(factors).toEqual([...factors].sort((a, b) => a - b));
});

test("the variance two steps ahead with Holt's method is 1 + (α + β)², as its error recursion says", () => {
  const { alpha, beta } = { alpha: 0.5, beta: 0.4 };
  expect(varianceFactor({ alpha, beta }, 1, 2)).toBeCloseTo(1 + (alpha + alpha * beta) ** 2, 12);
});

test("the weights that are found fit at least as well as those of the book", () => {
  const start = holtStart(air);
  const found = smooth(air, fitWeights(air, start), start).squaredError;
  expect(found).toBeLessThanOrEqual(smooth(air, { alpha: 0.8, beta: 0.2 }, start).squaredError);
});
