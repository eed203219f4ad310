/** Published figures, recomputed from the shipped reference packs: what goes in is a bill, what comes out is printed. */
import { expect, test } from "vitest";
import { factorsOf } from "../reference/build-factors.js";
import { gwp100, refrigerantGwp } from "../reference/gwp.js";
import { type Factor, type PackName, readPack } from "../reference/pack.js";
import type { CalculationBasis, CalculationEntry } from "./calculate-entry.js";
import { calculateInventory } from "./calculate-inventory.js";
import { type Instrument, qualityCriteria } from "./cover-consumption.js";
import { decimal, sum } from "./exact-decimal.js";
import { factorSource } from "./factor-source.js";
import type { ResultLine } from "./result-line.js";
import { summarizeLines } from "./summarize-lines.js";

const packs: PackName[] = [
  "desnz-2024",
  "desnz-2025",
  "epa-hub-2025",
  "egrid-2023",
  "epa-refrigerants",
  "epa-supply-chain-2022",
];
const factors: Factor[] = packs.flatMap((name) => factorsOf(readPack(name)));
const year2024 = { start: "2024-01-01", end: "2024-12-31" };
const basis: CalculationBasis = {
  period: year2024,
  gwpBasis: "AR5",
  consolidation: "OPERATIONAL_CONTROL",
  factorSets: [],
  region: "GB",
  automaticCategory3: true,
  upstreamOfScope3: false,
};
const entry = (
  activity: string,
  quantity: string,
  unit: string,
  more: Partial<CalculationEntry> = {},
): CalculationEntry => ({
  id: activity,
  site: null,
  activity,
  quantity,
  unit,
  heatingValue: null,
  period: year2024,
  region: null,
  factorId: null,
  scope: null,
  scope3Category: null,
  details: {},
  instrumentId: null,
  supplierId: null,
  intraGroup: false,
  uncertaintyPercent: null,
  factorUncertaintyPercent: null,
  pedigree: null,
  ...more,
});

function inventory(entries: CalculationEntry[], more: Partial<CalculationBasis> = {}, instruments: Instrument[] = []) {
  const result = calculateInventory({ ...basis, ...more }, entries, instruments, factorSource(factors));
  expect(result.problems).toEqual([]);
  return result;
}
const calculate = (one: CalculationEntry, more: Partial<CalculationBasis> = {}) => inventory([one], more).lines;
const kg = (lines: ResultLine[], scope: string, stage = "DIRECT", basisOf2: string | null = null) =>
  sum(
    lines
      .filter((line) => line.scope === scope && line.stage === stage && line.scope2Basis === basisOf2)
      .map(({ kgCo2e }) => kgCo2e),
  ).toString();
const biogenic = (lines: ResultLine[]) => sum(lines.map(({ biogenicKgCo2 }) => biogenicKgCo2)).toString();
const gases = (lines: ResultLine[]) =>
  Object.fromEntries(summarizeLines(lines, "LOCATION").gases.map(({ gas, kgCo2e }) => [gas, kgCo2e.toString()]));

test("GHG-01: 100,000 kWh of gas is 18,290 kg in scope 1 and 3,021 kg well-to-tank (DESNZ 2024)", () => {
  const lines = calculate(entry("natural-gas", "100000", "kWh", { heatingValue: "GROSS" }));
  expect([kg(lines, "SCOPE_1"), kg(lines, "SCOPE_3", "WTT")]).toEqual(["18290", "3021"]);
  expect(gases(lines.filter(({ scope }) => scope === "SCOPE_1"))).toEqual({ CO2: "18253", CH4: "28", N2O: "9" });
  expect(lines.find(({ stage }) => stage === "WTT")?.scope3Category).toBe(3);
});

test("GHG-02: 1,000 litres of diesel are 2,512.79 kg, 160 kg of biogenic CO2 apart, 611.01 kg well-to-tank (DESNZ 2024)", () => {
  const lines = calculate(entry("diesel-average-biofuel-blend", "1000", "litre"));
  expect([kg(lines, "SCOPE_1"), biogenic(lines), kg(lines, "SCOPE_3", "WTT")]).toEqual(["2512.79", "160", "611.01"]);
  expect(summarizeLines(lines, "LOCATION").total.toString()).toBe("3123.8");
});

test("GHG-03: 1 GWh of UK electricity is 207.05 t, with 18.3 t of losses and 45.9 + 3.97 t well-to-tank (DESNZ 2024)", () => {
  const lines = calculate(entry("electricity-grid", "1", "GWh"));
  expect(kg(lines, "SCOPE_2", "DIRECT", "LOCATION")).toBe("207050");
  expect(["TD", "WTT", "WTT_TD"].map((stage) => kg(lines, "SCOPE_3", stage))).toEqual(["18300", "45900", "3970"]);
});

test("GHG-04: the same 1 GWh is 177 t with 18.53 t of losses under the factors of 2025 (DESNZ 2025)", () => {
  const period = { start: "2025-01-01", end: "2025-12-31" };
  const lines = calculate(entry("electricity-grid", "1000000", "kWh", { period }), { period });
  expect([kg(lines, "SCOPE_2", "DIRECT", "LOCATION"), kg(lines, "SCOPE_3", "TD"), kg(lines, "SCOPE_3", "WTT")]).toEqual(
    ["177000", "18530", "45900"],
  );
});

test("GHG-05: radiative forcing multiplies the CO2 of a flight by 1.7 (DESNZ 2024)", () => {
  const [withRf, without] = ["21_316_3170_11", "21_316_3171_11"].map((row) =>
    factors.find(({ key }) => key === `desnz-2024/${row}`),
  );
  const co2 = (factor?: Factor) => decimal(factor?.gases.find(({ gas }) => gas === "CO2")?.amount ?? 0);
  expect(co2(withRf).dividedBy(co2(without)).toDecimalPlaces(3).toString()).toBe("1.7");
  const lines = calculate(entry("flight", "1000", "passenger_km", { factorId: withRf?.id ?? null }));
  expect(kg(lines, "SCOPE_3")).toBe("200.11");
  expect(without?.kgCo2e).toBe("0.11812");
});

test("GHG-06: 10 t of wood logs are 462.5524 kg in scope 1 and 14,362.3 kg of CO2 outside of scopes (DESNZ 2024)", () => {
  const lines = calculate(entry("wood-logs", "10", "t"));
  expect([kg(lines, "SCOPE_1"), biogenic(lines)]).toEqual(["462.5524", "14362.3"]);
});

test("GHG-07: 5 kg of R-410A are 9,620 kg, all of it HFCs (DESNZ 2024)", () => {
  const lines = calculate(entry("refrigerant-r410a", "5", "kg"));
  expect(kg(lines, "SCOPE_1")).toMatch(/^962\d/);
  expect(Math.abs(Number(kg(lines, "SCOPE_1")) - 9620)).toBeLessThanOrEqual(0.5);
  expect(Object.keys(gases(lines))).toEqual(["HFCS"]);
});

test("GHG-08: 1,000 mmBtu of gas are 53,060 kg CO2, 28 kg from CH4 and 26.5 kg from N2O (EPA Hub 2025 table 1)", () => {
  const lines = calculate(entry("natural-gas", "1000", "mmBtu", { region: "US" }));
  expect(kg(lines, "SCOPE_1")).toBe("53114.5");
  expect(gases(lines)).toEqual({ CO2: "53060", CH4: "28", N2O: "26.5" });
});

test("GHG-09: 1,000 gallons in cars of model year 2022 over 25,000 miles are 8,792.775 kg (EPA Hub 2025 tables 2 and 3)", () => {
  const { lines } = inventory([
    entry("mobile-motor-gasoline", "1000", "us_gallon", { region: "US" }),
    entry("onroad-gasoline-passenger-cars-2022", "25000", "mile", { region: "US" }),
  ]);
  expect(Number(kg(lines, "SCOPE_1"))).toBeCloseTo(8792.775, 2);
});

test("GHG-10: 1,000 MWh in CAMX are 198.7415 t by location (eGRID2023)", () => {
  const lines = calculate(entry("electricity-grid", "1000", "MWh", { region: "US-CAMX" }));
  expect(Number(kg(lines, "SCOPE_2", "DIRECT", "LOCATION"))).toBeCloseTo(198_741.5, 0);
});

test("GHG-11: 1,000 MWh in the US are 351.6425 t, and the grid loss of 4.2 % adds 15.4165 t in category 3 (eGRID2023)", () => {
  const lines = calculate(entry("electricity-grid", "1000", "MWh", { region: "US" }));
  expect(Number(kg(lines, "SCOPE_2", "DIRECT", "LOCATION"))).toBeCloseTo(351_642.5, 0);
  expect(Number(kg(lines, "SCOPE_3", "TD"))).toBeCloseTo(15_416.5, 0);
  expect(lines.find(({ stage }) => stage === "TD")).toMatchObject({ scope3Category: 3, method: "GRID_LOSS" });
});

const certificate: Instrument = {
  id: "eac",
  kind: "CERTIFICATE",
  market: "GB",
  vintage: 2024,
  kwh: "600000",
  kgPerKwh: "0",
  criteriaMet: qualityCriteria,
};

test("GHG-12: location-based 200 t and market-based 180 t from the same 1 GWh, 60 % covered (tools.gera.services)", () => {
  const grid: Factor = {
    ...(factors.find(({ activity, region }) => activity === "electricity-grid" && region === "GB") as Factor),
    kgCo2e: "0.2",
    gases: [],
  };
  const residual: Instrument = { ...certificate, id: "residual", kind: "RESIDUAL_MIX", kwh: null, kgPerKwh: "0.45" };
  const { lines } = calculateInventory(
    basis,
    [entry("electricity-grid", "1000000", "kWh")],
    [certificate, residual],
    factorSource([grid]),
  );
  const { scope2Location, scope2Market } = summarizeLines(lines, "MARKET");
  expect([scope2Location.toString(), scope2Market.toString()]).toEqual(["200000", "180000"]);
});

test("GHG-13: R-410A weighs 2,087.5 under AR4 and 1,923.5 under AR5, printed as 1,924 (EPA Hub tables 11 and 12)", () => {
  expect([refrigerantGwp("R-410A", "AR4").gwp, refrigerantGwp("R-410A", "AR5").gwp]).toEqual(["2087.5", "1923.5"]);
  expect(kg(calculate(entry("refrigerant-r410a", "1", "kg"), { gwpBasis: "AR4" }), "SCOPE_1")).toBe("2087.5");
});

test.each([
  ["AR4", "25", "298"],
  ["AR5", "28", "265"],
  ["AR6", "27.9", "273"],
] as const)("GHG-14: under %s a tonne of CH4 weighs %s t and a tonne of N2O %s t (IPCC)", (gwpBasis, ch4, n2o) => {
  expect([gwp100("CH4", gwpBasis), gwp100("N2O", gwpBasis)]).toEqual([ch4, n2o]);
});

test("GHG-14: a calculation on another GWP basis weighs the same gases again (EPA Hub 2025, IPCC AR6)", () => {
  const lines = calculate(entry("natural-gas", "1000", "mmBtu", { region: "US" }), { gwpBasis: "AR6" });
  expect(gases(lines)).toEqual({ CO2: "53060", CH4: "27.9", N2O: "27.3" });
});

test.each([
  ["541511", "84000"],
  ["327310", "3924000"],
  ["484121", "595000"],
])(
  "GHG-15: USD 1,000,000 spent on NAICS %s are %s kg with margins (EPA supply chain factors v1.3)",
  (naics, expected) => {
    const lines = calculate(entry(`spend-naics-${naics}`, "1000000", "USD", { region: "US" }));
    expect(kg(lines, "SCOPE_3")).toBe(expected);
    expect(lines[0]?.scope3Category).toBe(1);
  },
);

test("GHG-16: a vehicle year is 5.46 t by the chain gallons × miles ÷ mpg ÷ CO2 share (US EPA calculations page)", () => {
  expect(decimal("0.00881").times(11_856).dividedBy("19.7").dividedBy("0.971").toFixed(2)).toBe("5.46");
});

test("GHG-20: 500 t over 200 km by HGV are 9,752 kg (DESNZ 2024)", () => {
  const lines = calculate(entry("hgv-average-laden", "100000", "tonne_km"));
  expect(kg(lines, "SCOPE_3")).toBe("9752");
  const upstream = calculate(entry("hgv-average-laden", "100000", "tonne_km"), { upstreamOfScope3: true });
  expect(upstream.filter(({ stage }) => stage === "WTT").map(({ scope3Category }) => scope3Category)).toEqual([
    lines[0]?.scope3Category,
  ]);
});

test("500 therms are 14,653.55 kWh and 2,680.13 kg, and 1,000 m³ of gas are 2,045.42 kg (DESNZ 2024)", () => {
  const therms = calculate(entry("natural-gas", "500", "therm"));
  expect(therms[0]?.convertedQuantity.toFixed(2)).toBe("14653.55");
  expect(Number(kg(therms, "SCOPE_1")).toFixed(2)).toBe("2680.13");
  expect(kg(calculate(entry("natural-gas", "1000", "m3")), "SCOPE_1")).toBe("2045.42");
});

test("0.1 mmBtu of gas, one therm, is 5.306 kg of CO2 (US EPA)", () => {
  expect(gases(calculate(entry("natural-gas", "1", "therm", { region: "US" }))).CO2).toBe("5.306");
});
