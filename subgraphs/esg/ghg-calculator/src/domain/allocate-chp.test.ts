import { expect, test } from "vitest";
import { allocateChp } from "./allocate-chp.js";

test("heat and power share the emissions in proportion to the fuel each would need", () => {
  const split = allocateChp({ emissions: 1000, heat: 800, power: 350 });
  expect(split?.heat.toString()).toBe("500");
  expect(split?.power.toString()).toBe("500");
});

test("the two parts add up to the plant, whatever the efficiencies", () => {
  const split = allocateChp({
    emissions: "777.7",
    heat: 123,
    power: 45,
    heatEfficiency: "0.9",
    powerEfficiency: "0.4",
  });
  expect(split?.heat.plus(split.power).toString()).toBe("777.7");
});

test("a plant without output or with an efficiency of zero cannot be split", () => {
  expect(allocateChp({ emissions: 1, heat: 0, power: 0 })).toBeNull();
  expect(allocateChp({ emissions: 1, heat: 1, power: 1, heatEfficiency: 0 })).toBeNull();
});
