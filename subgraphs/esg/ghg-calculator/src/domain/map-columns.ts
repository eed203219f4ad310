/** Which column of a file means what, by the names people give their columns. */

export const columns = [
  "site",
  "activity",
  "quantity",
  "unit",
  "start",
  "end",
  "region",
  "notes",
  "supplier",
  "instrument",
  "category",
  "dataQuality",
  "uncertainty",
] as const;
export type Column = (typeof columns)[number];

const synonyms: Record<Column, readonly string[]> = {
  site: ["site", "site name", "facility", "location", "standort", "werk"],
  activity: ["activity", "activity type", "emission source", "source", "fuel", "aktivität", "energieträger"],
  quantity: ["quantity", "amount", "value", "consumption", "usage", "menge", "verbrauch"],
  unit: ["unit", "units", "uom", "unit of measure", "einheit"],
  start: ["start", "start date", "from", "period start", "date", "beginn", "von", "datum"],
  end: ["end", "end date", "to", "until", "period end", "ende", "bis"],
  region: ["region", "country", "grid", "grid region", "land"],
  notes: ["notes", "note", "comment", "comments", "description", "bemerkung", "notiz"],
  supplier: ["supplier", "vendor", "carrier", "lieferant"],
  instrument: ["instrument", "certificate", "contract", "eac", "rego", "goo", "zertifikat"],
  category: ["category", "scope 3 category", "scope3 category"],
  dataQuality: ["data quality", "quality", "datenqualität"],
  uncertainty: ["uncertainty", "uncertainty %", "uncertainty percent", "unsicherheit"],
};

/** Without these a file says nothing that could be calculated. A file without `end` has one day per row. */
export const requiredColumns: readonly Column[] = ["activity", "quantity", "unit", "start"];

export interface ColumnMap {
  /** Position of each column the file has. */
  positions: Partial<Record<Column, number>>;
  missing: Column[];
  /** Columns found twice, by their names in the file. */
  doubled: string[];
  /** Names that mean nothing here; their cells are not read. */
  ignored: string[];
}

const normalized = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[_\s]+/g, " ");

export function mapColumns(header: readonly string[]): ColumnMap {
  const map: ColumnMap = { positions: {}, missing: [], doubled: [], ignored: [] };
  header.forEach((name, position) => {
    const column = columns.find((candidate) => synonyms[candidate].includes(normalized(name)));
    if (!column) map.ignored.push(...(name === "" ? [] : [name]));
    else if (map.positions[column] !== undefined) map.doubled.push(name);
    else map.positions[column] = position;
  });
  map.missing = requiredColumns.filter((column) => map.positions[column] === undefined);
  return map;
}
