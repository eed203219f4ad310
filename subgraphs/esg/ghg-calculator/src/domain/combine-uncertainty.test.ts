import { expect, test } from "vitest";
import {
  geometricDeviation,
  type Pedigree,
  pedigreePercent,
  uncertaintyOfCorrelatedSum,
  uncertaintyOfProduct,
  uncertaintyOfSum,
} from "./combine-uncertainty.js";

test("GHG-17: activity data ±5 % times factor ±10 % is ±11.1803 % (IPCC 2006 vol. 1 ch. 3 eq. 3.1)", () => {
  expect(uncertaintyOfProduct([5, 10]).toFixed(4)).toBe("11.1803");
});

const twoFigures = [
  { value: 100, percent: 5 },
  { value: 200, percent: 10 },
];

test("GHG-18: 100 t ±5 % and 200 t ±10 % add up to 300 t ±6.8718 % (IPCC 2006 vol. 1 ch. 3 eq. 3.2)", () => {
  expect(uncertaintyOfSum(twoFigures).toFixed(4)).toBe("6.8718");
});

test("figures that err together add up linearly", () => {
  expect(uncertaintyOfCorrelatedSum(twoFigures).toFixed(4)).toBe("8.3333");
});

test("a total of zero has no relative uncertainty instead of a division by zero", () => {
  const cancelling = [
    { value: 5, percent: 5 },
    { value: -5, percent: 5 },
  ];
  expect(uncertaintyOfSum(cancelling).toString()).toBe("0");
  expect(uncertaintyOfCorrelatedSum([]).toString()).toBe("0");
});

const best: Pedigree = {
  reliability: "VERY_GOOD",
  completeness: "VERY_GOOD",
  time: "VERY_GOOD",
  geography: "VERY_GOOD",
  technology: "VERY_GOOD",
};

test("the best pedigree adds no uncertainty, and one poor grade gives exactly that grade's factor", () => {
  expect(geometricDeviation(best).toString()).toBe("1");
  expect(geometricDeviation({ ...best, technology: "POOR" }).toFixed(10)).toBe("2.0000000000");
  expect(pedigreePercent({ ...best, reliability: "POOR" }).toFixed(6)).toBe("50.000000");
});
