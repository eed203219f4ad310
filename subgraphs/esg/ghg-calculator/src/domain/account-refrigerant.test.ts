import { expect, test } from "vitest";
import { massBalance, screenedLeak } from "./account-refrigerant.js";

test("the mass balance finds the refrigerant that is nowhere any more", () => {
  const balance = { startStock: 40, purchases: 25, returns: 5, endStock: 30, capacityChange: 10 };
  expect(massBalance(balance).toString()).toBe("20");
});

test("screening takes the leak rate of the charge", () => {
  expect(screenedLeak({ charge: 50, leakRatePercent: 10 }).toString()).toBe("5");
});
