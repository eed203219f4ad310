import { expect, test } from "vitest";
import {
  endOfLifeMass,
  financedEmissions,
  gridLossEmissions,
  hybridEmissions,
  type Investment,
  lifetimeEnergy,
  portfolioDataQuality,
  spendInFactorMoney,
  withEmptyReturn,
} from "./estimate-scope3.js";

test("spend is brought to the money of the factor: without tax, at the exchange rate, at the base year's prices", () => {
  const spend = {
    value: "1200",
    valueAddedTax: "200",
    exchangeRate: "1.25",
    priceIndexBase: "292.7",
    priceIndexYear: "305.2",
  };
  expect(spendInFactorMoney(spend)?.toFixed(6)).toBe("1198.804063");
  expect(spendInFactorMoney({ value: 1_000_000 })?.toString()).toBe("1000000");
  expect(spendInFactorMoney({ value: 1, priceIndexYear: 0 })).toBeNull();
});

test("the hybrid method adds the supplier's allocated emissions to its materials, transport and waste", () => {
  const inputs = [
    { quantity: 10, kgCo2ePerUnit: "2.5" },
    { quantity: 100, kgCo2ePerUnit: "0.1" },
  ];
  expect(hybridEmissions({ supplierEmissions: 5000, allocatedShare: "0.02", inputs }).toString()).toBe("135");
});

test("sold products consume over their whole life, and end it with their whole mass", () => {
  expect(lifetimeEnergy({ unitsSold: 1000, usesPerLifetime: 500, energyPerUse: "0.8" }).toString()).toBe("400000");
  expect(endOfLifeMass({ unitsSold: 1000, massPerUnit: "2.5", treatedShare: "0.4" }).toString()).toBe("1000");
});

const loan: Investment = {
  assetClass: "BUSINESS_LOANS_AND_PRIVATE_EQUITY",
  outstanding: 10,
  denominator: 200,
  investeeEmissions: 40_000,
  dataQuality: 4,
};

test("financed emissions are attributed by outstanding amount over the investee's value (PCAF part A)", () => {
  expect(financedEmissions(loan)?.toString()).toBe("2000");
  expect(financedEmissions({ ...loan, denominator: 0 })).toBeNull();
});

test("the data quality of a portfolio weighs each score by exposure", () => {
  expect(portfolioDataQuality([loan, { outstanding: 30, dataQuality: 2 }])?.toString()).toBe("2.5");
  expect(portfolioDataQuality([])).toBeNull();
});

test("an empty way back adds its share at the empty vehicle's intensity", () => {
  expect(withEmptyReturn(100, "0.5", "0.6").toString()).toBe("130");
});

test("GHG-11: a gross grid loss of 4.2 % adds loss/(1 − loss) of 351.6425 t (EPA Hub table 6)", () => {
  expect(gridLossEmissions("351.6425", "0.042")?.toFixed(4)).toBe("15.4165");
  expect(gridLossEmissions(1, 1)).toBeNull();
});
