/**
 * Loads the shipped reference packs into `factor_set` and `emission_factor`, as rows without a tenant. A pack version is
 * written once; a later version adds new rows and the old ones stay, so that past results keep the factor they used.
 */
import type { Database } from "@tessera/database";
import { getTableColumns, getTableName } from "drizzle-orm";
import { type AnyPgTable, getTableConfig } from "drizzle-orm/pg-core";
import { searchTextOf } from "../domain/find-factors.js";
import { errors } from "../errors.js";
import { emissionFactor, factorSet } from "../tables.js";
import { factorSetOf, factorsOf } from "./build-factors.js";
import { type PackName, packNames, packText, readPack } from "./pack.js";

/** The owner's connection; a transaction of it works as well. */
type Sql = Database["admin"];

export interface LoadedPacks {
  loaded: PackName[];
  unchanged: PackName[];
}

interface StoredSet {
  key: string;
  version: string;
  checksum: string;
  current: boolean;
}

/**
 * Idempotent; one query when nothing changed. Each pack is written in a transaction of its own, by one process at a time.
 * @throws REFERENCE_PACK_CHANGED when a loaded version has other content now; REFERENCE_PACK_INVALID for a damaged file.
 */
export async function loadPacks(sql: Sql): Promise<LoadedPacks> {
  const stored = await storedSets(sql);
  const result: LoadedPacks = { loaded: [], unchanged: [] };
  for (const name of packNames) {
    const { checksum } = packText(name);
    const written = !holds(stored, name, checksum) && (await loadPack(sql, name));
    result[written ? "loaded" : "unchanged"].push(name);
  }
  return result;
}

const storedSets = (sql: Sql): Promise<StoredSet[]> =>
  sql<StoredSet[]>`select key, version, checksum, current from ${sql(qualified(factorSet))} where tenant_id is null`;
const holds = (stored: readonly StoredSet[], name: PackName, checksum: string): boolean =>
  stored.some((set) => set.key === name && set.current && set.checksum === checksum);

/** @returns false when another process wrote the pack in the meantime. */
async function loadPack(sql: Sql, name: PackName): Promise<boolean> {
  const file = readPack(name);
  const set = factorSetOf(file);
  const factors = factorsOf(file).map((factor) => ({ ...factor, searchText: searchTextOf(factor) }));
  return sql.begin(async (transaction) => {
    const tx = transaction as unknown as Sql;
    await tx`select pg_advisory_xact_lock(hashtext('ghg-calculator/reference'))`;
    const stored = await storedSets(tx);
    if (holds(stored, name, set.checksum)) return false;
    if (stored.some(({ key, version }) => key === name && version === set.version)) {
      throw errors.REFERENCE_PACK_CHANGED({ pack: name, version: set.version });
    }
    await tx`update ${tx(qualified(factorSet))} set current = false where key = ${name} and tenant_id is null`;
    await insertRows(tx, factorSet, [set]);
    await insertRows(tx, emissionFactor, factors);
    return true;
  });
}

/** One statement however many rows: the rows travel as one JSON document. */
async function insertRows(sql: Sql, table: AnyPgTable, rows: readonly object[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.entries(getTableColumns(table)).filter(([property]) => property in first);
  const names = columns.map(([, { name }]) => `"${name}"`).join(", ");
  const types = columns.map(([, column]) => `"${column.name}" ${column.getSQLType()}`).join(", ");
  const document = rows.map((row) =>
    Object.fromEntries(columns.map(([property, { name }]) => [name, (row as Record<string, unknown>)[property]])),
  );
  await sql.unsafe(
    `insert into ${quoted(table)} (${names}) select ${names} from json_to_recordset($1::text::json) as row(${types})`,
    [JSON.stringify(document)],
  );
}

const qualified = (table: AnyPgTable): string => `${getTableConfig(table).schema ?? "public"}.${getTableName(table)}`;
const quoted = (table: AnyPgTable): string =>
  qualified(table)
    .split(".")
    .map((part) => `"${part}"`)
    .join(".");

export default async function loadReference(sql: Sql): Promise<void> {
  await loadPacks(sql);
}
