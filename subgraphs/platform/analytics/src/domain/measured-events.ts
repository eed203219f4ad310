/**
 * What is measured in the events of other modules: a table of event → metrics. A new measurable event is a new entry
 * here, and nothing else.
 */
import { type EventContract, esgEvents } from "@tessera/shared-types";
import type { Dimensions } from "../tables.js";

export interface Measurement {
  readonly key: string;
  readonly value: string;
  /** The instant, or the first instant of the period the value is of. */
  readonly at: Date;
  readonly dimensions: Dimensions;
}

export interface MeasuredEvent<Payload = unknown> {
  readonly contract: EventContract<Payload>;
  /** What the measurements are about. An event about the same thing replaces what an earlier version said. */
  source(payload: Payload): string;
  /** Grows with every new version of the same thing; the order of arrival does not matter. */
  version(payload: Payload): number;
  measure(payload: Payload): Measurement[];
}

export interface KnownMetric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

const tonnes = (name: string, description: string): KnownMetric => ({ name, unit: "t CO2e", description });

/** Metrics that events feed, by key. */
export const knownMetrics: Readonly<Record<string, KnownMetric>> = {
  "ghg.scope1": tonnes("Scope 1", "Direct emissions."),
  "ghg.scope2.location": tonnes("Scope 2, location-based", "Purchased energy by the average of its grid."),
  "ghg.scope2.market": tonnes("Scope 2, market-based", "Purchased energy by contract."),
  "ghg.scope3": tonnes("Scope 3", "Emissions of the value chain, all categories."),
  "ghg.scope3.category": tonnes("Scope 3 by category", "Emissions of one GHG Protocol category, dimension `category`."),
  "ghg.total": tonnes("Total emissions", "Scopes 1, 2 and 3, with the scope 2 figure named by dimension `scope2`."),
  "ghg.biogenic": { name: "Biogenic CO2", unit: "t CO2", description: "Outside of scopes and not in the total." },
};

type EmissionsPayload = typeof esgEvents.emissionsCalculated extends EventContract<infer Payload> ? Payload : never;

function measureEmissions({
  calculationId,
  period,
  emissions,
  scope3Categories,
  verificationStatus,
}: EmissionsPayload) {
  const at = new Date(`${period.start}T00:00:00Z`);
  const common = { calculation: calculationId, status: verificationStatus };
  const point = (key: string, value: string, more: Dimensions = {}) => ({
    key,
    value,
    at,
    dimensions: { ...common, ...more },
  });
  return [
    point("ghg.scope1", emissions.scope1),
    point("ghg.scope2.location", emissions.scope2Location),
    point("ghg.scope2.market", emissions.scope2Market),
    point("ghg.scope3", emissions.scope3),
    ...scope3Categories.map((each) => point("ghg.scope3.category", each.tonnes, { category: String(each.category) })),
    point("ghg.total", emissions.total, { scope2: emissions.totalUses }),
    point("ghg.biogenic", emissions.biogenicCo2),
  ];
}

export const emissions: MeasuredEvent<EmissionsPayload> = {
  contract: esgEvents.emissionsCalculated,
  source: ({ calculationId }) => calculationId,
  version: ({ version }) => version,
  measure: measureEmissions,
};

/** First parts of keys that belong to other modules. */
export const takenPrefixes: ReadonlySet<string> = new Set(
  Object.keys(knownMetrics).map((key) => key.split(".")[0] ?? key),
);
