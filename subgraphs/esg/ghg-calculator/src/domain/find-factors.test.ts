import { describe, expect, it } from "vitest";
import { factorsOf } from "../reference/build-factors.js";
import { type Factor, packNames, readPack } from "../reference/pack.js";
import { chooseFactor, type FactorRequest, regionsAround, searchFactors, searchTextOf } from "./find-factors.js";

const published = packNames.flatMap((name) => factorsOf(readPack(name)));
const gas2024 = published.find(({ key }) => key === "desnz-2024/1_100_1004_6") as Factor;
const own = (changes: Partial<Factor>): Factor => ({
  ...gas2024,
  id: "0190a000-0000-7000-8000-000000000001",
  factorSetId: null,
  setKey: "custom",
  key: "custom/1",
  origin: "CUSTOM",
  validFrom: null,
  validTo: null,
  kgCo2e: "0.15",
  ...changes,
});
const request = (changes: Partial<FactorRequest>): FactorRequest => ({
  activity: "natural-gas",
  unit: "kWh",
  region: "GB",
  date: "2024-06-30",
  factorSets: [],
  ...changes,
});
const thrown = (work: () => unknown): { code?: string; message: string; extensions?: { details?: unknown } } => {
  try {
    work();
  } catch (error) {
    return error as { code?: string; message: string };
  }
  return { message: "nothing thrown" };
};

describe("search", () => {
  it("finds what contains all words and puts the closest first", () => {
    const [first] = searchFactors(published, { text: "natural gas", region: "GB", year: 2024 });
    expect(first?.activity).toBe("natural-gas");
    expect(searchFactors(published, { text: "natural gas submarine" })).toEqual([]);
  });

  it("finds a factor by an everyday word and by part of a word", () => {
    expect(searchFactors(published, { text: "lorry average laden", unit: "tonne_km" })[0]?.activity).toMatch(/^hgv/);
    expect(
      searchFactors(published, { text: "refrig r410a" }).some(({ activity }) => activity === "refrigerant-r410a"),
    ).toBe(true);
  });

  it("takes wildcard characters of SQL as plain text", () => {
    expect(searchFactors(published, { text: "100% _ mineral diesel" })[0]?.activity).toBe("diesel-mineral");
  });

  it("narrows by scope, category, stage, kind of unit, year and set", () => {
    const wtt = searchFactors(published, {
      text: "diesel",
      stage: "WTT",
      scope3Category: 3,
      year: 2024,
      unitKind: "volume",
    });
    expect(wtt.length).toBeGreaterThan(0);
    expect(wtt.every(({ stage, scope, unit }) => stage === "WTT" && scope === "SCOPE_3" && unit === "litre")).toBe(
      true,
    );
    expect(searchFactors(published, { setKeys: ["egrid-2023"], activity: "electricity-grid" })).toHaveLength(28);
  });

  it("counts the regions a place lies in as its own", () => {
    expect(regionsAround("US-CAMX")).toEqual(["US-CAMX", "US", "GLOBAL"]);
    expect(regionsAround("GLOBAL")).toEqual(["GLOBAL"]);
  });

  it("writes the text a factor is found by in lower case", () => {
    expect(searchTextOf(gas2024)).toBe("fuels gaseous natural gas");
  });
});

describe("choice of a factor", () => {
  it("takes the newest set of the region that covers the date", () => {
    expect(chooseFactor(request({}), published)).toMatchObject({
      factor: { key: "desnz-2024/1_100_1004_6", kgCo2e: "0.1829" },
      because: "NEWEST_SET",
      outsideValidity: false,
    });
    expect(chooseFactor(request({ date: "2025-01-01" }), published).factor.kgCo2e).toBe("0.18296");
  });

  it("prefers the tenant's own factor, and only while it is valid", () => {
    const mine = own({ validFrom: "2024-01-01", validTo: "2024-06-30" });
    expect(chooseFactor(request({}), [...published, mine]).because).toBe("CUSTOM");
    expect(chooseFactor(request({ date: "2024-07-01" }), [...published, mine]).because).toBe("NEWEST_SET");
  });

  it("takes a supplier's factor for that supplier and nobody else", () => {
    const theirs = own({ origin: "SUPPLIER", supplierId: "0190a000-0000-7000-8000-00000000000a", key: "custom/2" });
    const candidates = [...published, theirs];
    expect(chooseFactor(request({ supplierId: "0190a000-0000-7000-8000-00000000000a" }), candidates).because).toBe(
      "SUPPLIER",
    );
    expect(chooseFactor(request({ supplierId: "0190a000-0000-7000-8000-00000000000b" }), candidates).because).toBe(
      "NEWEST_SET",
    );
    expect(chooseFactor(request({}), candidates).because).toBe("NEWEST_SET");
  });

  it("follows the chosen sets in their order and says when one does not cover the date", () => {
    const choice = chooseFactor(request({ factorSets: ["desnz-2025", "desnz-2024"] }), published);
    expect(choice).toMatchObject({ because: "CHOSEN_SET", outsideValidity: true, factor: { setKey: "desnz-2025" } });
    const diesel = request({
      activity: "diesel-mineral",
      unit: "litre",
      date: "2025-03-01",
      factorSets: ["desnz-2025", "desnz-2024"],
    });
    expect(chooseFactor(diesel, published)).toMatchObject({ outsideValidity: true, factor: { setKey: "desnz-2024" } });
  });

  it("keeps gross and net heating value apart and says when it assumed gross", () => {
    expect(chooseFactor(request({}), published)).toMatchObject({
      heatingValueAssumed: true,
      factor: { kgCo2e: "0.1829" },
    });
    expect(chooseFactor(request({ heatingValue: "NET" }), published)).toMatchObject({
      heatingValueAssumed: false,
      factor: { kgCo2e: "0.20264" },
    });
  });

  it("takes the row of the unit asked for, else the nearest unit of its kind", () => {
    expect(chooseFactor(request({ unit: "m3" }), published).factor.unit).toBe("m3");
    expect(chooseFactor(request({ unit: "therm" }), published).factor.unit).toBe("kWh");
    expect(chooseFactor(request({ activity: "car-average-diesel", unit: "mile" }), published).factor.unit).toBe("mile");
    expect(chooseFactor(request({ unit: "therm", region: "US" }), published).factor.key).toBe(
      "epa-hub-2025/t1-natural-gas-mmbtu",
    );
  });

  it("takes the subregion's grid, else the country's", () => {
    const power = { activity: "electricity-grid", unit: "kWh" };
    expect(chooseFactor(request({ ...power, region: "US-CAMX" }), published).factor.region).toBe("US-CAMX");
    expect(chooseFactor(request({ ...power, region: "US-XXXX" }), published).factor.region).toBe("US");
    expect(
      chooseFactor(request({ activity: "natural-gas", unit: "mmBtu", region: "US-CAMX" }), published).factor.region,
    ).toBe("US");
  });

  it("uses a chosen set of another region for spend and refrigerants, flagged, and never for the grid", () => {
    const spend = { activity: "spend-naics-541511", unit: "USD" };
    const choice = chooseFactor(request({ ...spend, factorSets: ["epa-supply-chain-2022"] }), published);
    expect(choice).toMatchObject({ because: "CHOSEN_SET", outsideRegion: true, factor: { kgCo2e: "0.084" } });
    expect(thrown(() => chooseFactor(request(spend), published)).message).toContain("epa-supply-chain-2022");
    const power = request({ activity: "electricity-grid", unit: "kWh", region: "FR", factorSets: ["desnz-2024"] });
    expect(thrown(() => chooseFactor(power, published)).code).toBe("FACTOR_NOT_FOUND");
    expect(chooseFactor(request({}), published).outsideRegion).toBe(false);
  });

  it("refuses to choose between two own factors, naming them", () => {
    const error = thrown(() => chooseFactor(request({}), [own({ key: "custom/1" }), own({ key: "custom/2" })]));
    expect(error.code).toBe("FACTOR_AMBIGUOUS");
    expect(error.extensions?.details).toMatchObject({ nearMatches: [{ key: "custom/1" }, { key: "custom/2" }] });
  });

  it("says which set has a factor that no set of the date has", () => {
    const error = thrown(() =>
      chooseFactor(request({ activity: "diesel-mineral", unit: "litre", date: "2025-03-01" }), published),
    );
    expect(error).toMatchObject({ code: "FACTOR_NOT_FOUND" });
    expect(error.message).toContain("Add a set that has it: desnz-2024");
  });

  it("says in which units and regions an activity is published", () => {
    const error = thrown(() => chooseFactor(request({ unit: "passenger_km" }), published));
    expect(error.message).toMatch(/per kWh in GB/);
  });

  it("names near activities for one it does not know", () => {
    const error = thrown(() => chooseFactor(request({ activity: "diesel-mineral-oil", unit: "litre" }), published));
    expect(error.code).toBe("FACTOR_NOT_FOUND");
    expect(error.message).toContain("diesel-mineral");
    expect(thrown(() => chooseFactor(request({ activity: "xyzzy" }), [])).message).toContain(
      "add a factor of your own",
    );
  });

  it("refuses a factor whose value the publisher left blank", () => {
    const error = thrown(() => chooseFactor(request({}), [{ ...gas2024, kgCo2e: null, gases: [] }]));
    expect(error.code).toBe("FACTOR_NOT_PUBLISHED");
  });

  it("answers for the scope and category asked", () => {
    expect(chooseFactor(request({ scope: "SCOPE_1" }), published).factor.scope).toBe("SCOPE_1");
    expect(thrown(() => chooseFactor(request({ scope: "SCOPE_3" }), published)).code).toBe("FACTOR_NOT_FOUND");
    const freight = { activity: "hgv-average-laden", unit: "tonne_km" };
    expect(chooseFactor(request({ ...freight, scope3Category: 9 }), published).factor.scope3Categories).toContain(9);
  });
});
