import { expect, test } from "vitest";
import { progressOf, reductionAtEnd, reductionSince, type TargetPath, tonnesOnPath } from "./plan-target.js";

const linear: TargetPath = {
  method: "LINEAR",
  baseYear: 2020,
  baseTonnes: 1000,
  targetYear: 2030,
  reductionPercent: 50,
};

test("a linear target falls by the same tonnes every year and stays level after its end", () => {
  expect([2019, 2020, 2024, 2030, 2040].map((year) => tonnesOnPath(linear, year).toString())).toEqual([
    "1000",
    "1000",
    "800",
    "500",
    "500",
  ]);
});

test("science-based targets contract by 4.2 % (1.5 °C) or 2.5 % of the base year every year, never below zero (SBTi)", () => {
  expect(reductionAtEnd({ ...linear, method: "SBTI_1_5C" }).toString()).toBe("42");
  expect(reductionAtEnd({ ...linear, method: "SBTI_WELL_BELOW_2C" }).toString()).toBe("25");
  expect(reductionAtEnd({ ...linear, method: "SBTI_1_5C", targetYear: 2050 }).toString()).toBe("100");
  expect(tonnesOnPath({ ...linear, method: "SBTI_1_5C" }, 2021).toString()).toBe("958");
});

test("progress compares with the path of the year and with the whole target", () => {
  const ahead = progressOf(linear, 2024, 750);
  expect([ahead.reductionPercent?.toString(), ahead.achievedPercent?.toString(), ahead.onTrack]).toEqual([
    "25",
    "50",
    true,
  ]);
  expect(progressOf(linear, 2024, 801).onTrack).toBe(false);
});

test("growth is a negative reduction", () => {
  expect(reductionSince(100, 120)?.toString()).toBe("-20");
});

test("a base of zero gives no percentage instead of a division by zero", () => {
  expect(reductionSince(0, 5)).toBeNull();
  expect(progressOf({ ...linear, baseTonnes: 0 }, 2024, 0)).toMatchObject({
    reductionPercent: null,
    achievedPercent: null,
  });
});
