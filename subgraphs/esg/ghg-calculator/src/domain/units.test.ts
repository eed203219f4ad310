import { describe, expect, it } from "vitest";
import {
  convert,
  convertible,
  gasVolumeToKwh,
  parseUnit,
  standardVolumeCorrection,
  unitKind,
  unitsOf,
} from "./units.js";

const codeOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return "nothing thrown";
};
const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing thrown";
};

describe("conversion", () => {
  it.each([
    ["lb", "kg", "0.45359237"],
    ["short_ton", "kg", "907.18474"],
    ["long_ton", "kg", "1016.0469088"],
    ["t", "kg", "1000"],
    ["us_gallon", "litre", "3.785411784"],
    ["uk_gallon", "litre", "4.54609"],
    ["us_barrel", "us_gallon", "42"],
    ["ft3", "m3", "0.028316846592"],
    ["mile", "km", "1.609344"],
    ["nautical_mile", "km", "1.852"],
    ["kWh", "MJ", "3.6"],
    ["MWh", "GJ", "3.6"],
    ["Btu", "J", "1055.05585262"],
    ["mmBtu", "GJ", "1.05505585262"],
    ["therm", "mmBtu", "0.1"],
    ["toe", "GJ", "41.868"],
    ["hectare", "m2", "10000"],
    ["ccf", "ft3", "100"],
    ["million_litre", "m3", "1000"],
    ["ft2", "m2", "0.09290304"],
    ["kg_km", "tonne_km", "0.001"],
  ])("one %s is exactly %s × %s by definition", (from, to, expected) => {
    expect(convert("1", from, to).toFixed()).toBe(expected);
  });

  it.each([
    ["short_ton_mile", "tonne_km", "1.459972"],
    ["mmBtu", "kWh", "293.0710702"],
    ["therm", "kWh", "29.30710702"],
  ])("one %s in %s rounds to the published %s", (from, to, published) => {
    const places = published.split(".")[1]?.length ?? 0;
    expect(convert("1", from, to).toFixed(places)).toBe(published);
  });

  it("keeps every digit where binary floats would not", () => {
    expect(
      convert("0.1", "t", "kg")
        .plus(convert("0.2", "t", "kg"))
        .toFixed(),
    ).toBe("300");
    expect(convert("123456789012345678.901", "kg", "g").toFixed()).toBe("123456789012345678901");
  });

  it("turns 500 therms into 14,653.55 kWh and 2,680.13 kg CO2e at 0.1829 kg per kWh", () => {
    const kwh = convert("500", "therm", "kWh");
    expect(kwh.toFixed(2)).toBe("14653.55");
    expect(kwh.times("0.1829").toFixed(2)).toBe("2680.13");
  });

  it("gives EPA's 0.005306 t of CO2 per therm from 53.06 kg per mmBtu", () => {
    expect(convert("1", "therm", "mmBtu").times("53.06").dividedBy(1000).toFixed()).toBe("0.005306");
  });

  it("refuses another kind, naming both units", () => {
    expect(codeOf(() => convert("1", "kWh", "litre"))).toBe("UNIT_KINDS_DIFFER");
    expect(messageOf(() => convert("1", "kWh", "litre"))).toMatch(/kWh.*energy.*litre.*volume/);
    expect(codeOf(() => convert("1", "km", "passenger_km"))).toBe("UNIT_KINDS_DIFFER");
    expect(codeOf(() => convert("1", "t", "tonne_km"))).toBe("UNIT_KINDS_DIFFER");
  });

  it("refuses to exchange money, and leaves the same currency alone", () => {
    expect(codeOf(() => convert("1", "GBP", "USD"))).toBe("UNIT_KINDS_DIFFER");
    expect(convert("12.50", "GBP", "GBP").toFixed(2)).toBe("12.50");
    expect(convertible("GBP", "USD")).toBe(false);
  });

  it.each(["", "12,5", "abc", "NaN", "Infinity", "1e", "0x10", "1e9999"])("refuses “%s” as a quantity", (quantity) => {
    expect(codeOf(() => convert(quantity, "kg", "t"))).toBe("INVALID_QUANTITY");
  });

  it("knows the kind of each unit and no other unit", () => {
    expect(unitKind("kWh")).toBe("energy");
    expect(unitKind("GBP")).toBe("money");
    expect(codeOf(() => unitKind("furlong"))).toBe("UNKNOWN_UNIT");
    expect(unitsOf("energy")).toContain("therm");
  });
});

describe("units as on bills", () => {
  it.each([
    ["kWh", "kWh"],
    ["KWH", "kWh"],
    ["kwh", "kWh"],
    ["kW·h", "kWh"],
    ["MWh", "MWh"],
    ["MWH", "MWh"],
    ["mwh", "MWh"],
    ["GWh", "GWh"],
    ["MJ", "MJ"],
    ["GJ", "GJ"],
    ["TJ", "TJ"],
    ["therm", "therm"],
    ["Therms", "therm"],
    ["thm", "therm"],
    ["mmBtu", "mmBtu"],
    ["MMBtu", "mmBtu"],
    ["MMBTU", "mmBtu"],
    ["dekatherms", "mmBtu"],
    ["m3", "m3"],
    ["m³", "m3"],
    ["M3", "m3"],
    ["cubic metres", "m3"],
    ["Cubic Meters", "m3"],
    ["ft3", "ft3"],
    ["scf", "ft3"],
    ["cu. ft", "ft3"],
    ["hcf", "ccf"],
    ["CCF", "ccf"],
    ["Mcf", "mcf"],
    ["litres", "litre"],
    ["L", "litre"],
    ["l", "litre"],
    ["liters", "litre"],
    ["ML", "million_litre"],
    ["ml", "millilitre"],
    ["million litres", "million_litre"],
    ["us_gallon", "us_gallon"],
    ["US gal", "us_gallon"],
    ["US gallons", "us_gallon"],
    ["imperial gallons", "uk_gallon"],
    ["kg", "kg"],
    ["KG", "kg"],
    ["kilograms", "kg"],
    ["g", "g"],
    ["t", "t"],
    ["tonnes", "t"],
    ["metric tons", "t"],
    ["short tons", "short_ton"],
    ["short_ton", "short_ton"],
    ["lbs", "lb"],
    ["km", "km"],
    ["kilometres", "km"],
    ["mi", "mile"],
    ["miles", "mile"],
    ["vehicle-mile", "mile"],
    ["passenger.km", "passenger_km"],
    ["pkm", "passenger_km"],
    ["passenger-miles", "passenger_mile"],
    ["t·km", "tonne_km"],
    ["t.km", "tonne_km"],
    ["tkm", "tonne_km"],
    ["tonne-km", "tonne_km"],
    ["tonne.km", "tonne_km"],
    ["tonne kilometres", "tonne_km"],
    ["short ton-mile", "short_ton_mile"],
    ["short ton-miles", "short_ton_mile"],
    ["room-night", "room_night"],
    ["Room per night", "room_night"],
    ["per FTE Working Hour", "hour"],
    ["hours", "hour"],
    ["m²", "m2"],
    ["sq ft", "ft2"],
    ["GBP", "GBP"],
    ["USD", "USD"],
    ["£", "GBP"],
    ["€", "EUR"],
    ["CHF", "CHF"],
  ])("reads “%s” as %s", (text, unit) => {
    expect(parseUnit(text)).toEqual({ unit, heatingValue: null });
  });

  it.each([
    ["kWh (Gross CV)", "kWh", "GROSS"],
    ["kWh (Net CV)", "kWh", "NET"],
    ["kWh gross", "kWh", "GROSS"],
    ["mmBtu HHV", "mmBtu", "GROSS"],
    ["GJ (NCV)", "GJ", "NET"],
  ])("reads “%s” as %s with its heating value", (text, unit, heatingValue) => {
    expect(parseUnit(text)).toEqual({ unit, heatingValue });
  });

  it("refuses a bare gal, naming both gallons", () => {
    expect(codeOf(() => parseUnit("gal"))).toBe("AMBIGUOUS_UNIT");
    expect(messageOf(() => parseUnit("Gallons"))).toMatch(/us_gallon or uk_gallon/);
  });

  it.each(["ton", "Tons", "T", "MT", "mWh", "mJ", "MBtu", "pounds", "$", "ton-mile"])(
    "refuses the ambiguous “%s”",
    (text) => {
      expect(codeOf(() => parseUnit(text))).toBe("AMBIGUOUS_UNIT");
    },
  );

  it.each(["", "furlong", "kW", "M", "kg net", "gbp2", "constructor", "__proto__"])(
    "refuses the unknown “%s”",
    (text) => {
      expect(codeOf(() => parseUnit(text))).toBe("UNKNOWN_UNIT");
    },
  );

  it("reads every code it hands out", () => {
    const kinds = [
      "energy",
      "volume",
      "mass",
      "distance",
      "passenger-distance",
      "freight",
      "accommodation",
      "area",
    ] as const;
    for (const unit of kinds.flatMap(unitsOf)) expect(parseUnit(unit).unit).toBe(unit);
  });
});

describe("metered gas", () => {
  it("becomes kWh only through the calorific value and correction on the bill", () => {
    const bill = { volume: "100", unit: "m3", calorificValue: "39.5", volumeCorrection: standardVolumeCorrection };
    expect(gasVolumeToKwh(bill).toFixed(4)).toBe("1122.0633");
    expect(codeOf(() => convert("100", "m3", "kWh"))).toBe("UNIT_KINDS_DIFFER");
  });

  it("takes imperial meters in hundreds of cubic feet", () => {
    const bill = { volume: "10", unit: "ccf", calorificValue: "39.5", volumeCorrection: "1" };
    expect(gasVolumeToKwh(bill).toFixed(2)).toBe("310.70");
  });
});
