import type { Database } from "@tessera/database";
import { createTestDatabase } from "@tessera/database/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as tables from "../tables.js";
import { loadPacks } from "./load-packs.js";
import { packNames } from "./pack.js";

const tenantId = "0190a000-0000-7000-8000-0000000000aa";
let database: Database;
beforeAll(async () => {
  const migrations = new URL("../../migrations/", import.meta.url);
  database = await createTestDatabase([{ name: "ghg-calculator", migrations, tables }]);
});
afterAll(() => database.close());

const count = async (): Promise<number> => {
  const [row] = await database.admin<{ n: number }[]>`select count(*)::int as n from ghg_calculator.emission_factor`;
  return row?.n ?? -1;
};

/** The same connection, which tells of each statement it is given. */
function counted(sql: Database["admin"], tell: () => void): Database["admin"] {
  return new Proxy(sql, {
    apply: (target, self, given) => {
      if (Array.isArray(given[0])) tell();
      return Reflect.apply(target, self, given);
    },
    get: (target, name) => {
      if (name === "unsafe") tell();
      if (name !== "begin") return Reflect.get(target, name);
      return (work: (tx: unknown) => unknown) => target.begin((tx) => work(counted(tx as never, tell)));
    },
  });
}

describe("loading reference packs", () => {
  it("leaves each pack once when two processes load at the same time", async () => {
    const migrations = new URL("../../migrations/", import.meta.url);
    const other = await createTestDatabase([{ name: "ghg-calculator", migrations, tables }]);
    const [first, second] = await Promise.all([loadPacks(other.admin), loadPacks(other.admin)]);
    expect([...first.loaded, ...second.loaded].sort()).toEqual([...packNames].sort());
    const [row] = await other.admin`select count(*)::int as n from ghg_calculator.emission_factor`;
    expect(row).toEqual({ n: 7121 });
    await other.close();
  });

  it("writes all factors in a few statements, which takes moments on a busy machine too", async () => {
    let statements = 0;
    const counting = counted(database.admin, () => statements++);
    expect(await loadPacks(counting)).toEqual({ loaded: [...packNames], unchanged: [] });
    expect(await count()).toBe(7121);
    expect(statements).toBeGreaterThan(2 * packNames.length);
    expect(statements).toBeLessThan(20 * packNames.length);
  });

  it("writes nothing a second time", async () => {
    expect(await loadPacks(database.admin)).toEqual({ loaded: [], unchanged: [...packNames] });
    expect(await count()).toBe(7121);
  });

  it("lets every tenant read the factors, each figure as published", async () => {
    const { emissionFactor } = tables;
    const db = database.forModule("ghg-calculator").reader({ tenantId });
    const [gas] = await db.select().from(emissionFactor).where(eq(emissionFactor.key, "desnz-2024/1_100_1004_6"));
    expect(gas).toMatchObject({
      kgCo2e: "0.1829",
      unit: "kWh",
      heatingValue: "GROSS",
      validFrom: "2024-01-01",
      validTo: "2024-12-31",
      scope3Categories: [],
      path: ["Fuels", "Gaseous fuels", "Natural gas", "", ""],
      gases: [
        { gas: "CO2", amount: "0.18253", as: "KG_CO2E" },
        { gas: "CH4", amount: "0.00028", as: "KG_CO2E" },
        { gas: "N2O", amount: "0.00009", as: "KG_CO2E" },
      ],
      wttKey: "desnz-2024/11_100_1004_6",
      tenantId: null,
      searchText: "fuels gaseous natural gas",
    });
  });

  it("lets no tenant change them", async () => {
    const { emissionFactor } = tables;
    const work = database.forModule("ghg-calculator").transaction({ tenantId }, async (tx) => {
      const changed = await tx.update(emissionFactor).set({ kgCo2e: "0" }).returning({ id: emissionFactor.id });
      if (changed.length > 0) throw new Error("changed reference data");
    });
    await expect(work).resolves.toBeUndefined();
  });

  it("keeps the rows of an earlier version, no longer current", async () => {
    await database.admin`update ghg_calculator.factor_set set version = '0.9.0', checksum = 'older' where key = 'egrid-2023'`;
    // Rows of another version have other ids.
    await database.admin`update ghg_calculator.emission_factor set id = gen_random_uuid() where set_key = 'egrid-2023'`;
    await database.admin`update ghg_calculator.emission_factor set factor_set_id = null where set_key = 'egrid-2023'`;
    await database.admin`update ghg_calculator.factor_set set id = gen_random_uuid() where key = 'egrid-2023'`;
    expect((await loadPacks(database.admin)).loaded).toEqual(["egrid-2023"]);
    expect(await count()).toBe(7121 + 56);
    const sets = await database.admin`
      select version, current from ghg_calculator.factor_set where key = 'egrid-2023' order by version`;
    expect([...sets]).toEqual([
      { version: "0.9.0", current: false },
      { version: "1.0.0", current: true },
    ]);
  });

  it("refuses other content under a version that was loaded, and leaves what is there", async () => {
    await database.admin`update ghg_calculator.factor_set set checksum = 'other' where key = 'ipcc-gwp'`;
    await expect(loadPacks(database.admin)).rejects.toMatchObject({ code: "REFERENCE_PACK_CHANGED" });
    expect(await count()).toBe(7121 + 56);
  });
});
