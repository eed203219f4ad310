/**
 * Reference packs: published emission factors and warming potentials in this project's own format, one JSON file each
 * under `reference/`. A pack names its publisher, licence and validity once; its rows stand in groups that share a
 * header, one row per line, every figure as the publisher printed it.
 *
 * Columns: `id` is the publisher's row id, or one made of the table and the row's name. `gas:CH4:G` is an amount of one
 * gas per unit. `also:<name>` is a further published figure, kept for checking and for readers. `wtt`, `td`, `wttTd`,
 * `biogenicRow` and `electricity` name rows of the same pack.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { errors } from "../errors.js";

export type GwpBasis = "SAR" | "TAR" | "AR4" | "AR5" | "AR6";
export type EmissionScope = "SCOPE_1" | "SCOPE_2" | "SCOPE_3" | "OUTSIDE_OF_SCOPES";
/** Gross (higher) and net (lower) heating value are never mixed. */
export type HeatingValue = "GROSS" | "NET";
/**
 * Where in the life of the fuel: burning, use or generation (DIRECT), well to tank (WTT), losses on the way to the
 * consumer (TD), well to tank of those losses (WTT_TD), biogenic CO2 outside of the scopes (BIOGENIC).
 */
export type Stage = "DIRECT" | "WTT" | "TD" | "WTT_TD" | "BIOGENIC";
export type FactorOrigin = "REFERENCE" | "CUSTOM" | "SUPPLIER";

/**
 * Amount of one gas per unit of activity. KG_CO2E: weighted by the publisher already; KG, G, LB: mass of the gas itself.
 * The gas `CO2_BIOGENIC` never counts in a scope.
 */
export interface GasAmount {
  gas: string;
  amount: string;
  as: "KG_CO2E" | "KG" | "G" | "LB";
}

/** One emission factor: a row of `emission_factor`. Numbers are decimal strings. */
export interface Factor {
  id: string;
  /** Null: a custom factor without a set. */
  factorSetId: string | null;
  setKey: string;
  /** Stable and readable, such as `desnz-2024/1_100_1004_6`. */
  key: string;
  origin: FactorOrigin;
  year: number;
  /** ISO dates, both inclusive; null: open. */
  validFrom: string | null;
  validTo: string | null;
  /** `GB`, `US`, `US-CAMX` (eGRID subregion), `GLOBAL`. */
  region: string;
  scope: EmissionScope;
  stage: Stage;
  /** Scope 3 categories (1 to 15) it may be used in, the usual one first; empty for scopes 1 and 2. */
  scope3Categories: number[];
  /** Four levels and the column text as published; "" where the publisher left the level blank. */
  path: string[];
  /** Slug, unique together with set, unit, heating value and region. */
  activity: string;
  /** Unit code of `units.ts`; the factor is per one of it. */
  unit: string;
  heatingValue: HeatingValue | null;
  /** Null: not published (rows of biogenic CO2 carry their amount in `gases`). Never zero by omission. */
  kgCo2e: string | null;
  /** Empty where the publisher gives no split. */
  gases: GasAmount[];
  gwpBasis: GwpBasis | null;
  /** A fuel of biological origin, or its CO2. */
  biogenic: boolean;
  /** Keys of the rows that belong to the same activity. */
  wttKey: string | null;
  tdKey: string | null;
  wttTdKey: string | null;
  biogenicKey: string | null;
  /** Own plug-in vehicles: the scope 2 row of the same distance. */
  electricityKey: string | null;
  /** Share of generation lost in the grid; losses are consumption × factor × loss / (1 − loss). */
  lossFraction: string | null;
  /** Spend factors: the year of the money. */
  priceYear: number | null;
  note: string | null;
  supplierId: string | null;
}

/** A published set of factors in one version: a row of `factor_set`. */
export interface FactorSet {
  id: string;
  key: string;
  version: string;
  kind: "FACTORS" | "GWP";
  title: string;
  publisher: string;
  sourceDocument: string;
  year: number;
  publishedOn: string | null;
  validFrom: string | null;
  validTo: string | null;
  region: string;
  licence: string;
  attribution: string;
  gwpBasis: GwpBasis | null;
  notes: string[];
  /** SHA-256 of the pack file, hexadecimal. */
  checksum: string;
  /** False once a later version of the pack is loaded. */
  current: boolean;
  rowCount: number;
}

/** All packs that ship, in the order they are loaded. */
export const packNames = [
  "desnz-2024",
  "desnz-2025",
  "epa-hub-2025",
  "egrid-2023",
  "epa-refrigerants",
  "epa-supply-chain-2022",
  "ipcc-gwp",
] as const;
export type PackName = (typeof packNames)[number];

const decimalText = z.string().regex(/^-?\d+(\.\d+)?$/);
const isoDate = z.iso.date();
const cell = z.union([z.string(), z.null(), z.array(z.tuple([z.string(), decimalText]))]);

const headerSchema = z.strictObject({
  pack: z.enum(packNames),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  kind: z.enum(["FACTORS", "GWP"]),
  title: z.string().min(1),
  publisher: z.string().min(1),
  sourceDocument: z.string().min(1),
  year: z.int(),
  publishedOn: z
    .string()
    .regex(/^\d{4}-\d{2}(-\d{2})?$/)
    .nullable(),
  validFrom: isoDate.nullable(),
  validTo: isoDate.nullable(),
  region: z.string().regex(/^(GLOBAL|[A-Z]{2}(-[A-Z0-9]+)?)$/),
  licence: z.string().min(1),
  attribution: z.string().min(1),
  gwpBasis: z.enum(["SAR", "TAR", "AR4", "AR5", "AR6"]).nullable(),
  notes: z.array(z.string()),
});
const fileSchema = headerSchema.extend({
  groups: z.array(
    z.strictObject({
      common: z.record(z.string(), z.unknown()),
      columns: z.array(z.string()),
      rows: z.array(z.array(cell)).min(1),
    }),
  ),
});

const rowSchema = z.strictObject({
  id: z.string().min(1),
  scope: z.enum(["SCOPE_1", "SCOPE_2", "SCOPE_3", "OUTSIDE_OF_SCOPES"]),
  stage: z.enum(["DIRECT", "WTT", "TD", "WTT_TD", "BIOGENIC"]),
  scope3Categories: z.array(z.int().min(1).max(15)),
  level1: z.string().min(1),
  level2: z.string(),
  level3: z.string().default(""),
  level4: z.string().default(""),
  text: z.string().default(""),
  activity: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  unit: z.string().min(1),
  heatingValue: z.enum(["GROSS", "NET"]).nullable().default(null),
  region: z.string().optional(),
  kgCo2e: decimalText.nullable().default(null),
  biogenic: z.boolean().default(false),
  wtt: z.string().nullable().default(null),
  td: z.string().nullable().default(null),
  wttTd: z.string().nullable().default(null),
  biogenicRow: z.string().nullable().default(null),
  electricity: z.string().nullable().default(null),
  lossFraction: decimalText.nullable().default(null),
  priceYear: z.int().nullable().default(null),
  note: z.string().nullable().default(null),
  /** Refrigerant blends: component and percent of mass. */
  composition: z
    .array(z.tuple([z.string(), decimalText]))
    .nullable()
    .default(null),
  gases: z.array(z.strictObject({ gas: z.string(), amount: decimalText, as: z.enum(["KG_CO2E", "KG", "G", "LB"]) })),
  also: z.record(z.string(), decimalText),
});

export type PackHeader = z.infer<typeof headerSchema>;
export type PackRow = z.infer<typeof rowSchema>;
/** A line of the file as a record: the group's header and the row's cells, not yet checked. */
export type PackRecord = Record<string, unknown>;
export interface PackFile {
  header: PackHeader;
  checksum: string;
  records: PackRecord[];
}

/** @returns the text of a shipped pack and its SHA-256. */
export function packText(name: PackName): { text: string; checksum: string } {
  const text = readFileSync(new URL(`../../reference/${name}.json`, import.meta.url), "utf8");
  return { text, checksum: createHash("sha256").update(text).digest("hex") };
}

/** Reads a pack file. @throws REFERENCE_PACK_INVALID when header or table layout are wrong. */
export function readPack(name: PackName): PackFile {
  const { text, checksum } = packText(name);
  const parsed = fileSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw errors.REFERENCE_PACK_INVALID({ pack: name, reason: z.prettifyError(parsed.error) });
  const { groups, ...header } = parsed.data;
  const records = groups.flatMap(({ common, columns, rows }) =>
    rows.map((cells): PackRecord => {
      if (cells.length !== columns.length) {
        throw errors.REFERENCE_PACK_INVALID({
          pack: name,
          reason: `row ${String(cells[0])} has ${cells.length} cells`,
        });
      }
      return { ...common, ...Object.fromEntries(columns.map((column, index) => [column, cells[index]])) };
    }),
  );
  return { header, checksum, records };
}

/** Reads the factor rows of a pack. @throws REFERENCE_PACK_INVALID naming the row and what is wrong with it. */
export function readPackRows({ header, records }: PackFile): PackRow[] {
  return records.map((record) => {
    const parsed = rowSchema.safeParse(foldColumns(record));
    if (parsed.success) return parsed.data;
    const reason = `row ${String(record.id)}: ${z.prettifyError(parsed.error)}`;
    throw errors.REFERENCE_PACK_INVALID({ pack: header.pack, reason });
  });
}

/** Gathers `gas:…` and `also:…` columns; blank cells count as not published. */
function foldColumns(record: PackRecord): PackRecord {
  const gases: unknown[] = [];
  const also: PackRecord = {};
  const row: PackRecord = { gases, also };
  for (const [column, value] of Object.entries(record)) {
    const [family, name, as] = column.split(":");
    if (name === undefined) row[column] = value;
    else if (value === null) continue;
    else if (family === "gas") gases.push({ gas: name, amount: value, as });
    else also[name] = value;
  }
  return row;
}
