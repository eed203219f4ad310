/** The shipped reference packs: complete, consistent with what their publishers state, and equal to worked examples. */
import { describe, expect, it } from "vitest";
import { type Decimal, decimal, sum } from "../src/domain/exact-decimal.js";
import { convert, unitKind } from "../src/domain/units.js";
import { factorSetOf, factorsOf, stableId } from "../src/reference/build-factors.js";
import { co2eOf, gwp100, gwps, refrigerantGwp } from "../src/reference/gwp.js";
import { type Factor, type PackName, packNames, readPack, readPackRows } from "../src/reference/pack.js";

const files = new Map(packNames.map((name) => [name, readPack(name)]));
const factorsIn = (name: PackName): Factor[] => factorsOf(files.get(name) ?? readPack(name));
const all = packNames.flatMap(factorsIn);
const byKey = new Map(all.map((factor) => [factor.key, factor]));
const factor = (key: string): Factor => {
  const found = byKey.get(key);
  if (!found) throw new Error(`no factor ${key}`);
  return found;
};
const kg = (key: string): Decimal => decimal(factor(key).kgCo2e ?? "NaN");
const gasOf = ({ gases }: Factor, name: string): string | undefined => gases.find(({ gas }) => gas === name)?.amount;
const find = (pack: PackName, activity: string, unit: string, more: Partial<Factor> = {}): Factor => {
  const found = factorsIn(pack).filter(
    (row) =>
      row.activity === activity &&
      row.unit === unit &&
      Object.entries(more).every(([field, value]) => row[field as keyof Factor] === value),
  );
  expect(found).toHaveLength(1);
  return found[0] as Factor;
};

describe("every pack", () => {
  it.each([
    ["desnz-2024", 2672],
    ["desnz-2025", 1776],
    ["epa-hub-2025", 523],
    ["egrid-2023", 56],
    ["epa-refrigerants", 62],
    ["epa-supply-chain-2022", 2032],
    ["ipcc-gwp", 106],
  ] as const)("%s has %i rows of valid shape", (name, rows) => {
    const file = files.get(name);
    expect(file?.records).toHaveLength(rows);
    if (file?.header.kind === "FACTORS") expect(readPackRows(file)).toHaveLength(rows);
  });

  it("names publisher, source, licence and attribution", () => {
    for (const { header } of files.values()) {
      const set = factorSetOf({ header, checksum: "", records: [] });
      expect([set.publisher, set.sourceDocument, set.licence, set.attribution].every((text) => text.length > 5)).toBe(
        true,
      );
    }
  });

  it("has no two rows of one set with the same activity, unit, heating value and region", () => {
    const names = all.map(({ setKey, activity, unit, heatingValue, region }) =>
      [setKey, activity, unit, heatingValue, region].join("|"),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it("uses units the calculator knows", () => {
    for (const { unit } of all) expect(unitKind(unit)).toBeTruthy();
  });

  it("states gross or net for every energy unit of a fuel that the publisher tells apart", () => {
    const kwh = factorsIn("desnz-2024").filter(({ path, unit }) => path[0] === "Fuels" && unit === "kWh");
    expect(kwh).toHaveLength(62);
    expect(kwh.every(({ heatingValue }) => heatingValue !== null)).toBe(true);
  });

  it("resolves every link to a row of the same set, unit and the right stage", () => {
    const links = all.flatMap((row) =>
      (
        [
          ["wttKey", "WTT"],
          ["tdKey", "TD"],
          ["wttTdKey", "WTT_TD"],
          ["biogenicKey", "BIOGENIC"],
          ["electricityKey", "DIRECT"],
        ] as const
      )
        .filter(([field]) => row[field] !== null)
        .map(([field, stage]) => ({ row, stage, target: byKey.get(row[field] ?? "") })),
    );
    expect(links.length).toBe(1210 + 133 + 3 + 59 + 62 + 744 + 2 + 2 + 3);
    for (const { row, stage, target } of links) {
      expect(target, row.key).toMatchObject({ stage, unit: row.unit, setKey: row.setKey });
      if (stage === "WTT") expect(target?.heatingValue, row.key).toBe(row.heatingValue);
    }
  });

  it("leaves a value blank only for biogenic CO2, which is outside of scopes", () => {
    const blank = all.filter(({ kgCo2e }) => kgCo2e === null);
    expect(blank).toHaveLength(112);
    expect(
      blank.every(
        ({ stage, scope, gases }) => stage === "BIOGENIC" && scope === "OUTSIDE_OF_SCOPES" && gases.length === 1,
      ),
    ).toBe(true);
  });

  it("gives the same id to the same row on every machine", () => {
    expect(stableId("desnz-2024@1.0.0/1_100_1004_6")).toBe(factor("desnz-2024/1_100_1004_6").id);
    expect(factor("desnz-2024/1_100_1004_6").id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});

describe("DESNZ", () => {
  it("2024: CO2 + CH4 + N2O is the CO2e in all 1,302 rows with a full split", () => {
    const split = factorsIn("desnz-2024").filter(({ gases }) => gases.length === 3);
    expect(split).toHaveLength(1302);
    for (const row of split) {
      const difference = sum(row.gases.map(({ amount }) => amount))
        .minus(row.kgCo2e ?? "NaN")
        .abs();
      expect(difference.lessThanOrEqualTo("0.000021"), row.key).toBe(true);
    }
  });

  it("2025: CO2 + CH4 + N2O is the CO2e in all 796 published rows with a full split", () => {
    const split = factorsIn("desnz-2025").filter(({ gases, key }) => gases.length === 3 && !key.endsWith("/scope-2"));
    expect(split).toHaveLength(796);
    for (const row of split) {
      const difference = sum(row.gases.map(({ amount }) => amount))
        .minus(row.kgCo2e ?? "NaN")
        .abs();
      expect(difference.lessThanOrEqualTo("0.000021"), row.key).toBe(true);
    }
  });

  it("2024: radiative forcing multiplies the CO2 of all 14 passenger flights by 1.7", () => {
    const flights = factorsIn("desnz-2024").filter(({ activity }) => /^flight-.*-with-rf$/.test(activity));
    expect(flights).toHaveLength(14);
    for (const flight of flights) {
      const without = find("desnz-2024", flight.activity.replace("-with-rf", "-without-rf"), "passenger_km");
      const ratio = decimal(gasOf(flight, "CO2") ?? "NaN").dividedBy(gasOf(without, "CO2") ?? "NaN");
      expect(ratio.minus("1.7").abs().lessThan("0.001"), flight.key).toBe(true);
    }
  });

  it("2025 keeps every scope 3 and outside-of-scopes id of 2024 it publishes, with the same meaning", () => {
    const shared = factorsIn("desnz-2025").filter(({ key }) => byKey.has(key.replace("2025", "2024")));
    expect(shared.length).toBeGreaterThan(1700);
    for (const row of shared) {
      expect(factor(row.key.replace("2025", "2024"))).toMatchObject({
        activity: row.activity,
        unit: row.unit,
        scope: row.scope,
      });
    }
  });

  it("100,000 kWh of gas in 2024: 18,290 kg (CO2 18,253, CH4 28, N2O 9), well to tank 3,021 kg", () => {
    const gas = find("desnz-2024", "natural-gas", "kWh", { heatingValue: "GROSS" });
    expect(gas.key).toBe("desnz-2024/1_100_1004_6");
    expect(kg(gas.key).times(100000).toFixed(0)).toBe("18290");
    expect(gas.gases.map(({ amount }) => decimal(amount).times(100000).toFixed(0))).toEqual(["18253", "28", "9"]);
    expect(
      kg(gas.wttKey ?? "")
        .times(100000)
        .toFixed(0),
    ).toBe("3021");
    expect(kg("desnz-2024/1_100_1004_7").toFixed()).toBe("0.20264");
  });

  it("1,000 litres of diesel in 2024: 2,512.79 kg, biogenic 160 kg, well to tank 611.01 kg", () => {
    const diesel = find("desnz-2024", "diesel-average-biofuel-blend", "litre");
    expect(kg(diesel.key).times(1000).toFixed(2)).toBe("2512.79");
    const biogenic = factor(diesel.biogenicKey ?? "");
    expect(biogenic.gases).toEqual([{ gas: "CO2_BIOGENIC", amount: "0.16", as: "KG_CO2E" }]);
    expect(
      kg(diesel.wttKey ?? "")
        .times(1000)
        .toFixed(2),
    ).toBe("611.01");
    expect(find("desnz-2024", "diesel-mineral", "litre").kgCo2e).toBe("2.66155");
  });

  it("1 GWh of UK electricity: 207.05 t in 2024 with losses 18.3 t, well to tank 45.9 t and 3.97 t; 177 t in 2025", () => {
    const power = find("desnz-2024", "electricity-grid", "kWh");
    const tonnes = (key: string | null) =>
      kg(key ?? "")
        .times(1000)
        .toFixed(2);
    expect([power.key, power.tdKey, power.wttKey, power.wttTdKey].map(tonnes)).toEqual([
      "207.05",
      "18.30",
      "45.90",
      "3.97",
    ]);
    const later = find("desnz-2025", "electricity-grid", "kWh");
    expect([later.key, later.tdKey, later.wttKey].map(tonnes)).toEqual(["177.00", "18.53", "45.90"]);
    expect(later.scope).toBe("SCOPE_2");
  });

  it("a long-haul economy passenger-kilometre is 0.20011 kg with radiative forcing and 0.11812 kg without", () => {
    expect(find("desnz-2024", "flight-long-haul-economy-with-rf", "passenger_km")).toMatchObject({
      kgCo2e: "0.20011",
      key: "desnz-2024/21_316_3170_11",
    });
    expect(find("desnz-2024", "flight-long-haul-economy-without-rf", "passenger_km").kgCo2e).toBe("0.11812");
  });

  it("10 t of wood logs: 462.55 kg in scope 1 and 14,362.3 kg of biogenic CO2", () => {
    const logs = find("desnz-2024", "wood-logs", "t");
    expect(logs.biogenic).toBe(true);
    expect(kg(logs.key).times(10).toFixed(4)).toBe("462.5524");
    expect(co2eOf(factor(logs.biogenicKey ?? "").gases, "AR5", "AR5")).toEqual({
      kgCo2e: "0",
      byGas: {},
      biogenicKgCo2: "1436.23",
    });
  });

  it("500 t over 200 km by an average laden HGV: 9,752 kg", () => {
    const haul = find("desnz-2024", "hgv-average-laden", "tonne_km");
    expect(kg(haul.key).times(500).times(200).toFixed(0)).toBe("9752");
    expect(haul).toMatchObject({ scope: "SCOPE_3", scope3Categories: [4, 9] });
    expect(find("desnz-2024", "hgv-average-laden", "km").scope).toBe("SCOPE_1");
  });

  it("5 kg of R-410A topped up: 9,620 kg", () => {
    expect(
      kg(find("desnz-2024", "refrigerant-r410a", "kg").key)
        .times(5)
        .toFixed(0),
    ).toBe("9620");
    expect(find("epa-refrigerants", "refrigerant-r410a", "kg").kgCo2e).toBe("1924");
  });

  it("1,000 m3 of gas: 2,045.42 kg", () => {
    expect(
      kg(find("desnz-2024", "natural-gas", "m3").key)
        .times(1000)
        .toFixed(2),
    ).toBe("2045.42");
  });

  it("an own battery-electric car leads to its electricity, losses and well to tank", () => {
    const car = find("desnz-2024", "car-medium-battery-electric", "km");
    expect(car.kgCo2e).toBe("0");
    expect([car.electricityKey, car.tdKey, car.wttKey].map((key) => factor(key ?? "").kgCo2e)).toEqual([
      "0.04249",
      "0.00376",
      "0.01022",
    ]);
    const business = find("desnz-2024", "business-car-medium-battery-electric", "km");
    expect(business).toMatchObject({ kgCo2e: "0.04625", electricityKey: null, tdKey: null });
  });
});

describe("US EPA", () => {
  it("gas: 1,000 mmBtu is 53,114.5 kg, of which CO2 53,060, CH4 1,000 g and N2O 100 g", () => {
    const gas = find("epa-hub-2025", "natural-gas", "mmBtu");
    expect(kg(gas.key).times(1000).toFixed(1)).toBe("53114.5");
    expect(gas.gases).toEqual([
      { gas: "CO2", amount: "53.06", as: "KG" },
      { gas: "CH4", amount: "1", as: "G" },
      { gas: "N2O", amount: "0.1", as: "G" },
    ]);
  });

  it("a 2022 gasoline car: 1,000 gallons and 25,000 miles are 8,792.775 kg", () => {
    const fuel = kg(find("epa-hub-2025", "mobile-motor-gasoline", "us_gallon").key).times(1000);
    const road = kg(find("epa-hub-2025", "onroad-gasoline-passenger-cars-2022", "mile").key).times(25000);
    expect(fuel.plus(road).toFixed(3)).toBe("8792.775");
  });

  it("each fuel per unit equals its heat content times its factor per mmBtu within 1 %", () => {
    const rows = readPackRows(files.get("epa-hub-2025") ?? readPack("epa-hub-2025"));
    const perUnit = rows.filter(({ also }) => also.mmBtuPerUnit !== undefined);
    expect(perUnit).toHaveLength(58);
    for (const row of perUnit) {
      const perHeat = rows.find(({ activity, unit }) => activity === row.activity && unit === "mmBtu");
      const carbon = /^CO2/;
      const printed = decimal(row.gases.find(({ gas }) => carbon.test(gas))?.amount ?? "NaN");
      const computed = decimal(perHeat?.gases.find(({ gas }) => carbon.test(gas))?.amount ?? "NaN").times(
        row.also.mmBtuPerUnit ?? "NaN",
      );
      expect(computed.dividedBy(printed).minus(1).abs().lessThan("0.01"), row.id).toBe(true);
    }
  });

  it("keeps CO2 of biomass apart: 1 gallon of pure biodiesel counts its CH4 and N2O only", () => {
    const biodiesel = find("epa-hub-2025", "biodiesel-100", "us_gallon");
    expect(biodiesel).toMatchObject({ biogenic: true, kgCo2e: "0.00657" });
    expect(co2eOf(biodiesel.gases, "AR5", "AR5").biogenicKgCo2).toBe("9.45");
  });

  it("waste in t per short ton is held in kg", () => {
    expect(find("epa-hub-2025", "waste-landfill-municipal", "short_ton")).toMatchObject({
      kgCo2e: "580",
      scope3Categories: [5, 12],
    });
    expect(find("epa-hub-2025", "waste-recycling-asphalt-concrete", "short_ton").kgCo2e).toBe("3.5");
  });

  it("eGRID: 1,000 MWh are 198.7415 t in California and 351.6425 t on US average, with 15.4165 t lost in the grid", () => {
    const camx = find("egrid-2023", "electricity-grid", "MWh", { region: "US-CAMX" });
    expect(kg(camx.key).toFixed(4)).toBe("198.7415");
    const average = find("egrid-2023", "electricity-grid", "MWh", { region: "US" });
    expect(kg(average.key).toFixed(4)).toBe("351.6425");
    const loss = decimal(average.lossFraction ?? "NaN");
    expect(kg(average.key).times(loss).dividedBy(decimal(1).minus(loss)).toFixed(4)).toBe("15.4165");
  });

  it("spend: USD 1m on NAICS 541511, 327310 and 484121 is 84, 3,924 and 595 t", () => {
    const tonnes = ["541511", "327310", "484121"].map((naics) =>
      kg(`epa-supply-chain-2022/${naics}`).times(1000).toFixed(0),
    );
    expect(tonnes).toEqual(["84", "3924", "595"]);
    expect(factor("epa-supply-chain-2022/541511")).toMatchObject({
      activity: "spend-naics-541511",
      unit: "USD",
      priceYear: 2022,
    });
  });

  it("spend: without margins + margins = with margins in all 1,016 rows, to rounding", () => {
    const rows = readPackRows(files.get("epa-supply-chain-2022") ?? readPack("epa-supply-chain-2022"));
    const withMargins = rows.filter(({ also }) => also.margins !== undefined);
    expect(withMargins).toHaveLength(1016);
    for (const row of withMargins) {
      const without = rows.find(({ id }) => id === `${row.id}-without-margins`);
      const difference = decimal(without?.kgCo2e ?? "NaN")
        .plus(row.also.margins ?? "NaN")
        .minus(row.kgCo2e ?? "NaN");
      expect(difference.abs().lessThanOrEqualTo("0.001"), row.id).toBe(true);
    }
  });
});

describe("warming potentials", () => {
  it.each([
    ["AR4", "25", "298"],
    ["AR5", "28", "265"],
    ["AR6", "27.9", "273"],
  ] as const)("%s: methane %s, nitrous oxide %s", (basis, ch4, n2o) => {
    expect([gwp100("CH4", basis), gwp100("N2O", basis)]).toEqual([ch4, n2o]);
  });

  it("finds a gas by its formula, its name and its trade spelling, and refuses what IPCC does not list", () => {
    expect(gwp100("HFC-134a", "AR5")).toBe("1300");
    expect(gwp100("HFC134a", "AR4")).toBe("1430");
    expect(gwp100("PFC-14", "AR5")).toBe(gwp100("CF4", "AR5"));
    expect(gwp100("Sulfur hexafluoride", "AR5")).toBe("23500");
    expect(() => gwp100("unobtainium", "AR5")).toThrow(/unobtainium/);
    expect(() => gwp100("constructor", "AR5")).toThrow(/constructor/);
    expect(gwps()).toHaveLength(106);
  });

  it("every gas of EPA's table 11 has the IPCC AR5 value", () => {
    const gases = readPackRows(files.get("epa-refrigerants") ?? readPack("epa-refrigerants")).filter(({ id }) =>
      id.startsWith("t11-"),
    );
    expect(gases).toHaveLength(32);
    for (const row of gases) expect(gwp100(row.level3, "AR5"), row.level3).toBe(row.kgCo2e);
  });

  it("29 of EPA's 30 blends recompute from their composition within 1; R-424A is flagged and replaced", () => {
    const blends = readPackRows(files.get("epa-refrigerants") ?? readPack("epa-refrigerants")).filter(
      ({ composition }) => composition,
    );
    expect(blends).toHaveLength(30);
    const off = blends.filter(({ level3, also }) => {
      return decimal(refrigerantGwp(level3, "AR5").gwp)
        .minus(also.published ?? "NaN")
        .abs()
        .greaterThan(1);
    });
    expect(off.map(({ level3 }) => level3)).toEqual(["R-424A"]);
    expect(refrigerantGwp("R-424A", "AR5")).toMatchObject({ gwp: "2211.85", published: "3104" });
    expect(off[0]?.note).toMatch(/3104/);
  });

  it("R-410A is 2,087.5 under AR4 and 1,923.5 under AR5, printed 1,924", () => {
    expect(refrigerantGwp("R410A", "AR4").gwp).toBe("2087.5");
    expect(refrigerantGwp("R-410A", "AR5")).toMatchObject({ gwp: "1923.5", published: "1924" });
    expect(refrigerantGwp("R-32", "AR5").gwp).toBe("677");
    expect(refrigerantGwp("HFC-125", "AR4").gwp).toBe("3500");
  });

  it("re-weights gases from one basis to another, by mass or by ratio", () => {
    const gas = find("epa-hub-2025", "natural-gas", "mmBtu");
    expect(co2eOf(gas.gases, "AR4", "AR5").kgCo2e).toBe("53.1148");
    const uk = factor("desnz-2024/1_100_1004_6");
    expect(co2eOf(uk.gases, "AR5", "AR5").kgCo2e).toBe("0.1829");
    expect(co2eOf(uk.gases, "AR6", "AR5").byGas.CH4).toBe("0.000279");
  });

  it("1,000 lb of methane weigh 12,700.59 kg CO2e under AR5", () => {
    const { kgCo2e } = co2eOf([{ gas: "CH4", amount: "1000", as: "LB" }], "AR5", null);
    expect(decimal(kgCo2e).toFixed(2)).toBe(convert("28000", "lb", "kg").toFixed(2));
  });
});
