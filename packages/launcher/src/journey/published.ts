/**
 * What the demo's activity data must come to. Every figure is quantity × factor of the UK Government GHG Conversion
 * Factors for Company Reporting 2024 (DESNZ, version 1.1), except where a line names another source. kg CO2e.
 */

export interface PublishedLine {
  readonly what: string;
  readonly activity: string;
  /** The quantity as it stands in the file, to tell two bills of one activity apart. */
  readonly quantity: string;
  readonly stage: "DIRECT" | "WTT" | "TD" | "WTT_TD" | "BIOGENIC";
  readonly basis?: "LOCATION";
  /** The factor as published, per unit of the factor. */
  readonly factor: string;
  readonly kg: string;
}

const line = (what: string, activity: string, quantity: string, factor: string, kg: string): PublishedLine => ({
  what,
  activity,
  quantity,
  stage: "DIRECT",
  factor,
  kg,
});

export const publishedLines: readonly PublishedLine[] = [
  line("natural gas, 100,000 kWh gross", "natural-gas", "100000", "0.1829", "18290"),
  { ...line("the same, well-to-tank", "natural-gas", "100000", "0.03021", "3021"), stage: "WTT" },
  line("natural gas, 1,000 m³", "natural-gas", "1000", "2.04542", "2045.42"),
  line("diesel with biofuel, 1,000 litres", "diesel-average-biofuel-blend", "1000", "2.51279", "2512.79"),
  { ...line("the same, well-to-tank", "diesel-average-biofuel-blend", "1000", "0.61101", "611.01"), stage: "WTT" },
  { ...line("the same, biogenic CO2", "diesel-average-biofuel-blend", "1000", "0.16", "160"), stage: "BIOGENIC" },
  { ...line("electricity, 620 MWh", "electricity-grid", "620", "0.20705", "128371"), basis: "LOCATION" },
  { ...line("the same, grid losses", "electricity-grid", "620", "0.0183", "11346"), stage: "TD" },
  line("refrigerant R410A, 5 kg (IPCC AR5)", "refrigerant-r410a", "5", "1924", "9620"),
  line("wood logs, 10 t: CH4 and N2O", "wood-logs", "10", "46.25524", "462.5524"),
  { ...line("the same, biogenic CO2", "wood-logs", "10", "1436.23", "14362.3"), stage: "BIOGENIC" },
  line("road freight, 100,000 t·km", "hgv-average-laden", "100000", "0.09752", "9752"),
  line("short-haul flights, 24,000 passenger km", "flight-short-haul-economy-with-rf", "24000", "0.18287", "4388.88"),
  line("rail, 18,500 passenger km", "rail-national", "18500", "0.03546", "656.01"),
  line("landfill, 42.5 t", "waste-landfill-commercial-and-industrial", "42.5", "520.3342", "22114.2035"),
  line("water, 3,200 m³", "water-supply", "3200", "0.15311", "489.952"),
  line("hotel, 64 room nights", "hotel-stay-united-kingdom", "64", "10.4", "665.6"),
];

/** Totals that follow from published factors alone. */
export const publishedTotals = {
  /** 1 GWh of UK electricity in 2024: 207.05 t, location-based. */
  scope2Location: "207050",
  /** 600 MWh are covered by certificates of origin at zero; the other 400 MWh fall back to the grid average. */
  scope2Market: "82820",
} as const;

/** Scope 3 by category of the GHG Protocol, for the categories that no unit conversion enters. */
export const publishedCategories: Readonly<Record<number, string>> = {
  1: "489.952",
  4: "9752",
  5: "22114.2035",
  6: "5710.49",
};
