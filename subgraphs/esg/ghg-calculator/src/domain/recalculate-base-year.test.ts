import { expect, test } from "vitest";
import { assessBaseYear, type BaseYearChange } from "./recalculate-base-year.js";

const acquisition: BaseYearChange = { kind: "ACQUISITION", tonnesInBaseYear: 15, existedInBaseYear: true };
const growth: BaseYearChange = { kind: "ORGANIC_CHANGE", tonnesInBaseYear: 10, existedInBaseYear: true };

test("GHG-19: buying a company that emitted 15 t in the base year lifts it from 50 t to 65 t (Corporate Standard ch. 5)", () => {
  const { recalculated, significant } = assessBaseYear(50, [acquisition]);
  expect([recalculated.toString(), significant]).toEqual(["65", true]);
  expect(assessBaseYear(60, [{ ...acquisition, tonnesInBaseYear: 20 }]).recalculated.toString()).toBe("80");
});

test("GHG-19: organic growth from 50 t to 60 t leaves the base year alone", () => {
  const { recalculated, significant, change } = assessBaseYear(50, [growth]);
  expect([recalculated.toString(), significant, change.toString()]).toEqual(["50", false, "0"]);
});

test("a facility that did not exist in the base year leaves it alone", () => {
  expect(assessBaseYear(50, [{ ...acquisition, existedInBaseYear: false }]).recalculated.toString()).toBe("50");
});

test("changes below the threshold wait, and count once they reach it together", () => {
  const small: BaseYearChange = { kind: "ERROR", tonnesInBaseYear: "1.5", existedInBaseYear: true };
  expect(assessBaseYear(50, [small], 5).recalculated.toString()).toBe("50");
  expect(assessBaseYear(50, [small, small], 5).recalculated.toString()).toBe("53");
});

test("a divestment lowers the base year", () => {
  const divestment: BaseYearChange = { kind: "DIVESTMENT", tonnesInBaseYear: -20, existedInBaseYear: true };
  expect(assessBaseYear(50, [divestment]).recalculated.toString()).toBe("30");
});

test("a base year of zero has no percentage, and any change to it is significant", () => {
  const { percent, significant } = assessBaseYear(0, [acquisition]);
  expect([percent, significant]).toEqual([null, true]);
});
