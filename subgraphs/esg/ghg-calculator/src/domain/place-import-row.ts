/** Where a row of a file belongs: its site and its instrument, named as people name them. */
import type { TenantDb } from "@tessera/database";
import { allSites, instrumentsOfCalculations } from "../queries/calculations.js";
import type { Column } from "./map-columns.js";
import type { ActivityRow, RowError } from "./read-activity-rows.js";

export interface ImportPlaces {
  /** Ids by name in lower case. */
  sites: ReadonlyMap<string, string>;
  instruments: ReadonlyMap<string, string>;
}

export async function placesFor(db: TenantDb, calculationId: string): Promise<ImportPlaces> {
  const [sites, [instruments = []]] = await Promise.all([allSites(db), instrumentsOfCalculations(db, [calculationId])]);
  return {
    sites: new Map(sites.flatMap(({ id, name }) => [[name.toLowerCase(), id] as const, [id, id] as const])),
    instruments: new Map(instruments.map(({ id, reference }) => [reference.toLowerCase(), id])),
  };
}

export interface RowPlace {
  siteId: string | null;
  instrumentId: string | null;
  region: string | null;
}

/** A name nobody knows is a fault: a site made up by a typing error would be consolidated as if it existed. */
export function placeRow(row: ActivityRow, { sites, instruments }: ImportPlaces): RowPlace | RowError[] {
  const siteId = row.site === null ? null : sites.get(row.site.toLowerCase());
  const instrumentId = row.instrument === null ? null : instruments.get(row.instrument.toLowerCase());
  if (siteId !== undefined && instrumentId !== undefined) {
    return { siteId, instrumentId, region: row.region?.toUpperCase() ?? null };
  }
  return [
    ...(siteId === undefined ? [fault(row, "site", "SITE_NOT_FOUND", `There is no site named ${row.site}.`)] : []),
    ...(instrumentId === undefined
      ? [fault(row, "instrument", "INSTRUMENT_NOT_FOUND", `No instrument ${row.instrument} is recorded.`)]
      : []),
  ];
}

const fault = ({ row }: ActivityRow, column: Column, code: string, message: string): RowError => ({
  row,
  column,
  code,
  message,
});
