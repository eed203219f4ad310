import { expect, test } from "vitest";
import { coverConsumption, type Instrument, missingCriteria, qualityCriteria } from "./cover-consumption.js";
import { sum } from "./exact-decimal.js";

const certificate: Instrument = {
  id: "eac",
  kind: "CERTIFICATE",
  market: "GB",
  vintage: 2024,
  kwh: 600_000,
  kgPerKwh: 0,
  criteriaMet: qualityCriteria,
};
const residual: Instrument = { ...certificate, id: "residual", kind: "RESIDUAL_MIX", kwh: null, kgPerKwh: "0.45" };
const supplier: Instrument = { ...certificate, id: "supplier", kind: "SUPPLIER_RATE", kwh: null, kgPerKwh: "0.3" };
const consumption = { id: "site", market: "GB", year: 2024, kwh: 1_000_000 };

const emissions = (instruments: Instrument[], consumptions = [consumption], grid = "0.2") =>
  sum(
    coverConsumption(consumptions, instruments).covers.map(({ kwh, instrument }) =>
      kwh.times(instrument?.kgPerKwh ?? grid),
    ),
  ).toString();

test("GHG-12: 60 % covered by certificates, the rest at the residual mix is 180 t (tools.gera.services)", () => {
  expect(emissions([certificate, residual])).toBe("180000");
});

test("the first source of the hierarchy that is available answers: certificate, supplier, residual mix, grid", () => {
  expect(emissions([residual, supplier, certificate])).toBe("120000");
  expect(emissions([residual, supplier])).toBe("300000");
  expect(emissions([residual])).toBe("450000");
  expect(emissions([])).toBe("200000");
});

test("consumption without an instrument falls to the grid average and is disclosed", () => {
  const { gridAverageKwh } = coverConsumption([consumption], [certificate]);
  expect(gridAverageKwh.toString()).toBe("400000");
});

test("certificates beyond the consumption are excess and carry neither to another market nor to another vintage", () => {
  const elsewhere = { id: "paris", market: "FR", year: 2024, kwh: 500 };
  const nextYear = { id: "later", market: "GB", year: 2025, kwh: 500 };
  const cover = coverConsumption([{ ...consumption, kwh: 100_000 }, elsewhere, nextYear], [certificate]);
  expect(cover.excess.map(({ id, kwh }) => [id, kwh.toString()])).toEqual([["eac", "500000"]]);
  expect(cover.gridAverageKwh.toString()).toBe("1000");
});

test("an instrument that misses a quality criterion is not counted, and the report says which", () => {
  const unretired = { ...certificate, criteriaMet: qualityCriteria.filter((one) => one !== "RETIRED_FOR_REPORTER") };
  const cover = coverConsumption([consumption], [unretired]);
  expect(cover.refused).toEqual([{ id: "eac", missing: ["RETIRED_FOR_REPORTER"] }]);
  expect(cover.gridAverageKwh.toString()).toBe("1000000");
  expect(missingCriteria(certificate)).toEqual([]);
});

test("a residual mix printed as zero is not used", () => {
  expect(emissions([{ ...residual, kgPerKwh: 0 }])).toBe("200000");
});

test("consumption bought with a certain instrument is served from it before the others", () => {
  const first = { ...consumption, id: "first", kwh: 600_000 };
  const named = { ...consumption, id: "named", kwh: 600_000, instrumentId: "eac" };
  const { covers } = coverConsumption([first, named], [certificate]);
  expect(covers.find(({ consumptionId }) => consumptionId === "named")?.instrument?.id).toBe("eac");
  expect(covers.find(({ consumptionId }) => consumptionId === "first")?.instrument).toBeNull();
});

test("the covers add up to the consumption", () => {
  const { covers } = coverConsumption([consumption, { ...consumption, id: "b", kwh: "0.1" }], [certificate, supplier]);
  expect(sum(covers.map(({ kwh }) => kwh)).toString()).toBe("1000000.1");
});
