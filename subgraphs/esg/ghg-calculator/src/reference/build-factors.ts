/** Turns the rows of a pack into factors: ids, keys of linked rows, and CO2e where the publisher gives gases by mass. */
import { createHash } from "node:crypto";
import { co2eOf } from "./gwp.js";
import type { Factor, FactorSet, PackFile, PackRow } from "./pack.js";
import { readPackRows } from "./pack.js";

/** A UUID (version 8) that only depends on the text, so that loading twice gives the same row. */
export function stableId(text: string): string {
  const hex = createHash("sha256").update(`tessera/ghg-calculator/${text}`).digest("hex");
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function factorSetOf({ header, checksum, records }: PackFile): FactorSet {
  const { pack, ...facts } = header;
  const id = stableId(`${pack}@${header.version}`);
  return { ...facts, id, key: pack, checksum, current: true, rowCount: records.length };
}

/** The factors of a pack; none for a pack of warming potentials, which `gwp.ts` reads. */
export function factorsOf(file: PackFile): Factor[] {
  if (file.header.kind === "GWP") return [];
  const set = factorSetOf(file);
  return readPackRows(file).map((row) => factorOf(set, row));
}

function factorOf(set: FactorSet, row: PackRow): Factor {
  const keyOf = (id: string | null): string | null => (id === null ? null : `${set.key}/${id}`);
  return {
    id: stableId(`${set.key}@${set.version}/${row.id}`),
    factorSetId: set.id,
    setKey: set.key,
    key: `${set.key}/${row.id}`,
    origin: "REFERENCE",
    year: set.year,
    validFrom: set.validFrom,
    validTo: set.validTo,
    region: row.region ?? set.region,
    scope: row.scope,
    stage: row.stage,
    scope3Categories: row.scope3Categories,
    path: [row.level1, row.level2, row.level3, row.level4, row.text],
    activity: row.activity,
    unit: row.unit,
    heatingValue: row.heatingValue,
    kgCo2e: row.kgCo2e ?? computedCo2e(row, set),
    gases: row.gases,
    gwpBasis: set.gwpBasis,
    biogenic: row.biogenic,
    wttKey: keyOf(row.wtt),
    tdKey: keyOf(row.td),
    wttTdKey: keyOf(row.wttTd),
    biogenicKey: keyOf(row.biogenicRow),
    electricityKey: keyOf(row.electricity),
    lossFraction: row.lossFraction,
    priceYear: row.priceYear,
    note: row.note,
    supplierId: null,
  };
}

/** Gases published by mass are weighted with the set's basis. A row of nothing but biogenic CO2 outside of scopes has none. */
function computedCo2e(row: PackRow, { gwpBasis }: FactorSet): string | null {
  if (row.gases.length === 0 || row.stage === "BIOGENIC" || gwpBasis === null) return null;
  return co2eOf(row.gases, gwpBasis, gwpBasis).kgCo2e;
}
