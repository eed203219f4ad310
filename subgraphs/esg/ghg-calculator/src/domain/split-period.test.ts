import { expect, test } from "vitest";
import { sum } from "./exact-decimal.js";
import { commonDays, daysIn, isDay, quantityWithin, splitByYear } from "./split-period.js";

const bill = { start: "2024-12-15", end: "2025-01-14" };

test("a bill of 31 days over the turn of the year counts 1,700 kWh in December and 1,400 in January (day count)", () => {
  expect(daysIn(bill)).toBe(31);
  expect(splitByYear(3100, bill).map(({ year, quantity }) => [year, quantity.toString()])).toEqual([
    [2024, "1700"],
    [2025, "1400"],
  ]);
  expect(quantityWithin(3100, bill, { start: "2024-01-01", end: "2024-12-31" }).toString()).toBe("1700");
});

test("the parts of a quantity add up to it, even where the days do not divide it", () => {
  const parts = splitByYear("100.01", { start: "2023-11-03", end: "2025-02-07" });
  expect(sum(parts.map(({ quantity }) => quantity)).toString()).toBe("100.01");
});

test("ranges without a common day share nothing", () => {
  expect(commonDays(bill, { start: "2025-01-15", end: "2025-12-31" })).toBeNull();
  expect(quantityWithin(5, bill, { start: "2025-01-15", end: "2025-12-31" }).toString()).toBe("0");
});

test("only days of the calendar are days", () => {
  expect(isDay("2024-02-29")).toBe(true);
  expect(isDay("2023-02-29")).toBe(false);
  expect(isDay("2024-13-01")).toBe(false);
  expect(isDay("0024-01-01")).toBe(false);
});
