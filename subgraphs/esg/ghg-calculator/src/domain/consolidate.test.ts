import { expect, test } from "vitest";
import { consolidationShare } from "./consolidate.js";

const jointVenture = { ownershipPercent: "40", financialControl: false, operationalControl: true };

test("equity share counts the owned part, control counts all or nothing (Corporate Standard ch. 3)", () => {
  expect(consolidationShare("EQUITY_SHARE", jointVenture).toString()).toBe("0.4");
  expect(consolidationShare("OPERATIONAL_CONTROL", jointVenture).toString()).toBe("1");
  expect(consolidationShare("FINANCIAL_CONTROL", jointVenture).toString()).toBe("0");
});

test("an entry without a site belongs to the organization as a whole", () => {
  expect(consolidationShare("EQUITY_SHARE", null).toString()).toBe("1");
});
